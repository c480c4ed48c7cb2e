//! The account of one source.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Gap;
use jiff::Timestamp;

/// Whether the bytes that came out are known to be those that went in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Integrity {
    /// Every segment carried a checksum, and it held.
    #[default]
    Verified,
    /// No checksum vouches for all of it: a segment carries none (a plain file never does), or was not
    /// read.
    NoChecksum,
    /// The archive is cut short.
    Truncated,
    /// A checksum does not hold, or the decoder met an impossible byte.
    Mismatch,
}

impl Integrity {
    /// The name that reports print.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Integrity::Verified => "verified",
            Integrity::NoChecksum => "no_checksum",
            Integrity::Truncated => "truncated",
            Integrity::Mismatch => "mismatch",
        }
    }
}

/// Digests of a source's bytes as they lie on disk, in lower-case hex; those that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashes {
    /// SHA-256.
    pub sha256: Option<String>,
    /// BLAKE3.
    pub blake3: Option<String>,
}

/// What a source was when it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Size in bytes; what was read, for a stream.
    pub size: u64,
    /// Time of last modification; `None` for a stream.
    pub modified: Option<Timestamp>,
    /// Digests.
    pub hashes: Hashes,
}

/// Numbers that add up over units, sources and runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Input bytes that a decoder consumed or that were scanned as they lie.
    pub read: u64,
    /// Input bytes that carry no records by design: skippable frames, padding.
    pub framing: u64,
    /// Input bytes that could not be read; each lies in a gap.
    pub unread: u64,
    /// Decoded bytes that were scanned.
    pub decoded: u64,
    /// Segments (zstd frames, gzip members, …) that were decoded, whole or in part.
    pub segments: u64,
    /// Records that the prefilter let through.
    pub tried: u64,
    /// Of those, parsed by simd-json.
    pub parsed: u64,
    /// Of those, read by the tolerant parser.
    pub tolerated: u64,
    /// Of those, with no JSON object in them, or with brackets or quotes that do not fit and matched by no rule: each
    /// is a gap.
    pub bad: u64,
    /// Hits.
    pub hits: u64,
}

impl Tally {
    /// Adds `other`.
    pub fn add(&mut self, other: &Tally) {
        self.read += other.read;
        self.framing += other.framing;
        self.unread += other.unread;
        self.decoded += other.decoded;
        self.segments += other.segments;
        self.tried += other.tried;
        self.parsed += other.parsed;
        self.tolerated += other.tolerated;
        self.bad += other.bad;
        self.hits += other.hits;
    }
}

/// One source's account.
#[derive(Clone, Debug, Default)]
pub struct SourceAccount {
    /// Its path as it was reached from the command line; `-` is standard input.
    pub path: PathBuf,
    /// Suffixes that, put behind the path, name what lies in it: entry 0 is the file itself (`""`),
    /// `!0` what the outermost codec holds, `!logs/a.ndjson` a member.
    pub entries: Vec<String>,
    /// The codecs from the outside in, and the record format: `zstd`, `gzip in zstd`, `plain`.
    pub container: String,
    /// Size, times, digests.
    pub identity: Identity,
    /// The numbers.
    pub tally: Tally,
    /// What could not be read, in order of place.
    pub gaps: Vec<Gap>,
    /// The worst that was seen in it.
    pub integrity: Integrity,
    /// Entry and segment of what is unverified, see [`SourceAccount::add_gap`].
    pub unverified: BTreeSet<(u32, u64)>,
    /// What lies in unverified segments of a layer around it, in order, and none in another.
    pub unverified_within: Vec<Range<Spot>>,
}

/// A place in a source: entry, segment, offset.
pub type Spot = (u32, u64, u64);

impl SourceAccount {
    /// How a location in it is written: the path, then the entry's suffix.
    #[must_use]
    pub fn name(&self, entry: u32) -> String {
        let suffix = self.entries.get(entry as usize).map_or("", String::as_str);
        format!("{}{suffix}", self.path.display())
    }

    /// Adds a gap.
    pub fn add_gap(&mut self, gap: Gap) {
        if let Some(decoded) = gap.decoded
            && gap.reason.leaves_unverified()
        {
            self.unverified.insert((gap.entry, decoded.segment));
        }
        self.gaps.push(gap);
    }

    /// Adds what lies in an unverified segment. It ends where reading stands, behind all that was added before.
    pub fn add_unverified(&mut self, mut spots: Range<Spot>) {
        while let Some(last) = self.unverified_within.pop_if(|last| last.end >= spots.start) {
            spots = last.start.min(spots.start)..last.end.max(spots.end);
        }
        if !spots.is_empty() {
            self.unverified_within.push(spots);
        }
    }

    /// Whether the segment of an entry, or one of a layer around it in which the spot lies, failed a check, or was
    /// not read to where one stands.
    #[must_use]
    pub fn is_unverified(&self, spot: Spot) -> bool {
        let (entry, segment, _) = spot;
        let within = self.unverified_within.partition_point(|spots| spots.end <= spot);
        self.unverified.contains(&(entry, segment))
            || self.unverified_within.get(within).is_some_and(|spots| spots.contains(&spot))
    }
}

/// Something the walk met and did not take for evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its path.
    pub path: PathBuf,
    /// Why, in words.
    pub reason: String,
}
