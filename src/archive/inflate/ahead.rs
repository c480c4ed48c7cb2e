//! Decodes from a place on that the decoder before has not reached.
//!
//! The window there is not known: a symbol with its highest bit set stands for the byte of the window that its other
//! bits count. They are looked up when the decoder before arrives. Where a block really begins is not known either: a
//! place that looks like one is taken for one, and nothing is used of it unless the decoder before comes to exactly
//! that bit at the end of a block. So what is decoded ahead changes nothing but the time that it takes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::find::find;
use super::symbol::Sink;
use super::{Inflate, Pause, WINDOW};
use crate::archive::budget::Aside;

/// How many symbols are decoded ahead at most; a bomb is no more than these.
pub(super) const MOST: usize = 2 << 20;

/// How many words are searched, and how many symbols are decoded, before looking whether to stop.
const WORDS: u64 = 256;
const SYMBOLS: usize = 8 << 10;

/// How many bits are searched at most before the front must come nearer: what is searched is mapped meanwhile.
pub(super) const REACH: u64 = 2 << 20;

/// How often the distance to the next search is doubled: where no block is found, there may be none for long.
const DOUBLINGS: u32 = 10;

/// How many bits are decoded at most: more than so many symbols can take, unless there are blocks without any.
const FARTHEST: u64 = 32 << 20;

/// Set in symbols that stand for a byte of the window.
const UNKNOWN: u16 = 0x8000;

/// No bit has this number.
const NOWHERE: u64 = u64::MAX;

/// What one that decodes ahead, and the one at the front, tell each other meanwhile. Bits are told by their numbers.
pub(super) struct Signals {
    stop: AtomicBool,
    /// Where it is to begin at the earliest.
    from: AtomicU64,
    /// Where it has begun.
    start: AtomicU64,
    /// Where it stands.
    position: AtomicU64,
    /// Where the next one has begun.
    until: AtomicU64,
}

impl Signals {
    pub(super) fn new(from: u64) -> Self {
        let at = AtomicU64::new;
        let (start, position, until) = (at(NOWHERE), at(from), at(NOWHERE));
        Self { stop: AtomicBool::new(false), from: at(from), start, position, until }
    }

    /// Has it stop soon.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// The bit at which it has begun, if it has found one.
    pub(super) fn start(&self) -> Option<u64> {
        told(&self.start)
    }

    /// Number of the next bit that it reads.
    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    /// Has it begin behind `from`, unless it has begun already, and stop where the next one begins.
    pub(super) fn place(&self, from: u64, until: Option<u64>) {
        self.from.fetch_max(from, Ordering::Relaxed);
        self.until.store(until.unwrap_or(NOWHERE), Ordering::Relaxed);
    }
}

fn told(bit: &AtomicU64) -> Option<u64> {
    Some(bit.load(Ordering::Relaxed)).filter(|bit| *bit != NOWHERE)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    /// For a block, from this bit on.
    Search(u64),
    Decode,
    /// It goes no further.
    Done,
}

/// What is decoded ahead, so far.
pub(super) struct Ahead {
    stage: Stage,
    /// Where it began; nowhere if it found nothing.
    start: u64,
    /// Where it stands, and what is decoded until there. The window comes first.
    inflate: Inflate,
    symbols: Symbols,
    filled: usize,
    /// The end of its last whole block: the bit, and how much was filled.
    whole: (u64, usize),
    /// How often it has found no block.
    misses: u32,
}

/// Room for the window and what is decoded; a share of it is held as long.
pub(super) struct Symbols {
    room: Vec<u16>,
    _aside: Aside,
}

impl Symbols {
    pub(super) fn new(aside: Aside) -> Self {
        let mut room = vec![0; WINDOW + MOST];
        room.iter_mut().zip(UNKNOWN..=u16::MAX).for_each(|(symbol, unknown)| *symbol = unknown);
        Self { room, _aside: aside }
    }
}

impl Ahead {
    pub(super) fn new(symbols: Symbols) -> Self {
        Self {
            stage: Stage::New,
            start: NOWHERE,
            inflate: Inflate::new(0),
            symbols,
            filled: WINDOW,
            whole: (0, WINDOW),
            misses: 0,
        }
    }

    /// The bit at which it has begun, if it has found one.
    pub(super) fn start(&self) -> Option<u64> {
        let is_begun = matches!(self.stage, Stage::Decode | Stage::Done);
        is_begun.then_some(self.start).filter(|start| *start != NOWHERE)
    }

    /// Whether it goes no further.
    pub(super) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Goes on until it is told to stop, or as far as it goes. If it has found no block, it can be sent on later.
    pub(super) fn advance(&mut self, bytes: &[u8], signals: &Signals) {
        let mut last = u64::MAX;
        while !signals.stop.load(Ordering::Relaxed) {
            match self.stage {
                Stage::New => {
                    let from = signals.from.load(Ordering::Relaxed);
                    (self.stage, last) = (Stage::Search(from), from + REACH);
                }
                Stage::Search(at) if at > last => {
                    let next = at + (REACH << self.misses.min(DOUBLINGS));
                    self.misses += 1;
                    self.stage = Stage::New;
                    signals.from.fetch_max(next, Ordering::Relaxed);
                    signals.position.store(next, Ordering::Relaxed);
                    return;
                }
                Stage::Search(at) => self.search(bytes, at),
                Stage::Decode => self.decode(bytes, told(&signals.until)),
                Stage::Done => return,
            }
            self.tell(signals);
        }
    }

    fn tell(&self, signals: &Signals) {
        let position = match self.stage {
            Stage::New => return,
            Stage::Search(at) => at,
            Stage::Decode | Stage::Done => self.inflate.position(),
        };
        signals.start.store(self.start().unwrap_or(NOWHERE), Ordering::Relaxed);
        signals.position.store(position, Ordering::Relaxed);
    }

    fn search(&mut self, bytes: &[u8], at: u64) {
        match find(bytes, at, WORDS, self.inflate.codes()) {
            Ok(start) => {
                (self.stage, self.start) = (Stage::Decode, start);
                self.stand_at(start, WINDOW);
            }
            Err(at) if at / 8 > bytes.len() as u64 => (self.stage, self.start) = (Stage::Done, NOWHERE),
            Err(at) => self.stage = Stage::Search(at),
        }
    }

    fn decode(&mut self, bytes: &[u8], until: Option<u64>) {
        let room = &mut self.symbols.room;
        let end = (self.filled + SYMBOLS).min(room.len());
        let mut sink = Sink { before: &[], room: &mut room[..end], at: self.filled };
        let outcome = self.inflate.step(bytes, &mut sink);
        self.filled = sink.at;
        match outcome {
            Ok(Pause::Full) if self.filled < self.symbols.room.len() => {}
            Ok(Pause::Block) => {
                self.whole = (self.inflate.position(), self.filled);
                if until == Some(self.whole.0) || self.whole.0 - self.start > FARTHEST {
                    self.stage = Stage::Done;
                }
            }
            Ok(Pause::Full | Pause::End) => self.stage = Stage::Done,
            // This was no block.
            Err(_) if self.whole.0 == self.start => self.stage = Stage::Search(self.start + 1),
            // Whoever comes after the whole blocks will find out.
            Err(_) => {
                self.stand_at(self.whole.0, self.whole.1);
                self.stage = Stage::Done;
            }
        }
    }

    /// Stands at a bit where a block begins.
    fn stand_at(&mut self, position: u64, filled: usize) {
        self.inflate.begin(position);
        (self.whole, self.filled) = ((position, filled), filled);
    }

    /// The decoder comes to where it began, and this is the window: gives out what was decoded.
    pub(super) fn arrive(self, window: &[u8; WINDOW]) -> Arrived {
        let mut bytes: Box<[u8; 1 << 16]> = Box::new([0; 1 << 16]);
        (0..=u8::MAX).zip(&mut bytes[..]).for_each(|(byte, place)| *place = byte);
        bytes[usize::from(UNKNOWN)..].copy_from_slice(window);
        Arrived { ahead: self, bytes, given: WINDOW }
    }

    /// Gives the room back.
    pub(super) fn into_symbols(self) -> Symbols {
        self.symbols
    }
}

/// What was decoded ahead of a window that is known by now.
pub(super) struct Arrived {
    ahead: Ahead,
    /// What each symbol stands for.
    bytes: Box<[u8; 1 << 16]>,
    given: usize,
}

impl Arrived {
    /// Gives the next bytes, as far as there is room; how many.
    pub(super) fn give(&mut self, out: &mut [u8]) -> usize {
        let symbols = &self.ahead.symbols.room[self.given..self.ahead.filled];
        let count = symbols.len().min(out.len());
        let pairs = symbols.iter().zip(out);
        pairs.for_each(|(symbol, out)| *out = self.bytes[usize::from(*symbol)]);
        self.given += count;
        count
    }

    /// Whether all was given.
    pub(super) fn is_done(&self) -> bool {
        self.given == self.ahead.filled
    }

    /// Number of the bit at which the decoder behind it begins.
    pub(super) fn end(&self) -> u64 {
        self.ahead.inflate.position()
    }

    /// The decoder that goes on behind it, and the room.
    pub(super) fn into_parts(self) -> (Inflate, Symbols) {
        (self.ahead.inflate, self.ahead.symbols)
    }
}
