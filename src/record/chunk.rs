//! A piece of decoded bytes, with what is needed to tell where each byte of it lies.

use super::Location;

/// From here on, in a chunk, the bytes are those of this segment from this offset on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Offset in the chunk.
    pub at: usize,
    /// Offset of the segment in its container.
    pub segment: u64,
    /// Offset in the decoded segment.
    pub offset: u64,
}

/// Where a chunk comes from. Marks are in order, and the first is at 0.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Index of the source.
    pub source: u32,
    /// Index of the source's entry.
    pub entry: u32,
    /// Which bytes belong to which segment.
    pub marks: &'a [Mark],
}

impl Place<'_> {
    /// The location of the `length` bytes at offset `at` of the chunk.
    #[must_use]
    pub fn location(&self, at: usize, length: usize) -> Location {
        let index = self.marks.partition_point(|mark| mark.at <= at).saturating_sub(1);
        let (segment, offset) = match self.marks.get(index) {
            Some(mark) => (mark.segment, mark.offset + (at - mark.at) as u64),
            None => (0, at as u64),
        };
        Location { source: self.source, entry: self.entry, segment, offset, length: length as u64 }
    }
}
