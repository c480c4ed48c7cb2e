//! The encoded bytes that a decoder reads.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::sync::Arc;

/// How much a reader is asked for at once.
const BUFFER: usize = 256 << 10;

/// How much is searched at once.
const WINDOW: usize = 1 << 20;

/// How many bytes that were read already stay at hand at least: two blocks of zstd, which reads one before it
/// notices that it is none.
const HISTORY: usize = 256 << 10;

/// Bytes that stay mapped for as long as somebody has them.
#[derive(Clone)]
pub struct Shared {
    whole: Arc<dyn AsRef<[u8]> + Send + Sync>,
    range: Range<usize>,
}

impl Shared {
    /// A range of `whole`, which lies within it.
    pub fn new(whole: Arc<dyn AsRef<[u8]> + Send + Sync>, range: Range<usize>) -> Self {
        Self { whole, range }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &(*self.whole).as_ref()[self.range.clone()]
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("range", &self.range).finish_non_exhaustive()
    }
}

/// What is left of a mapped slice.
pub(super) enum Mapped<'a> {
    Slice(&'a [u8]),
    Shared(Shared),
}

impl Mapped<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Slice(bytes) => bytes,
            Self::Shared(bytes) => bytes.bytes(),
        }
    }
}

/// A mapped slice, or anything that can be read once from front to back.
pub struct Input<'a> {
    kind: Kind<'a>,
    /// Offset of the next byte, counted from the beginning of the container.
    position: u64,
    stray: Option<Box<dyn Stray + 'a>>,
}

/// Takes bytes that whoever reads an input passes over because they belong to nothing.
pub trait Stray {
    /// Takes `bytes`, which lie at offset `at`. Offsets only grow; those of one gap follow one another.
    fn take(&mut self, at: u64, bytes: &[u8]);
}

enum Kind<'a> {
    Slice {
        bytes: &'a [u8],
        base: u64,
        /// The same bytes, for threads that may have them longer.
        shared: Option<Shared>,
    },
    /// The next byte is `buffer[at]`.
    Reader { reader: Box<dyn Read + 'a>, buffer: Vec<u8>, at: usize },
    /// The next `left` bytes of another input. `shown`: how many from an offset on may be shown at once.
    Part { whole: &'a mut (dyn Whole + 'a), left: u64, shown: Box<dyn Fn(u64) -> u64 + 'a> },
}

/// An input of which another is a part.
trait Whole: BufRead {
    fn peek(&mut self, least: usize) -> io::Result<&[u8]>;
    fn rewind(&mut self, position: u64);
    fn position(&self) -> u64;
}

impl Whole for Input<'_> {
    fn peek(&mut self, least: usize) -> io::Result<&[u8]> {
        Input::peek(self, least)
    }

    fn rewind(&mut self, position: u64) {
        Input::rewind(self, position);
    }

    fn position(&self) -> u64 {
        self.position
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("position", &self.position).finish_non_exhaustive()
    }
}

impl<'a> Input<'a> {
    /// Reads `bytes`, which lie at offset `base` of their container.
    #[must_use]
    pub fn slice(bytes: &'a [u8], base: u64) -> Self {
        Self { kind: Kind::Slice { bytes, base, shared: None }, position: base, stray: None }
    }

    /// The same; other threads may have the bytes as `shared`.
    #[must_use]
    pub fn shared_slice(bytes: &'a [u8], base: u64, shared: Shared) -> Self {
        Self { kind: Kind::Slice { bytes, base, shared: Some(shared) }, position: base, stray: None }
    }

    /// Reads what `reader` gives.
    #[must_use]
    pub fn reader(reader: Box<dyn Read + 'a>) -> Self {
        Self { kind: Kind::Reader { reader, buffer: Vec::new(), at: 0 }, position: 0, stray: None }
    }

    /// Reads the next `length` bytes of `whole`, which goes on where this one stops. More than `shown` tells of the
    /// bytes from an offset on are not at hand at once unless they must.
    #[must_use]
    pub fn part<'w: 'a>(whole: &'a mut Input<'w>, length: u64, shown: impl Fn(u64) -> u64 + 'a) -> Self {
        Self { kind: Kind::Part { whole, left: length, shown: Box::new(shown) }, position: 0, stray: None }
    }

    /// Has `stray` take what is passed over.
    #[must_use]
    pub fn watched(self, stray: Box<dyn Stray + 'a>) -> Self {
        Self { stray: Some(stray), ..self }
    }

    /// Offset of the next byte.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// What is left of a slice.
    pub(super) fn rest(&self) -> Option<Mapped<'a>> {
        let Kind::Slice { bytes, base, shared } = &self.kind else { return None };
        let passed = index(self.position - *base);
        Some(match shared {
            Some(shared) => {
                let range = shared.range.start + passed..shared.range.end;
                Mapped::Shared(Shared { range, ..shared.clone() })
            }
            None => Mapped::Slice(&bytes[passed..]),
        })
    }

    /// Goes back to `position`, or as near to it as bytes stay at hand. How near does not depend on how they were
    /// read.
    pub(super) fn rewind(&mut self, position: u64) {
        match &mut self.kind {
            Kind::Slice { .. } => self.position = position,
            Kind::Reader { at, .. } => {
                let back = index(self.position.saturating_sub(position)).min(HISTORY).min(*at);
                *at -= back;
                self.position -= back as u64;
            }
            Kind::Part { whole, left, .. } => {
                let before = whole.position();
                let back = self.position.saturating_sub(position);
                whole.rewind(before - back);
                let back = before - whole.position();
                *left += back;
                self.position -= back;
            }
        }
    }

    /// The bytes that come next: at least `least`, or all that are left.
    ///
    /// # Errors
    /// What the reader says.
    pub fn peek(&mut self, least: usize) -> io::Result<&[u8]> {
        match &mut self.kind {
            Kind::Slice { bytes, base, .. } => Ok(&bytes[index(self.position - *base)..]),
            Kind::Reader { reader, buffer, at } => {
                while buffer.len() - *at < least && fill(reader.as_mut(), buffer, at, least)? > 0 {}
                Ok(&buffer[*at..])
            }
            Kind::Part { whole, left, shown } => {
                let least = least.min(index(*left));
                let bytes = whole.peek(least)?;
                let most = index(shown(self.position)).max(least).min(index(*left));
                Ok(&bytes[..bytes.len().min(most)])
            }
        }
    }

    /// The same, but no more than a search should touch at once: pages of a mapped file are memory.
    pub(super) fn window(&mut self, least: usize) -> io::Result<&[u8]> {
        let bytes = self.peek(least)?;
        Ok(&bytes[..bytes.len().min(WINDOW.max(least))])
    }

    /// Passes over `count` bytes that are at hand and belong to nothing.
    pub(super) fn stray(&mut self, count: usize) {
        let (at, stray) = (self.position, self.stray.take());
        if let Some(mut stray) = stray {
            if let Ok(bytes) = self.peek(count) {
                stray.take(at, &bytes[..count]);
            }
            self.stray = Some(stray);
        }
        self.consume(count);
    }
}

/// An offset into mapped bytes.
fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Reads more behind what `buffer` still holds; how many bytes came.
fn fill(reader: &mut dyn Read, buffer: &mut Vec<u8>, at: &mut usize, least: usize) -> io::Result<usize> {
    // Moved seldom, a byte is moved once.
    if *at >= 2 * HISTORY {
        buffer.drain(..*at - HISTORY);
        *at = HISTORY;
    }
    let held = buffer.len();
    buffer.resize(held + least.max(BUFFER), 0);
    let outcome = loop {
        match reader.read(&mut buffer[held..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => break outcome,
        }
    };
    buffer.truncate(held + outcome.as_ref().map_or(0, |count| *count));
    outcome
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, count: usize) {
        self.position += count as u64;
        match &mut self.kind {
            Kind::Slice { .. } => {}
            Kind::Reader { at, .. } => *at += count,
            Kind::Part { whole, left, .. } => {
                whole.consume(count);
                *left -= count as u64;
            }
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let there = self.peek(1)?;
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_goes_back_over_its_history_however_it_was_read() {
        let bytes: Vec<u8> = (0..8 * HISTORY).map(|at| (at / 7).to_le_bytes()[0]).collect();
        for step in [1000, 100_000, 3 * HISTORY] {
            let mut input = Input::reader(Box::new(&bytes[..]));
            let read = 5 * HISTORY + 77;
            while input.position() < read as u64 {
                let least = step.min(read - index(input.position()));
                assert!(input.peek(least).unwrap().len() >= least);
                input.consume(least);
            }
            input.rewind(0);
            assert_eq!(input.position(), (read - HISTORY) as u64, "steps of {step}");
            input.rewind(read as u64);
            assert_eq!(input.peek(bytes.len()).unwrap(), &bytes[read - HISTORY..], "steps of {step}");
        }
    }
}
