//! What the plan hands to the workers, and what they hand back.

use std::ops::Range;
use std::sync::Arc;

use crate::archive::Codec;
use crate::evidence::{Digest, Mapping};
use crate::ledger::{Gap, Hashes, Integrity, SourceAccount, Tally};
use crate::record::{Edges, Location};
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

/// The codecs of a source from the outside in; none for plain bytes.
pub(super) type Chain = Vec<&'static dyn Codec>;

/// A piece of work that one worker does.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// Scan these bytes of the file as they lie.
    Range(Range<usize>),
    /// Decode these segments at once and scan them.
    Segments(Vec<Segment>),
    /// Decode these bytes of the file in order, handing on pieces to be scanned.
    Stream(Range<usize>, Chain),
    /// Read standard input from its beginning to its end, likewise.
    Stdin,
    /// Digest the whole file.
    Digest(Digest),
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
#[derive(Debug)]
pub(super) enum Part {
    /// Bytes that were scanned.
    Scanned {
        /// Records that cross the edges.
        edges: Edges,
        /// What the rest held.
        found: Found,
    },
    /// Bytes that could not be read; records do not go on across it.
    Gap(Gap),
    /// Numbers for the books.
    Tally(Tally),
    /// A segment's integrity.
    Integrity(Integrity),
    /// The source's digests.
    Hashes(Hashes),
    /// What a stream turned out to be: its size, its container, its entries.
    Stream { size: u64, container: String, entries: Vec<String> },
}

/// What some records held.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) hits: Vec<Hit>,
    /// Events that a sequence or a sample may be made of.
    pub(super) sightings: Vec<Sighting>,
    /// Records without a JSON object.
    pub(super) bad: Vec<Location>,
    pub(super) tally: Tally,
}
