//! Reads one deflate stream with as many threads as have nothing else to do.

use std::collections::VecDeque;
use std::thread;

use flate2::Crc;

use super::ahead::{Ahead, Arrived, MOST, REACH, Symbols};
use super::helper::Helper;
use super::symbol::Sink;
use super::{Damage, Inflate, Pause, WINDOW};
use crate::archive::Budget;
use crate::archive::input::Mapped;

/// How far ahead of one decoder the next begins: where this many bytes of those that were decoded so far lie.
const DISTANCE: u64 = MOST as u64 / 2;

/// And within which bounds, in encoded bytes.
const DISTANCES: std::ops::RangeInclusive<u64> = (64 << 10)..=(2 << 20);

/// How much is decoded before it is looked at anew what goes on ahead.
const PIECE: usize = 1 << 20;

/// How many decode ahead at most.
const ROW: usize = 15;

/// Reads a deflate stream.
pub(in crate::archive) struct Reader<'a> {
    bytes: Mapped<'a>,
    front: Front,
    /// Those that decode ahead, in order.
    row: VecDeque<Helper>,
    spare: Vec<Symbols>,
    memory: Budget,
    /// How many may decode ahead, once that is known.
    most: Option<usize>,
}

/// The decoder that all before is known of.
struct Front {
    inflate: Inflate,
    /// It goes on behind this.
    arrived: Option<Arrived>,
    /// The last bytes that were read, a window at least.
    window: Vec<u8>,
    crc: Crc,
    read: u64,
}

/// Why the front pauses.
enum Halt {
    Full,
    End,
    /// It has come to where something was decoded ahead.
    Met,
    /// It has given out all that was.
    Given,
}

impl<'a> Reader<'a> {
    /// Reads the stream at the beginning of `bytes`.
    pub(in crate::archive) fn new(bytes: Mapped<'a>, memory: &Budget) -> Self {
        let (inflate, window, crc) = (Inflate::new(0), Vec::new(), Crc::new());
        let front = Front { inflate, arrived: None, window, crc, read: 0 };
        Self { bytes, front, row: VecDeque::new(), spare: Vec::new(), memory: memory.clone(), most: None }
    }

    /// Decodes into `out`, which is filled unless the stream ends; whether it does, and how many bytes came. Damage is
    /// told with the last bytes before it.
    pub(in crate::archive) fn read(&mut self, out: &mut [u8]) -> (usize, Result<Pause, Damage>) {
        let mut at = 0;
        let outcome = loop {
            let end = out.len().min(at + PIECE);
            match self.go_on(&mut out[..end], &mut at) {
                Ok(Halt::Met) => self.meet(&out[..at]),
                Ok(Halt::Given) => self.take_over(),
                Ok(Halt::Full) if end < out.len() => {}
                Ok(Halt::Full) => break Ok(Pause::Full),
                Ok(Halt::End) => break Ok(Pause::End),
                Err(damage) => break Err(damage),
            }
        };
        self.front.remember(&out[..at]);
        (at, outcome)
    }

    /// How many encoded bytes were needed so far.
    pub(in crate::archive) fn position(&self) -> u64 {
        self.front.inflate.position().div_ceil(8)
    }

    /// The checksum of all that was decoded.
    pub(in crate::archive) fn take_crc(&mut self) -> Crc {
        std::mem::take(&mut self.front.crc)
    }

    fn go_on(&mut self, out: &mut [u8], at: &mut usize) -> Result<Halt, Damage> {
        self.line_up();
        let meet = self.row.front().and_then(|helper| helper.signals().start());
        self.front.run(self.bytes.bytes(), meet, out, at)
    }

    /// Has as many decode ahead as there are threads, each at its distance from the one before.
    fn line_up(&mut self) {
        let Mapped::Shared(bytes) = &self.bytes else { return };
        let distance = self.front.distance();
        let mut reached = self.front.reached();
        if reached < distance || rayon::current_thread_index().is_none() {
            return;
        }
        while self
            .row
            .front()
            .and_then(|helper| helper.signals().start())
            .is_some_and(|start| start < reached)
        {
            let late = self.row.pop_front().and_then(Helper::recall);
            self.spare.extend(late.map(Ahead::into_symbols));
        }
        if self.memory.is_anyone_waiting() {
            return;
        }
        let most = *self.most.get_or_insert_with(most_helpers);
        let mut row = std::mem::take(&mut self.row);
        for _ in 0..most {
            let from = reached + distance;
            let helper = match row.pop_front() {
                Some(helper) => helper,
                None if from / 8 >= bytes.bytes().len() as u64 => break,
                None => {
                    let symbols = self.spare.pop().or_else(|| self.memory.take_aside().map(Symbols::new));
                    let Some(symbols) = symbols else { break };
                    Helper::new(Ahead::new(symbols), from)
                }
            };
            let next = row.front().and_then(|next| next.signals().start());
            helper.signals().place(from, next);
            reached = helper.signals().position();
            if reached > from + REACH && helper.signals().start().is_none() {
                // It has searched far enough for now.
                self.row.push_back(helper);
                break;
            }
            self.row.extend(helper.send(bytes));
        }
        self.row.append(&mut row);
    }

    /// Takes what was decoded ahead of where the front stands; `out` is what this call has read.
    fn meet(&mut self, out: &[u8]) {
        let Some(ahead) = self.row.pop_front().and_then(Helper::recall) else { return };
        // It may have found since that no block begins there.
        let is_met = ahead.start() == Some(self.front.inflate.position());
        match self.front.last_window(out).filter(|_| is_met) {
            Some(window) => self.front.arrived = Some(ahead.arrive(&window)),
            None => self.spare.push(ahead.into_symbols()),
        }
    }

    /// Goes on where what was decoded ahead ends.
    fn take_over(&mut self) {
        if let Some(arrived) = self.front.arrived.take() {
            let (inflate, symbols) = arrived.into_parts();
            self.front.inflate = inflate;
            self.spare.push(symbols);
        }
    }
}

/// One for each thread besides this one, unless threads share processors: then they would only hold up one another.
fn most_helpers() -> usize {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    (rayon::current_num_threads().min(processors) - 1).min(ROW)
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.row.iter().for_each(|helper| helper.signals().stop());
    }
}

impl Front {
    /// Fills `out` from `at` on, until it comes to bit `meet` at the end of a block.
    fn run(
        &mut self,
        bytes: &[u8],
        meet: Option<u64>,
        out: &mut [u8],
        at: &mut usize,
    ) -> Result<Halt, Damage> {
        let from = *at;
        let outcome = match &mut self.arrived {
            Some(arrived) => {
                *at += arrived.give(&mut out[from..]);
                Ok(if arrived.is_done() { Halt::Given } else { Halt::Full })
            }
            None => self.decode(bytes, meet, out, at),
        };
        self.crc.update(&out[from..*at]);
        self.read += (*at - from) as u64;
        outcome
    }

    fn decode(
        &mut self,
        bytes: &[u8],
        meet: Option<u64>,
        out: &mut [u8],
        at: &mut usize,
    ) -> Result<Halt, Damage> {
        let mut sink = Sink { before: &self.window, room: out, at: *at };
        let outcome = loop {
            if self.inflate.is_between_blocks() && meet == Some(self.inflate.position()) {
                break Ok(Halt::Met);
            }
            match self.inflate.step(bytes, &mut sink) {
                Ok(Pause::Block) => {}
                Ok(Pause::Full) => break Ok(Halt::Full),
                Ok(Pause::End) => break Ok(Halt::End),
                Err(damage) => break Err(damage),
            }
        };
        *at = sink.at;
        outcome
    }

    /// The bit behind all that is decoded by now.
    fn reached(&self) -> u64 {
        self.arrived.as_ref().map_or(self.inflate.position(), Arrived::end)
    }

    /// How far ahead to begin, in bits.
    fn distance(&self) -> u64 {
        let encoded = u128::from(self.inflate.position() / 8) * u128::from(DISTANCE);
        let distance = u64::try_from(encoded / u128::from(self.read.max(1))).unwrap_or(u64::MAX);
        distance.clamp(*DISTANCES.start(), *DISTANCES.end()) * 8
    }

    /// The last bytes before what comes next; `out` is what this call has read.
    fn last_window(&self, out: &[u8]) -> Option<Box<[u8; WINDOW]>> {
        if let Some(window) = out.last_chunk() {
            return Some(Box::new(*window));
        }
        let start = self.window.len().checked_sub(WINDOW - out.len())?;
        let window = [&self.window[start..], out].concat();
        window.into_boxed_slice().try_into().ok()
    }

    /// Keeps a window of what was read.
    fn remember(&mut self, out: &[u8]) {
        let behind = &out[out.len().saturating_sub(WINDOW)..];
        if self.window.len() + behind.len() > 2 * WINDOW {
            let kept = WINDOW - behind.len();
            self.window.drain(..self.window.len() - kept);
        }
        self.window.extend_from_slice(behind);
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
