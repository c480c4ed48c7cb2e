//! One decoder, many scanners: reads a stream in order and has its pieces scanned by whoever is idle.
//!
//! Decoded bytes are cut into chunks; each is scanned as a task of its own, so that an idle worker takes
//! it while this one decodes the next. No more than a few chunks are in flight: past that the decoder
//! scans one itself. Results are handed on in the order of the bytes.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rayon::Scope;

use crate::archive::{Input, Step};
use crate::ledger::{DecodedRange, Gap, Reason, Tally};
use crate::limits;
use crate::record::{Edges, Mark, Place};

use super::Context;
use super::layers::{self, Layers};
use super::scan::scan;
use super::unit::{Chain, Part, Source};
use super::worker::tally_of;

/// How often a stream of a mapped file lets go of the pages behind it, in bytes.
const RELEASE: u64 = 8 << 20;

/// How many chunks of one stream may wait to be scanned. Scanning is several times faster than decoding,
/// so a few keep the decoder from ever waiting.
const IN_FLIGHT: usize = 4;

/// Reads `range` of a mapped file.
pub(super) fn stream_file(
    context: &Context<'_>,
    source: &Source,
    range: Range<usize>,
    chain: &Chain,
    emit: &mut dyn FnMut(Part),
) {
    let input = Input::slice(&source.bytes()[range.clone()], range.start as u64);
    let layers = Layers::open(chain, input, context.window);
    Run::new(context, source, layers, emit).run(Some(range.end as u64));
}

/// Reads standard input to its end.
pub(super) fn stream_stdin(context: &Context<'_>, source: &Source, emit: &mut dyn FnMut(Part)) {
    let mut input = Input::reader(Box::new(io::stdin().lock()));
    let probe = match input.peek(limits::SNIFF) {
        Ok(head) => layers::probe(head, context.window),
        Err(_) => layers::probe(&[], context.window),
    };
    super::plan::notes(&probe, None).into_iter().for_each(&mut *emit);
    let layers = Layers::open(&probe.chain, input, context.window);
    let size = Run::new(context, source, layers, emit).run(None);
    let (container, entries) = (layers::describe(&probe.chain), layers::entries(&probe.chain));
    emit(Part::Stream { size, container, entries });
}

/// What stands in line to be handed on.
enum Slot {
    Ready(Box<Part>),
    /// The chunk of this number is being scanned.
    Scanning(u64),
}

/// A chunk that came back: its number, what was found, its buffer.
type Scanned = (u64, Part, Vec<u8>);

/// A chunk that is being filled.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    length: usize,
    marks: Vec<Mark>,
}

struct Run<'r, 'c, 'a> {
    context: &'r Context<'c>,
    source: &'r Source,
    layers: Layers<'a>,
    emit: &'r mut dyn FnMut(Part),
    /// Depth of the innermost layer, whose bytes are scanned.
    depth: u32,
    line: VecDeque<Slot>,
    /// How many bytes were handed on since the last line ending.
    unbroken: u64,
    spare: Vec<Vec<u8>>,
    chunk: Chunk,
    /// Number of the next chunk.
    next: u64,
    /// Segment and offset of the next decoded byte.
    place: (u64, u64),
    tally: Tally,
    start: u64,
    metered: u64,
    released: u64,
}

impl<'r, 'c, 'a> Run<'r, 'c, 'a> {
    fn new(
        context: &'r Context<'c>,
        source: &'r Source,
        layers: Layers<'a>,
        emit: &'r mut dyn FnMut(Part),
    ) -> Self {
        let start = layers.position();
        Self {
            context,
            source,
            depth: layers.depth(),
            layers,
            emit,
            line: VecDeque::new(),
            unbroken: 0,
            spare: Vec::new(),
            chunk: Chunk::default(),
            next: 0,
            place: (0, 0),
            tally: Tally::default(),
            start,
            metered: start,
            released: start,
        }
    }

    /// Reads to the end of the input, which is at `end` where that is known; where it stopped.
    fn run(mut self, end: Option<u64>) -> u64 {
        let (sender, receiver) = channel();
        rayon::in_place_scope(|scope| {
            while self.step(scope, &sender, &receiver) {
                if self.context.cancel.is_set() {
                    self.flush(scope, &sender, &receiver);
                    break;
                }
            }
            self.hand_on(&receiver, 0);
        });
        self.close(end)
    }

    /// Takes one step; `false` after the last.
    fn step<'s>(&mut self, scope: &Scope<'s>, sender: &Sender<Scanned>, receiver: &Receiver<Scanned>) -> bool
    where
        'r: 's,
    {
        if self.chunk.bytes.is_empty() {
            self.chunk.bytes = self.spare.pop().unwrap_or_else(|| vec![0; self.context.chunk]);
        }
        let (depth, step) = self.layers.step(&mut self.chunk.bytes[self.chunk.length..]);
        if depth == 0 {
            self.tally.add(&tally_of(&step));
        }
        match step {
            Step::Data(count) => {
                self.take_data(count);
                if self.chunk.length == self.chunk.bytes.len() {
                    self.flush(scope, sender, receiver);
                }
            }
            Step::Segment(start) if depth == self.depth => {
                self.place = (start, 0);
                self.chunk.marks.push(Mark { at: self.chunk.length, segment: start, offset: 0 });
            }
            Step::End(integrity) => self.line.push_back(Slot::Ready(Box::new(Part::Integrity(integrity)))),
            Step::Gap { bytes, decoded, fault } => {
                self.flush(scope, sender, receiver);
                let gap = Gap { entry: depth, bytes, decoded, reason: fault.reason, detail: fault.detail };
                self.line.push_back(Slot::Ready(Box::new(Part::Gap(gap))));
            }
            Step::Segment(_) | Step::Padding(_) => {}
            Step::Finished => {
                self.flush(scope, sender, receiver);
                return false;
            }
        }
        true
    }

    fn take_data(&mut self, count: usize) {
        let (segment, offset) = self.place;
        if self.chunk.marks.first().is_none_or(|mark| mark.at > 0) {
            self.chunk.marks.insert(0, Mark { at: 0, segment, offset });
        }
        self.chunk.length += count;
        self.place.1 += count as u64;
        let position = self.layers.position();
        // Damage can send the decoder back to where a segment really begins.
        self.context.meter.read(position.saturating_sub(self.metered), count as u64);
        self.metered = self.metered.max(position);
    }

    /// Has the chunk scanned, and waits until few enough are in flight.
    fn flush<'s>(&mut self, scope: &Scope<'s>, sender: &Sender<Scanned>, receiver: &Receiver<Scanned>)
    where
        'r: 's,
    {
        let chunk = std::mem::take(&mut self.chunk);
        if chunk.length == 0 {
            self.chunk.bytes = chunk.bytes;
            return;
        }
        let (context, source, depth, number) = (self.context, self.source.index, self.depth, self.next);
        let sender = sender.clone();
        scope.spawn(move |_| {
            let part = scan_chunk(context, source, depth, &chunk);
            // The receiver lives until every chunk has come back.
            drop(sender.send((number, part, chunk.bytes)));
        });
        self.line.push_back(Slot::Scanning(number));
        self.next += 1;
        self.hand_on(receiver, IN_FLIGHT);
        self.release();
    }

    /// Hands on what is ready, in order, until at most `most` chunks are in flight.
    fn hand_on(&mut self, receiver: &Receiver<Scanned>, most: usize) {
        loop {
            receiver.try_iter().for_each(|scanned| self.put(scanned));
            while let Some(Slot::Ready(_)) = self.line.front() {
                if let Some(Slot::Ready(mut part)) = self.line.pop_front() {
                    self.unbroken = shed(&mut part, self.unbroken);
                    (self.emit)(*part);
                }
            }
            let in_flight = self.line.iter().filter(|slot| matches!(slot, Slot::Scanning(_))).count();
            if in_flight <= most {
                return;
            }
            // Scan one here; if others have them all, wait for one of those.
            if rayon::yield_local() != Some(rayon::Yield::Executed)
                && let Ok(scanned) = receiver.recv_timeout(Duration::from_millis(1))
            {
                self.put(scanned);
            }
        }
    }

    fn put(&mut self, (number, part, buffer): Scanned) {
        self.spare.push(buffer);
        let slot = self.line.iter_mut().find(|slot| matches!(slot, Slot::Scanning(of) if *of == number));
        if let Some(slot) = slot {
            *slot = Slot::Ready(Box::new(part));
        }
    }

    /// Lets go of the pages that have been read: they would count as this process's memory.
    fn release(&mut self) {
        let position = self.layers.position();
        if let Some(mapping) = &self.source.mapping
            && position.saturating_sub(self.released) >= RELEASE
        {
            let offset = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
            mapping.release(offset(self.released)..offset(position));
            self.released = position;
        }
    }

    /// Writes the books.
    fn close(mut self, end: Option<u64>) -> u64 {
        let position = self.layers.position();
        self.tally.read = (position - self.start).saturating_sub(self.tally.framing + self.tally.unread);
        let end = end.unwrap_or(position);
        if self.context.cancel.is_set() && position < end {
            self.tally.unread += end - position;
            (self.emit)(Part::Gap(interrupted(position..end)));
        }
        (self.emit)(Part::Tally(self.tally));
        position
    }
}

/// Takes the bytes out of a part that lies in a record too long to be kept, so that a decompression bomb does
/// not wait in memory for its turn; how long the record at the part's end is by now.
fn shed(part: &mut Part, unbroken: u64) -> u64 {
    match part {
        Part::Scanned { edges: Edges::Inner(fragment), .. } => {
            let unbroken = unbroken + fragment.location.length;
            if unbroken > limits::RECORD {
                fragment.bytes = Vec::new();
            }
            unbroken
        }
        Part::Scanned { edges: Edges::Split(_, tail), .. } => tail.location.length,
        Part::Gap(_) => 0,
        _ => unbroken,
    }
}

/// Scans a chunk; a fault of the program costs this chunk and no other.
fn scan_chunk(context: &Context<'_>, source: u32, entry: u32, chunk: &Chunk) -> Part {
    let place = Place { source, entry, marks: &chunk.marks };
    let bytes = &chunk.bytes[..chunk.length];
    let scanned = catch_unwind(AssertUnwindSafe(|| {
        context.with_bench(|bench| scan(context.engine, &mut bench.examiner, bytes, &place))
    }));
    scanned.unwrap_or_else(|_| {
        let start = place.location(0, chunk.length);
        Part::Gap(Gap {
            entry,
            bytes: start.segment..start.segment,
            decoded: Some(DecodedRange {
                segment: start.segment,
                start: start.offset,
                end: Some(start.offset + start.length),
            }),
            reason: Reason::Internal,
            detail: "a fault of coldtrail: please report it".to_owned(),
        })
    })
}

/// The gap that an interrupted hunt leaves.
pub(super) fn interrupted(bytes: Range<u64>) -> Gap {
    let detail = "the hunt was interrupted before this was read".to_owned();
    Gap { entry: 0, bytes, decoded: None, reason: Reason::Interrupted, detail }
}
