//! One decoder, many scanners: reads a stream in order and has its pieces scanned by whoever is idle.
//!
//! Decoded bytes are cut into chunks; each is scanned as a task of its own, so that an idle worker takes
//! it while this one decodes the next. No more than a few chunks are in flight: past that the decoder
//! scans one itself. Results are handed on in the order of the bytes. Lines are cut anywhere; where records
//! lie in another way, the decoder's worker cuts them out, and a chunk ends where a record does.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rayon::ScopeFifo;

use crate::archive::{Checksum, Input, Share, Shared, Step, Stray};
use crate::ledger::{Gap, Reason};
use crate::limits;
use crate::record::{After, Content, Cut, Cutter, Edges, Encoding, Framing, Loss, Records, Transcoder};

use super::Context;
use super::books::Books;
use super::buffer::Chunk;
use super::layers::{Layers, Outer};
use super::members::read_archive;
use super::probe;
use super::stray::StrayLines;
use super::unit::{Layout, Part, Reel, Source};

/// How many chunks of one stream may wait to be scanned. Scanning is several times faster than decoding,
/// so a few keep the decoder from ever waiting.
const IN_FLIGHT: usize = 4;

/// Room in a chunk below which no transcoder is asked to fill it.
const LEAST_ROOM: usize = 1 << 10;

/// Something that is read from front to back.
pub(super) struct Tape {
    pub(super) layout: Layout,
    /// Of what the first codec gives.
    pub(super) checksum: Option<Checksum>,
    pub(super) suffix: String,
    /// Number of its first entry, in the unit.
    pub(super) entry: u32,
    /// How deep what it holds lies in archives.
    pub(super) nesting: usize,
    /// Whether its bytes are the unit's own.
    pub(super) is_outermost: bool,
}

/// Reads a piece of a mapped file.
pub(super) fn stream_file(
    context: &Context<'_>,
    source: &Arc<Source>,
    reel: &Reel,
    emit: &mut dyn FnMut(Part),
) {
    let Reel { range, base, checksum, layout, suffix, nesting } = reel.clone();
    let offset = |at: usize| (at - base) as u64;
    let shared = Shared::new(Arc::<Source>::clone(source), range.clone());
    let input = Input::shared_slice(&source.bytes()[range.clone()], offset(range.start), shared);
    let entries = probe::records_entry(&layout) + 1;
    let mut books = Books::new(context, source, emit, (base as u64, offset(range.start)), entries);
    let tape = Tape { layout, checksum, suffix, entry: 0, nesting, is_outermost: true };
    read(&mut books, &tape, input, None);
    books.close(Some(offset(range.end)));
}

/// Reads standard input to its end.
pub(super) fn stream_stdin(context: &Context<'_>, source: &Source, emit: &mut dyn FnMut(Part)) {
    let mut input = Input::reader(Box::new(io::stdin().lock()));
    let probe = probe::probe(probe::head(&mut input), Vec::new(), 0, &context.windows);
    super::plan::notes(&probe, None).into_iter().for_each(&mut *emit);
    let container = probe::describe(&probe.layout);
    let entries = probe::entries("", &probe.layout);
    emit(Part::Entries(entries[1..].to_vec()));
    let entries = probe::records_entry(&probe.layout) + 1;
    let mut books = Books::new(context, source, emit, (0, 0), entries);
    let (layout, nesting) = (probe.layout, probe.nesting);
    let tape = Tape { layout, checksum: None, suffix: String::new(), entry: 0, nesting, is_outermost: true };
    read(&mut books, &tape, input, None);
    let size = books.close(None);
    emit(Part::Stream { size, container });
}

/// Reads a tape to its end, and tells what the layers around it say meanwhile.
pub(super) fn read<'a, 'r: 'a, 'c: 'a>(
    books: &mut Books<'r, 'c>,
    tape: &Tape,
    input: Input<'a>,
    around: Option<Outer>,
) {
    let records = match tape.layout.content {
        Content::Archive(kind) => return read_archive(books, tape, kind, input, around),
        Content::Records(records) => records,
        Content::Blank | Content::Unknown(_) => Records::LINES,
    };
    let (memory, around) = (&books.context.windows, (tape.entry, around));
    let scanner = books.scanner();
    let watch = |input, entry| scanner.watch(input, entry);
    let layers = Layers::open(&tape.layout.chain, input, memory, tape.checksum, around, &watch);
    Run::new(books, tape, layers, records).run();
}

/// What stands in line to be handed on.
enum Slot {
    Ready(Box<Part>),
    /// The chunk of this number is being scanned.
    Scanning(u64),
}

/// A chunk that came back: its number, what was found, its buffer.
type Scanned = (u64, Part, Vec<u8>);

struct Run<'t, 'r, 'c, 'a> {
    books: &'t mut Books<'r, 'c>,
    context: &'r Context<'c>,
    tape: &'t Tape,
    layers: Layers<'a>,
    /// Number of the entry in which records lie.
    entry: u32,
    encoding: Encoding,
    transcoder: Option<Transcoder>,
    cutter: Option<Box<dyn Cutter>>,
    /// Bytes that are to be transcoded.
    raw: Vec<u8>,
    line: VecDeque<Slot>,
    /// How many bytes were handed on since the last line ending.
    unbroken: u64,
    spare: Vec<Vec<u8>>,
    chunk: Chunk,
    /// What chunks that had to grow for a large record take of the budget.
    grown: Vec<Share>,
    /// Number of the next chunk.
    next: u64,
    /// Segment and offset of the next decoded byte.
    place: (u64, u64),
    /// The segments of an event log are its chunks: all of it counts as one.
    is_event_log: bool,
    /// Takes what a cutter finds no record in.
    stray: StrayLines<'r, 'c>,
}

impl<'t, 'r, 'c, 'a> Run<'t, 'r, 'c, 'a> {
    fn new(books: &'t mut Books<'r, 'c>, tape: &'t Tape, layers: Layers<'a>, records: Records) -> Self {
        let Records { encoding, framing } = records;
        let context = books.context;
        let entry = tape.entry + probe::records_entry(&tape.layout);
        let is_event_log = framing == Framing::Evtx;
        let place = if is_event_log { (0, layers.position()) } else { (layers.position(), 0) };
        Self {
            context,
            entry,
            encoding,
            transcoder: encoding.transcoder(),
            cutter: framing.cutter(),
            raw: Vec::new(),
            line: VecDeque::new(),
            unbroken: 0,
            spare: Vec::new(),
            chunk: Chunk::new(Vec::new(), context.chunk, encoding.width()),
            grown: Vec::new(),
            next: 0,
            place,
            is_event_log,
            stray: books.scanner().lines(entry),
            books,
            tape,
            layers,
        }
    }

    /// Reads to the end.
    fn run(mut self) {
        let (sender, receiver) = channel();
        // The oldest chunk is scanned first: those behind it wait for it with all that was found in them.
        rayon::in_place_scope_fifo(|scope| {
            while self.step(scope, &sender, &receiver) {
                if self.context.cancel.is_set() {
                    self.flush(After::Gap, scope, &sender, &receiver);
                    break;
                }
            }
            self.hand_on(&receiver, 0);
        });
    }

    /// Takes one step; `false` after the last.
    fn step<'s>(
        &mut self,
        scope: &ScopeFifo<'s>,
        sender: &Sender<Scanned>,
        receiver: &Receiver<Scanned>,
    ) -> bool
    where
        'r: 's,
        'c: 's,
    {
        let (entry, step) = self.decode();
        self.books.take(entry, &step);
        if self.tape.is_outermost {
            self.books.reach(self.layers.position());
        }
        match step {
            Step::Data(count) => {
                self.take_data(count);
                let least = if self.transcoder.is_some() { LEAST_ROOM } else { 1 };
                if self.chunk.room().len() < least {
                    self.flush(After::More, scope, sender, receiver);
                }
            }
            Step::Segment(start) if entry == self.layers.entry() && !self.is_event_log => {
                self.place = (start, 0);
            }
            Step::End(integrity) => self.line.push_back(Slot::Ready(Box::new(Part::Integrity(integrity)))),
            Step::Gap { bytes, decoded, fault } => {
                self.flush(After::Gap, scope, sender, receiver);
                let gap = Gap { entry, bytes, decoded, reason: fault.reason, detail: fault.detail };
                self.line.push_back(Slot::Ready(Box::new(Part::Gap(gap))));
            }
            Step::Segment(_) | Step::Padding(_) => {}
            Step::Finished => {
                self.flush(After::Nothing, scope, sender, receiver);
                return false;
            }
        }
        true
    }

    /// The next step of the layers; data goes where it is needed.
    fn decode(&mut self) -> (u32, Step) {
        if self.transcoder.is_none() {
            return self.layers.step(self.chunk.room());
        }
        let most = Transcoder::takes(self.chunk.room().len());
        self.raw.resize(most, 0);
        self.layers.step(&mut self.raw)
    }

    fn take_data(&mut self, count: usize) {
        let length = match &mut self.transcoder {
            None => count,
            Some(transcoder) => transcoder.transcode(&self.raw[..count], self.chunk.room(), false),
        };
        self.chunk.add(length, count, self.place);
        self.place.1 += count as u64;
        let (segment, offset) = if self.is_event_log { (self.place.1, 0) } else { self.place };
        self.books.place = (self.entry, segment, offset);
        self.context.meter.read(0, count as u64);
    }

    /// Has what can be scanned of the chunk scanned.
    fn flush<'s>(
        &mut self,
        after: After,
        scope: &ScopeFifo<'s>,
        sender: &Sender<Scanned>,
        receiver: &Receiver<Scanned>,
    ) where
        'r: 's,
        'c: 's,
    {
        if after != After::More && self.transcoder.is_some() {
            self.end_text();
        }
        let mut done = self.chunk.length;
        if let Some(cutter) = &mut self.cutter {
            let mut cuts = Vec::new();
            done = cutter.cut(self.chunk.filled(), after, &mut cuts);
            if done == 0 && cuts.is_empty() {
                // Half of a record fills the chunk.
                if after == After::More {
                    let room = self.chunk.bytes.len() as u64;
                    self.grown.extend(self.context.windows.take_or_all(room));
                    self.chunk.grow();
                }
                return;
            }
            self.scan_stray(&cuts);
            self.chunk.cuts = Some(cuts);
        }
        let buffer = self.spare.pop().unwrap_or_default();
        let rest = self.chunk.split_off(done, buffer, self.context.chunk);
        let chunk = std::mem::replace(&mut self.chunk, rest);
        self.send(chunk, scope, sender);
        self.hand_on(receiver, IN_FLIGHT);
        if self.tape.is_outermost {
            self.books.release();
        }
    }

    /// Scans as lines what stands where an event log has no chunk.
    fn scan_stray(&mut self, cuts: &[Cut]) {
        let Some(start) = self.chunk.marks.first().map(|mark| mark.offset) else { return };
        for cut in cuts {
            if let Cut::Lost { at, length, loss: Loss::NoChunk } = cut {
                self.stray.take(start + *at as u64, &self.chunk.filled()[*at..at + length]);
            }
        }
    }

    /// The text ends here, and may end within a character.
    fn end_text(&mut self) {
        if self.chunk.room().len() < LEAST_ROOM {
            self.chunk.grow();
        }
        if let Some(mut transcoder) = std::mem::replace(&mut self.transcoder, self.encoding.transcoder()) {
            let length = transcoder.transcode(&[], self.chunk.room(), true);
            self.chunk.length += length;
        }
    }

    fn send<'s>(&mut self, chunk: Chunk, scope: &ScopeFifo<'s>, sender: &Sender<Scanned>)
    where
        'r: 's,
        'c: 's,
    {
        if chunk.length == 0 {
            self.spare.push(chunk.bytes);
            return;
        }
        let (context, source, entry, number) = (self.context, self.books.source.index, self.entry, self.next);
        let sender = sender.clone();
        scope.spawn_fifo(move |_| {
            let part = chunk.scan(context, source, entry);
            // The receiver lives until every chunk has come back.
            drop(sender.send((number, part, chunk.bytes)));
        });
        self.line.push_back(Slot::Scanning(number));
        self.next += 1;
    }

    /// Hands on what is ready, in order, until at most `most` chunks are in flight.
    fn hand_on(&mut self, receiver: &Receiver<Scanned>, most: usize) {
        loop {
            receiver.try_iter().for_each(|scanned| self.put(scanned));
            while let Some(Slot::Ready(_)) = self.line.front() {
                if let Some(Slot::Ready(mut part)) = self.line.pop_front() {
                    self.unbroken = shed(&mut part, self.unbroken);
                    self.books.emit(*part);
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
        // One that had to grow for a large record is not kept.
        if buffer.len() <= 2 * self.context.chunk {
            self.spare.push(buffer);
        } else {
            drop(buffer);
            self.grown.clear();
        }
        let slot = self.line.iter_mut().find(|slot| matches!(slot, Slot::Scanning(of) if *of == number));
        if let Some(slot) = slot {
            *slot = Slot::Ready(Box::new(part));
        }
    }
}

/// Takes the bytes out of a part that lies in a record too long to be kept, so that a decompression bomb does
/// not wait in memory for its turn; how long the record at the part's end is by now.
fn shed(part: &mut Part, unbroken: u64) -> u64 {
    match part {
        Part::Scanned { edges: Some(Edges::Inner(fragment)), .. } => {
            let unbroken = unbroken + fragment.location.length;
            if unbroken > limits::RECORD {
                fragment.bytes = Vec::new();
            }
            unbroken
        }
        Part::Scanned { edges: Some(Edges::Split(_, tail)), .. } => tail.location.length,
        Part::Gap(_) => 0,
        _ => unbroken,
    }
}

/// The gap that an interrupted hunt leaves.
pub(super) fn interrupted(bytes: Range<u64>) -> Gap {
    let detail = "the hunt was interrupted before this was read".to_owned();
    Gap { entry: 0, bytes, decoded: None, reason: Reason::Interrupted, detail }
}
