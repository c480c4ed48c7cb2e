//! A piece of evidence that could not be read.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Why bytes could not be read or records not be tried. [`Reason::name`] is what reports print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// The file could not be opened, or a read failed.
    Unreadable,
    /// The file changed or shrank while it was read.
    SourceChanged,
    /// Neither a known archive nor JSON records; scanned as lines all the same.
    UnknownFormat,
    /// The archive is cut short.
    Truncated,
    /// The decoder refused the bytes.
    Corrupt,
    /// The bytes decoded, but their checksum does not hold.
    ChecksumMismatch,
    /// Bytes between or after segments that belong to none.
    Garbage,
    /// A zstd window larger than the memory budget.
    WindowTooLarge,
    /// Archives nested deeper than the limit.
    NestedTooDeep,
    /// A record longer than the limit.
    RecordTooLong,
    /// A record in which no JSON object could be found.
    BadRecord,
    /// The hunt was interrupted before this was read.
    Interrupted,
    /// A fault of this program; the unit of work was given up.
    Internal,
}

impl Reason {
    /// The name that reports print.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Reason::Unreadable => "unreadable",
            Reason::SourceChanged => "source_changed",
            Reason::UnknownFormat => "unknown_format",
            Reason::Truncated => "truncated",
            Reason::Corrupt => "corrupt",
            Reason::ChecksumMismatch => "checksum_mismatch",
            Reason::Garbage => "garbage",
            Reason::WindowTooLarge => "window_too_large",
            Reason::NestedTooDeep => "nested_too_deep",
            Reason::RecordTooLong => "record_too_long",
            Reason::BadRecord => "bad_record",
            Reason::Interrupted => "interrupted",
            Reason::Internal => "internal_error",
        }
    }

    /// Whether the segment that such a gap lies in was not checked to its end, or failed its check.
    #[must_use]
    pub fn leaves_unverified(self) -> bool {
        matches!(self, Reason::SourceChanged | Reason::Truncated | Reason::Corrupt | Reason::ChecksumMismatch)
    }
}

/// One gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Index into the source's entries; see [`crate::record::Location`].
    pub entry: u32,
    /// Which bytes of the entry's container it covers (compressed bytes for an archive).
    pub bytes: Range<u64>,
    /// Which decoded bytes of the segment that starts at `bytes.start` or before it, where known.
    pub decoded: Option<DecodedRange>,
    /// Why.
    pub reason: Reason,
    /// What happened, in words, with the remedy where there is one.
    pub detail: String,
}

/// A range of decoded bytes within one segment; `end` is `None` when nobody can know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodedRange {
    /// Byte offset of the segment in its container.
    pub segment: u64,
    /// First byte that is missing, counted in decoded bytes.
    pub start: u64,
    /// First byte after the gap.
    pub end: Option<u64>,
}
