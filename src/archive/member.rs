//! Members of archives, one after the other.

use std::io::BufRead;
use std::ops::Range;

use super::tar::Tar;
use super::zip::Zip;
use super::{Codec, Fault, Input};

/// What a member's decoded bytes must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// CRC-32, as zip and gzip compute it.
    pub crc32: u32,
    /// Length in bytes.
    pub size: u64,
}

/// How a member's bytes lie in the archive.
#[derive(Clone, Debug)]
pub enum Method {
    /// As they are.
    Plain,
    /// Behind a codec, with a checksum where the header gives one.
    Coded(&'static dyn Codec, Option<Checksum>),
    /// In a way that cannot be read, with the remedy.
    Refused(String),
}

/// A file in an archive.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its path in the archive, as the archive spells it; what is not UTF-8 is replaced. It names the
    /// member in reports and opens nothing.
    pub name: String,
    /// Where its data begins, in bytes from the archive's beginning.
    pub start: u64,
    /// How long its data is in the archive; `None` if only decoding tells.
    pub size: Option<u64>,
    /// How to read it.
    pub method: Method,
}

impl Member {
    /// Whether its data lies in the archive as it is.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.method, Method::Plain)
    }

    /// Why it is no evidence, if it is known to be none.
    #[must_use]
    pub fn is_no_evidence(&self) -> Option<&'static str> {
        let mut parts = self.name.split('/');
        let last = parts.clone().next_back().unwrap_or_default();
        if parts.clone().any(|part| part == "__MACOSX") || last.starts_with("._") || last == ".DS_Store" {
            return Some("metadata of a Mac's file system");
        }
        if last == "_SUCCESS" {
            return Some("a marker that a batch is complete");
        }
        let secondary = parts.any(|part| matches!(part, "aidmaster" | "userinfo"));
        secondary.then_some("a table about hosts or users, not events (CrowdStrike FDR)")
    }
}

/// What comes next in an archive.
#[derive(Debug)]
pub enum Item {
    /// A member; its data comes next.
    Member(Member),
    /// Bytes that make no sense.
    Gap(Range<u64>, Fault),
    /// Nothing.
    End,
}

/// Reads an archive's headers from front to back. Between two calls the input must be moved to the end of
/// the member's data.
#[derive(Debug)]
pub enum Members {
    /// Of a tar archive.
    Tar(Tar),
    /// Of a zip archive.
    Zip(Zip),
}

impl Members {
    /// The next member.
    pub fn next(&mut self, input: &mut Input<'_>) -> Item {
        match self {
            Members::Tar(tar) => tar.next(input),
            Members::Zip(zip) => zip.next(input),
        }
    }
}

/// Passes over `length` bytes, or all that are left.
pub fn skip(input: &mut Input<'_>, length: u64) {
    pass(input, length, |input, count| input.consume(count));
}

/// The same of bytes that belong to nothing.
pub(super) fn stray(input: &mut Input<'_>, length: u64) {
    pass(input, length, Input::stray);
}

fn pass<'a>(input: &mut Input<'a>, mut length: u64, over: impl Fn(&mut Input<'a>, usize)) {
    while length > 0 {
        let there = match input.peek(1) {
            Ok(bytes) if !bytes.is_empty() => bytes.len(),
            _ => return,
        };
        let count = usize::try_from(length).map_or(there, |length| length.min(there));
        over(input, count);
        length -= count as u64;
    }
}
