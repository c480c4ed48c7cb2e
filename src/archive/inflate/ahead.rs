//! Decodes from a place on that the decoder before has not reached.
//!
//! The window there is not known: a symbol with its highest bit set stands for the byte of the window that its other
//! bits count. They are looked up when the decoder before arrives. Where a block really begins is not known either: a
//! place that looks like one is taken for one, and nothing is used of it unless the decoder before comes to exactly
//! that bit at the end of a block. So what is decoded ahead changes nothing but the time that it takes.

use std::sync::atomic::{AtomicBool, Ordering};

use super::find::find;
use super::symbol::Sink;
use super::{Inflate, Pause, WINDOW};
use crate::archive::budget::Aside;

/// How many symbols are decoded ahead at most; a bomb is no more than these.
pub(super) const MOST: usize = 4 << 20;

/// How many bits are searched, and how many symbols are decoded, before looking whether to stop.
const BITS: u64 = 64 << 10;
const SYMBOLS: usize = 32 << 10;

/// Set in symbols that stand for a byte of the window.
const UNKNOWN: u16 = 0x8000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// For a block, from this bit on.
    Search(u64),
    Decode,
    /// It goes no further.
    Done,
}

/// What is decoded ahead, so far.
pub(super) struct Ahead {
    stage: Stage,
    /// Where it began, or may begin.
    start: u64,
    /// Where it stands, and what is decoded until there. The window comes first.
    inflate: Inflate,
    symbols: Symbols,
    filled: usize,
    /// The end of its last whole block: the bit, and how much was filled.
    whole: (u64, usize),
    /// Where the next one begins, if that is known.
    until: Option<u64>,
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
    /// Begins at the first block at or behind bit `from`.
    pub(super) fn new(from: u64, symbols: Symbols) -> Self {
        Self {
            stage: Stage::Search(from),
            start: from,
            inflate: Inflate::new(from),
            symbols,
            filled: WINDOW,
            whole: (from, WINDOW),
            until: None,
        }
    }

    /// Whether it has not begun. Then it can begin elsewhere.
    pub(super) fn is_new(&self) -> bool {
        self.stage == Stage::Search(self.start)
    }

    /// The bit at which it began, if it has found one.
    pub(super) fn start(&self) -> Option<u64> {
        matches!(self.stage, Stage::Decode | Stage::Done).then_some(self.start)
    }

    /// Number of the next bit that it reads.
    pub(super) fn position(&self) -> u64 {
        match self.stage {
            Stage::Search(at) => at,
            Stage::Decode | Stage::Done => self.inflate.position(),
        }
    }

    /// Has it begin elsewhere.
    pub(super) fn place(&mut self, from: u64) {
        (self.stage, self.start) = (Stage::Search(from), from);
    }

    /// Has it stop where the next one begins, if that is known.
    pub(super) fn stop_at(&mut self, until: Option<u64>) {
        self.until = until;
    }

    /// Goes on until it is told to stop, or as far as it goes.
    pub(super) fn advance(&mut self, bytes: &[u8], stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            match self.stage {
                Stage::Search(at) => self.search(bytes, at),
                Stage::Decode => self.decode(bytes),
                Stage::Done => return,
            }
        }
    }

    fn search(&mut self, bytes: &[u8], at: u64) {
        match find(bytes, at..at + BITS, self.inflate.codes()) {
            Some(start) => {
                (self.stage, self.start) = (Stage::Decode, start);
                self.stand_at(start, WINDOW);
            }
            None if at / 8 >= bytes.len() as u64 => self.stage = Stage::Done,
            None => self.stage = Stage::Search(at + BITS),
        }
    }

    fn decode(&mut self, bytes: &[u8]) {
        let room = &mut self.symbols.room;
        let end = (self.filled + SYMBOLS).min(room.len());
        let mut sink = Sink { before: &[], room: &mut room[..end], at: self.filled };
        let outcome = self.inflate.step(bytes, &mut sink);
        self.filled = sink.at;
        match outcome {
            Ok(Pause::Full) if self.filled < self.symbols.room.len() => {}
            Ok(Pause::Block) => {
                self.whole = (self.inflate.position(), self.filled);
                if self.until == Some(self.whole.0) {
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
    pub(super) fn arrive(self, window: Box<[u8; WINDOW]>) -> Arrived {
        Arrived { ahead: self, window, given: WINDOW }
    }

    /// Gives the room back.
    pub(super) fn into_symbols(self) -> Symbols {
        self.symbols
    }
}

/// What was decoded ahead of a window that is known by now.
pub(super) struct Arrived {
    ahead: Ahead,
    window: Box<[u8; WINDOW]>,
    given: usize,
}

impl Arrived {
    /// Gives the next bytes, as far as there is room; how many.
    pub(super) fn give(&mut self, out: &mut [u8]) -> usize {
        let symbols = &self.ahead.symbols.room[self.given..self.ahead.filled];
        let count = symbols.len().min(out.len());
        resolve(&symbols[..count], &self.window, &mut out[..count]);
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

/// How many symbols are looked at together: most often, all of them are known.
const TOGETHER: usize = 64;

fn resolve(symbols: &[u16], window: &[u8; WINDOW], out: &mut [u8]) {
    for (symbols, out) in symbols.chunks(TOGETHER).zip(out.chunks_mut(TOGETHER)) {
        let pairs = symbols.iter().zip(out);
        if symbols.iter().fold(0, |all, symbol| all | symbol) & UNKNOWN == 0 {
            pairs.for_each(|(symbol, out)| *out = *symbol as u8);
        } else {
            pairs.for_each(|(symbol, out)| {
                let unknown = window[usize::from(*symbol & !UNKNOWN)];
                *out = if symbol & UNKNOWN == 0 { *symbol as u8 } else { unknown };
            });
        }
    }
}
