//! The stages of a hunt, laid on one another.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use super::Options;
use super::pieces::{Decoder, Pieces};
use crate::eql::{self, Candidates, Filter, Index, Lookup};
use crate::event::{Documents, Event, FieldSet, Reader, Reading, Sources};
use crate::hunt::Engine;
use crate::record::{Mark, Place, Width, inner, split};

/// How much is done: each stage does what the ones before it do, and more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Bare decompression: the floor.
    Decode,
    /// The search for what a match must contain.
    Prefilter,
    /// The parse of the records that have it.
    Parse,
    /// The rules, asked about them.
    Evaluate,
    /// All of a hunt: plan, books, hits in order.
    Hunt,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Decode, Self::Prefilter, Self::Parse, Self::Evaluate, Self::Hunt];
}

/// What a stage met.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) decoded: u64,
    /// Decoded bytes of the largest piece.
    pub(super) largest: u64,
    pub(super) candidates: u64,
    matches: u64,
}

/// The rules as the stages need them.
#[derive(Debug)]
pub(super) struct Stages<'a> {
    engine: &'a Engine,
    pieces: &'a Pieces,
    fields: FieldSet,
    sources: Sources,
    filters: Vec<Filter>,
    index: Index,
}

/// What one thread works with.
struct Desk {
    reader: Reader,
    event: Event,
    candidates: Candidates,
    lookup: Lookup,
}

impl<'a> Stages<'a> {
    pub(super) fn new(options: &Options<'a>, pieces: &'a Pieces) -> Self {
        let mut fields = FieldSet::new();
        // The engine has compiled them all: what fails here is not there.
        let queries = options.rules.rules.iter().filter_map(|rule| eql::parse(rule.eql()?).ok());
        let programs: Vec<_> =
            queries.filter_map(|query| eql::compile(&query, options.reading, &mut fields).ok()).collect();
        let filters: Vec<Filter> =
            programs.iter().flat_map(|program| program.search.filters().cloned()).collect();
        let sources = Sources::new(&mut fields);
        let index = Index::new(&filters.iter().collect::<Vec<_>>(), &fields);
        Self { engine: options.engine, pieces, fields, sources, filters, index }
    }

    /// Runs a stage on so many threads, which take piece after piece.
    pub(super) fn run(&self, stage: Stage, threads: usize) -> Counts {
        let next = AtomicUsize::new(0);
        let all = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| self.work(stage, &next))).collect();
            workers.into_iter().filter_map(|worker| worker.join().ok()).fold(Counts::default(), Counts::and)
        });
        black_box(all)
    }

    fn work(&self, stage: Stage, next: &AtomicUsize) -> Counts {
        let mut decoder = Decoder::default();
        let mut desk = Desk {
            reader: Reader::default(),
            event: Event::new(&self.fields),
            candidates: self.index.candidates_of_none(),
            lookup: Lookup::default(),
        };
        let mut counts = Counts::default();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= self.pieces.len() {
                return counts;
            }
            let decoded = self.pieces.decode(piece, &mut decoder, &mut |chunk| {
                if stage > Stage::Decode {
                    self.scan(stage, chunk, &mut desk, &mut counts);
                }
                black_box(chunk);
            });
            counts.decoded += decoded;
            counts.largest = counts.largest.max(decoded);
        }
    }

    /// Scans the whole lines of a chunk.
    fn scan(&self, stage: Stage, chunk: &[u8], desk: &mut Desk, counts: &mut Counts) {
        let marks = [Mark { at: 0, segment: 0, offset: 0 }];
        let place = Place { source: 0, entry: 0, marks: &marks, bytes: chunk, width: Width::AsIs };
        let (_, lines) = split(chunk, &place);
        let mut at = 0;
        while let Some(candidate) = self.engine.prefilter().find(lines.bytes(), at) {
            let line = lines.around(candidate);
            counts.candidates += 1;
            if stage > Stage::Prefilter {
                self.examine(stage, line.bytes, desk, counts);
            }
            at = line.next();
        }
    }

    fn examine(&self, stage: Stage, record: &[u8], desk: &mut Desk, counts: &mut Counts) {
        let json = inner(record);
        if desk.reader.read(json, &self.fields, &mut desk.event) == Reading::Bad || stage == Stage::Parse {
            return;
        }
        self.sources.normalise(json, &self.fields, Documents::AsTheyStand, &mut desk.event);
        self.index.candidates(&desk.event, &mut desk.candidates, &mut desk.lookup);
        let asked = desk.candidates.iter().filter(|filter| self.filters[*filter].matches(&desk.event));
        counts.matches += asked.count() as u64;
    }
}

impl Counts {
    fn and(self, other: Self) -> Self {
        Self {
            decoded: self.decoded + other.decoded,
            largest: self.largest.max(other.largest),
            candidates: self.candidates + other.candidates,
            matches: self.matches + other.matches,
        }
    }
}
