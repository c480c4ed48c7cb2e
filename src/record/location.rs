//! Where a record lies in the evidence.

use serde::{Deserialize, Serialize};

/// A record's place, the same however the work was cut.
///
/// `offset` and `length` count decoded bytes from the beginning of the segment in which the record
/// starts; a record may run on into the segments that follow. With `dd` and the codec's own tool
/// anybody can find the bytes again: cut the source at `segment`, decode, skip `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Location {
    /// Index of the source in the ledger, in evidence order.
    pub source: u32,
    /// Index into the source's entries: 0 is the file itself, others lie inside it (an archive in an
    /// archive, a tar member).
    pub entry: u32,
    /// Byte offset of the segment (zstd frame, gzip member, …) in its container; 0 for plain bytes.
    pub segment: u64,
    /// Byte offset of the record within the decoded segment.
    pub offset: u64,
    /// Length of the record in bytes, without its line ending.
    pub length: u64,
}
