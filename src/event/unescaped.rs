//! Strings without their escapes.

use std::ops::Range;

use super::structure::Found;

/// So many bytes are copied at once, the last of them in vain: most runs between escapes are short.
const RUN: usize = 32;

/// The strings of one record that had escapes.
#[derive(Default)]
pub(super) struct Unescaped {
    bytes: Vec<u8>,
    len: usize,
    /// Where the bytes will stand in the event's text.
    base: usize,
}

impl Unescaped {
    /// Forgets the last record; the strings will stand at `base` of a text, and are not longer than that
    /// together.
    pub(super) fn begin(&mut self, base: usize) {
        self.len = 0;
        self.base = base;
        if self.bytes.len() < base + RUN {
            self.bytes.resize(base + RUN, 0);
        }
    }

    /// All of them.
    pub(super) fn text(&self) -> Option<&str> {
        simdutf8::basic::from_utf8(&self.bytes[..self.len]).ok()
    }

    /// Adds the string at `part` of `text`, whose first escape begins at `escape`; says where it will stand.
    /// [`RUN`] bytes follow it in `text`.
    pub(super) fn push(
        &mut self,
        text: &[u8],
        found: Found<'_>,
        escape: usize,
        part: Range<usize>,
    ) -> Range<usize> {
        let start = self.base + self.len;
        let (mut from, mut next) = (part.start, Some(escape));
        while let Some(escape) = next {
            self.run(text, from, escape);
            self.bytes[self.len] = match text[escape + 1] {
                b'b' => 0x8,
                b'f' => 0xc,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                same => same,
            };
            self.len += 1;
            from = escape + 2;
            next = found.escape(from, part.end);
        }
        self.run(text, from, part.end);
        start..self.base + self.len
    }

    fn run(&mut self, text: &[u8], start: usize, end: usize) {
        let len = end - start;
        if len <= RUN {
            self.bytes[self.len..self.len + RUN].copy_from_slice(&text[start..start + RUN]);
        } else {
            self.bytes[self.len..self.len + len].copy_from_slice(&text[start..end]);
        }
        self.len += len;
    }
}
