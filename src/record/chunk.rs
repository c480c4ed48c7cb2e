//! A piece of decoded bytes, with what is needed to tell where each byte of it lies.

use super::Location;

/// From here on, in a chunk, the bytes are those of this segment from this offset on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Offset in the chunk, counted in raw bytes.
    pub at: usize,
    /// Offset of the segment in its container.
    pub segment: u64,
    /// Offset in the decoded segment.
    pub offset: u64,
}

/// How many raw bytes the bytes of a chunk stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// As many.
    #[default]
    AsIs,
    /// They are UTF-8 made of UTF-16.
    Utf16,
}

impl Width {
    /// How many raw bytes `text` was.
    #[must_use]
    pub fn raw(self, text: &[u8]) -> usize {
        match self {
            Width::AsIs => text.len(),
            // A code unit for each character, two for those that take four bytes in UTF-8.
            Width::Utf16 => {
                2 * text
                    .iter()
                    .map(|byte| usize::from(byte & 0xc0 != 0x80) + usize::from(*byte >= 0xf0))
                    .sum::<usize>()
            }
        }
    }
}

/// Where a chunk comes from. Marks are in order, and the first is at 0.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Index of the source.
    pub source: u32,
    /// Index of the source's entry.
    pub entry: u32,
    /// Which bytes belong to which segment; counted in raw bytes.
    pub marks: &'a [Mark],
    /// The chunk's bytes, and what they stand for.
    pub bytes: &'a [u8],
    /// See there.
    pub width: Width,
}

impl Place<'_> {
    /// The location of the `length` bytes at offset `at` of the chunk.
    #[must_use]
    pub fn location(&self, at: usize, length: usize) -> Location {
        let (at, length) = match self.width {
            Width::AsIs => (at, length),
            width => (width.raw(&self.bytes[..at]), width.raw(&self.bytes[at..at + length])),
        };
        let index = self.marks.partition_point(|mark| mark.at <= at).saturating_sub(1);
        let (segment, offset) = match self.marks.get(index) {
            Some(mark) => (mark.segment, mark.offset + (at - mark.at) as u64),
            None => (0, at as u64),
        };
        Location { source: self.source, entry: self.entry, segment, offset, length: length as u64 }
    }
}
