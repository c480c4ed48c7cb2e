//! The decoded stream: which event comes where. Nothing here knows how the stream will be encoded,
//! so the same options give the same NDJSON in every container.

use super::fleet::Fleet;
use super::plant::{self, Plant};
use super::record::{self, LONGEST_RECORD};
use super::rng::Rng;
use super::text::{self, TICKS_PER_SECOND};
use super::truth::Planted;
use super::workload::Workload;
use super::{Error, Options};

/// 2026-03-02T00:00:00Z in seconds since 1970: when the corpus begins.
const BEGINNING: u64 = 1_772_409_600;
const SECONDS_PER_HOUR: u64 = 3600;
/// The least distance from one planted event to the next, on average.
const SLOT: u64 = 4 * LONGEST_RECORD;

/// Writes the stream piece by piece.
#[derive(Debug)]
pub(super) struct Corpus {
    options: Options,
    fleet: Fleet,
    workload: Workload,
    /// Bytes and records written so far.
    offset: u64,
    records: u64,
    /// Planted events so far, and where the next one is due.
    planted: u64,
    next_plant_at: u64,
    /// The part of the last record that did not fit the last piece.
    carry: Vec<u8>,
}

/// A piece of the stream.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    /// The planted events that begin in it or in the carry into the next one.
    pub(super) planted: Vec<Planted>,
}

impl Corpus {
    /// # Errors
    /// [`Error::TooSmall`] if the planted events do not fit the size.
    pub(super) fn new(options: &Options) -> Result<Self, Error> {
        let planted = options.hits.saturating_add(options.near_misses);
        let needed = planted.saturating_mul(SLOT).max(LONGEST_RECORD);
        if options.size < needed {
            return Err(Error::TooSmall { size: options.size, needed, planted });
        }
        let mut corpus = Self {
            options: options.clone(),
            fleet: Fleet::new(options.seed),
            workload: Workload::new(options.seed),
            offset: 0,
            records: 0,
            planted: 0,
            next_plant_at: 0,
            carry: Vec::new(),
        };
        corpus.next_plant_at = corpus.due(0);
        Ok(corpus)
    }

    /// Records written so far.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// The next `size` bytes; fewer at the end, and then none.
    pub(super) fn next_piece(&mut self, size: usize) -> Piece {
        let mut piece = Piece { bytes: Vec::with_capacity(size + 4096), planted: Vec::new() };
        piece.bytes.append(&mut self.carry);
        while piece.bytes.len() < size && self.offset < self.options.size {
            self.append_record(&mut piece);
        }
        if piece.bytes.len() > size {
            self.carry = piece.bytes.split_off(size);
        }
        piece
    }

    fn append_record(&mut self, piece: &mut Piece) {
        let start = piece.bytes.len();
        let time = self.time();
        let mut rng = Rng::of(self.options.seed, self.records);
        if self.offset >= self.next_plant_at {
            self.append_plant(piece, time, &mut rng);
        } else {
            let event = self.workload.event(&self.fleet, self.records, time, &mut rng);
            record::write(&mut piece.bytes, &event, &mut rng);
        }
        self.records += 1;
        self.offset += (piece.bytes.len() - start) as u64;
        if self.options.size - self.offset < LONGEST_RECORD {
            self.append_padding(&mut piece.bytes);
        }
    }

    fn append_plant(&mut self, piece: &mut Piece, time: u64, rng: &mut Rng) {
        let start = piece.bytes.len();
        let plant = self.plant();
        let event = plant.event((&self.fleet, &self.workload), (self.records, time), rng);
        record::write(&mut piece.bytes, &event, rng);
        let written = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            String::from_utf8_lossy(&out).into_owned()
        };
        piece.planted.push(Planted {
            verdict: plant.verdict,
            variant: plant.variant,
            event_id: written(&|out| record::write_event_id(out, event.host, event.index)),
            timestamp: written(&|out| text::time(out, time)),
            offset: self.offset,
            length: (piece.bytes.len() - start - 1) as u64,
            line: self.records + 1,
        });
        self.planted += 1;
        self.next_plant_at = self.due(self.planted);
    }

    /// Fills the last line with spaces before its line feed, so that the stream has exactly its size.
    fn append_padding(&mut self, bytes: &mut Vec<u8>) {
        let missing = usize::try_from(self.options.size - self.offset).unwrap_or(0);
        bytes.pop();
        bytes.resize(bytes.len() + missing, b' ');
        bytes.push(b'\n');
        self.offset = self.options.size;
    }

    /// The time of the record at the current offset: time passes with the bytes, and the jitter stays
    /// below the time of the shortest record, so that times never fall.
    fn time(&self) -> u64 {
        let span = u64::from(self.options.hours) * SECONDS_PER_HOUR * TICKS_PER_SECOND;
        let at = proportion(span, self.offset, self.options.size);
        let jitter = proportion(span, 1000, self.options.size);
        let mut rng = Rng::of(!self.options.seed, self.records);
        BEGINNING * TICKS_PER_SECOND + at + rng.below(jitter)
    }

    /// The stream is cut into as many slots as there are planted events. The first record at or after
    /// a place drawn from the first half of its slot is the planted one.
    fn due(&self, nth: u64) -> u64 {
        let slots = self.options.hits + self.options.near_misses;
        if nth >= slots {
            return u64::MAX;
        }
        let [start, end] = [nth, nth + 1].map(|slot| proportion(self.options.size, slot, slots));
        start + Rng::of(self.options.seed ^ 0x910b, nth).below((end - start) / 2)
    }

    /// The next planted event: hits and near misses take turns in proportion to their numbers.
    fn plant(&self) -> &'static Plant {
        let Options { hits, near_misses, .. } = self.options;
        let [before, after] =
            [self.planted, self.planted + 1].map(|slot| proportion(hits, slot, hits + near_misses));
        if after > before { plant::hit(before) } else { plant::near_miss(self.planted - before) }
    }
}

/// `whole * part / parts`; 0 of no parts.
fn proportion(whole: u64, part: u64, parts: u64) -> u64 {
    let product = u128::from(whole) * u128::from(part);
    product.checked_div(u128::from(parts)).and_then(|share| u64::try_from(share).ok()).unwrap_or(0)
}
