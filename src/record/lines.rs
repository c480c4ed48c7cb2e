//! NDJSON: a record is a line. LF and CRLF, blank lines, a last line without an end.

use serde::{Deserialize, Serialize};

use memchr::{memchr, memrchr};

use super::{Location, Place};

/// Part of a record that a chunk's edge cuts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    /// The bytes, without the line ending.
    pub bytes: Vec<u8>,
    /// Where they lie.
    pub location: Location,
}

/// What a chunk leaves to its neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edges {
    /// The whole chunk lies within one record.
    Inner(Fragment),
    /// The end of a record that began before (empty if the chunk starts with a line ending), and the
    /// beginning of one that goes on behind (empty if the chunk ends with a line ending).
    Split(Fragment, Fragment),
}

/// Cuts a chunk into its edges and what lies between: whole lines, each with its ending.
#[must_use]
pub fn split<'a>(chunk: &'a [u8], place: &Place<'_>) -> (Edges, Lines<'a>) {
    let fragment = |from: usize, to: usize| Fragment {
        bytes: chunk[from..to].to_vec(),
        location: place.location(from, to - from),
    };
    let (Some(first), Some(last)) = (memchr(b'\n', chunk), memrchr(b'\n', chunk)) else {
        return (Edges::Inner(fragment(0, chunk.len())), Lines { bytes: &[], base: 0 });
    };
    let end = if has_canary() { last + 1 } else { chunk.len() };
    let edges = Edges::Split(fragment(0, first), fragment(last + 1, end));
    (edges, Lines { bytes: &chunk[first + 1..last + 1], base: first + 1 })
}

/// Whether records that a chunk's edge cuts are to be lost: a bug that the simulation must find
/// (`tests/simulation`). A release build holds nothing of it.
fn has_canary() -> bool {
    cfg!(debug_assertions) && std::env::var_os("COLDTRAIL_CANARY").is_some()
}

/// Whole lines.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    /// Offset of `bytes` in the chunk.
    base: usize,
}

/// One line and its offset in the chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The line without its ending.
    pub bytes: &'a [u8],
    /// Where it begins in the chunk.
    pub at: usize,
    /// Where the next one begins, counted in the lines.
    next: usize,
}

impl<'a> Lines<'a> {
    /// All of `bytes`, whether the last line has an ending or not.
    #[must_use]
    pub fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, base: 0 }
    }

    /// The bytes of all lines.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The line around offset `at` of [`Lines::bytes`].
    #[must_use]
    pub fn around(&self, at: usize) -> Line<'a> {
        let start = memrchr(b'\n', &self.bytes[..at]).map_or(0, |newline| newline + 1);
        let end = memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |newline| at + newline);
        Line { bytes: without_return(&self.bytes[start..end]), at: self.base + start, next: end + 1 }
    }
}

impl Line<'_> {
    /// Offset of the next line in [`Lines::bytes`].
    #[must_use]
    pub fn next(&self) -> usize {
        self.next
    }
}

/// A line without the CR of a CRLF.
#[must_use]
pub fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Whether there is nothing in a line but blanks.
#[must_use]
pub fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}
