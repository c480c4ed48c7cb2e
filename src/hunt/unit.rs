//! What the plan hands to the workers, and what they hand back.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::archive::{Checksum, Codec};
use crate::evidence::{Digest, Mapping};
use crate::ledger::{Gap, Hashes, Integrity, SourceAccount, Spot, Tally};
use crate::record::{Content, Edges, Location, Records};
use crate::timeline::Hit;

use super::join::Sighting;

/// A source that is being read.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) index: u32,
    /// `None` for standard input.
    pub(super) mapping: Option<Mapping>,
}

impl Source {
    /// The file's bytes; none for standard input.
    pub(super) fn bytes(&self) -> &[u8] {
        self.mapping.as_ref().map_or(&[], Mapping::bytes)
    }
}

impl AsRef<[u8]> for Source {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

/// The codecs of a source from the outside in; none for plain bytes.
pub(super) type Chain = Vec<&'static dyn Codec>;

/// A piece of work that one worker does.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// Scan these bytes of the file, lines, as they lie.
    Range {
        /// Which.
        range: Range<usize>,
        /// Where the file, or the member of an archive in it, begins: offsets count from there.
        base: usize,
    },
    /// Scan these bytes of the file, chunks of a Windows event log, as they lie.
    Chunks {
        /// Which.
        range: Range<usize>,
        /// As above.
        base: usize,
    },
    /// Decode these segments at once and scan the lines in them.
    Segments {
        /// Which.
        segments: Vec<Segment>,
        /// As above.
        base: usize,
    },
    /// Read these bytes of the file in order, handing on pieces to be scanned.
    Stream(Box<Reel>),
    /// Read standard input from its beginning to its end, likewise.
    Stdin,
    /// Digest the whole file.
    Digest(Digest),
}

/// Bytes that must be read from front to back.
#[derive(Clone, Debug)]
pub(super) struct Reel {
    /// Which bytes of the file.
    pub(super) range: Range<usize>,
    /// Where the file, or the member of an archive in it, begins: offsets count from there.
    pub(super) base: usize,
    /// What must come out of the first codec; a member's checksum.
    pub(super) checksum: Option<Checksum>,
    /// The codecs, and what they hold.
    pub(super) layout: Layout,
    /// What reports put behind the path for it; see [`SourceAccount::entries`].
    pub(super) suffix: String,
    /// How deep what it holds lies in archives.
    pub(super) nesting: usize,
}

impl Reel {
    /// Lines behind one codec.
    pub(super) fn of_lines(codec: &'static dyn Codec, range: Range<usize>, base: usize) -> Self {
        let layout = Layout { chain: vec![codec], content: Content::Records(Records::LINES) };
        Self { range, base, checksum: None, layout, suffix: String::new(), nesting: 1 }
    }
}

/// What lies in what.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) chain: Chain,
    pub(super) content: Content,
}

/// A segment that says how large it is.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) codec: &'static dyn Codec,
    /// Where it lies in the file.
    pub(super) range: Range<usize>,
    /// How many bytes it holds.
    pub(super) decoded: usize,
}

/// What the plan yields, in evidence order.
#[derive(Debug)]
pub(super) enum Planned {
    /// A source begins.
    Open(Box<SourceAccount>),
    /// Something to do.
    Unit(Arc<Source>, Work),
    /// Something to write down.
    Note(Box<Part>),
    /// A source ends.
    Close(Option<Arc<Source>>),
}

/// What a worker found out, in the order of the bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Part {
    /// Bytes that were scanned.
    Scanned {
        /// Records that cross the edges, where lines were cut anywhere.
        edges: Option<Edges>,
        /// What the rest held.
        found: Box<Found>,
    },
    /// Bytes that could not be read; records do not go on across it.
    Gap(Gap),
    /// Numbers for the books.
    Tally(Tally),
    /// A segment's integrity.
    Integrity(Integrity),
    /// What lies here came out of a segment that failed a check, or was not read to where one stands.
    Unverified(Range<Spot>),
    /// The source's digests.
    Hashes(Hashes),
    /// What a stream turned out to be: its size in bytes, its container.
    Stream { size: u64, container: String },
    /// A member of the archive begins; these are its suffixes, and entry numbers count from the first.
    Enter(Vec<String>),
    /// It ends.
    Leave,
    /// More suffixes, for what was found within: they follow the last ones.
    Entries(Vec<String>),
    /// Something in an archive that is no evidence, by its suffix, and why.
    Skipped(String, String),
}

/// What some records held.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) hits: Vec<Hit>,
    /// Events that a sequence or a sample may be made of.
    pub(super) sightings: Vec<Sighting>,
    /// Records without a JSON object.
    pub(super) bad: Vec<Location>,
    /// What else could not be read.
    pub(super) gaps: Vec<Gap>,
    /// The worst that checksums within said.
    pub(super) integrity: Integrity,
    pub(super) tally: Tally,
}

impl Found {
    /// Takes note of a record that could match and holds no JSON object.
    pub(super) fn reject(&mut self, record: Location) {
        self.tally.tried += 1;
        self.tally.bad += 1;
        self.bad.push(record);
    }
}
