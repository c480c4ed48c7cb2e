//! What a unit that is read in order keeps account of.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use crate::archive::Step;
use crate::ledger::{Gap, Spot, Tally};

use super::Context;
use super::stray::Scanner;
use super::stream::interrupted;
use super::unit::{Part, Source};

/// How often the pages of a mapped file that lie behind are let go of, in bytes.
const RELEASE: u64 = 8 << 20;

/// The account of one unit: how far its outermost bytes were read, what for, and the entries found in it.
pub(super) struct Books<'r, 'c> {
    pub(super) context: &'r Context<'c>,
    pub(super) source: &'r Source,
    /// Hands parts on, and has stray bytes scanned.
    scanner: Scanner<'r, 'c>,
    tally: Tally,
    /// Offset in the file of what the unit's offsets count from.
    base: u64,
    start: u64,
    position: u64,
    released: u64,
    /// Number of the next entry.
    next_entry: u32,
    /// Entry, segment and offset of the next byte that holds records.
    pub(super) place: Spot,
    /// Where that was when the open segment of each layer began.
    began: BTreeMap<u32, Spot>,
}

impl<'r, 'c> Books<'r, 'c> {
    /// The entry of the unit's own bytes.
    pub(super) const OUTERMOST: u32 = 0;

    /// `base`: where offsets count from, in the file; `start`: the first to be read; `entries`: how many are
    /// listed already.
    pub(super) fn new(
        context: &'r Context<'c>,
        source: &'r Source,
        emit: &'r mut dyn FnMut(Part),
        (base, start): (u64, u64),
        entries: u32,
    ) -> Self {
        let (tally, emit) = (Tally::default(), Rc::new(RefCell::new(emit)));
        Self {
            context,
            source,
            scanner: Scanner { context, source, base, emit },
            tally,
            base,
            start,
            position: start,
            released: start,
            next_entry: entries,
            place: (0, 0, 0),
            began: BTreeMap::new(),
        }
    }

    /// Hands a part on.
    pub(super) fn emit(&mut self, part: Part) {
        (*self.scanner.emit.borrow_mut())(part);
    }

    /// Has the stray bytes of inputs scanned.
    pub(super) fn scanner(&self) -> Scanner<'r, 'c> {
        self.scanner.clone()
    }

    /// Lists entries; the number of the first.
    pub(super) fn list(&mut self, suffixes: Vec<String>) -> u32 {
        let first = self.next_entry;
        self.next_entry += u32::try_from(suffixes.len()).unwrap_or(u32::MAX);
        self.emit(Part::Entries(suffixes));
        first
    }

    /// Takes a step of a layer.
    pub(super) fn take(&mut self, entry: u32, step: &Step) {
        match step {
            Step::Segment(_) => drop(self.began.insert(entry, self.place)),
            Step::Gap { decoded: Some(_), fault, .. } if fault.reason.leaves_unverified() => {
                let began = self.began.get(&entry).copied().unwrap_or_default();
                self.emit(Part::Unverified(began..self.place));
            }
            _ => {}
        }
        if entry == Self::OUTERMOST {
            self.count(step);
        }
    }

    fn count(&mut self, step: &Step) {
        let length = |range: &Range<u64>| range.end - range.start;
        match step {
            Step::Segment(_) => self.tally.segments += 1,
            Step::Padding(range) => self.tally.framing += length(range),
            Step::Gap { bytes, .. } => self.tally.unread += length(bytes),
            Step::Data(_) | Step::End(_) | Step::Finished => {}
        }
    }

    /// So many of the outermost bytes hold nothing by design.
    pub(super) fn framing(&mut self, bytes: u64) {
        self.tally.framing += bytes;
    }

    /// So many of the outermost bytes could not be read.
    pub(super) fn unread(&mut self, bytes: u64) {
        self.tally.unread += bytes;
    }

    /// The outermost bytes were read up to `position`.
    pub(super) fn reach(&mut self, position: u64) {
        self.context.meter.read(position.saturating_sub(self.position), 0);
        self.position = position;
    }

    /// Lets go of the pages that have been read: they would count as this process's memory.
    pub(super) fn release(&mut self) {
        if let Some(mapping) = &self.source.mapping
            // Damage can send the decoder back to where a segment really begins.
            && self.position.saturating_sub(self.released) >= RELEASE
        {
            let offset = |offset: u64| usize::try_from(self.base + offset).unwrap_or(usize::MAX);
            mapping.release(offset(self.released)..offset(self.position));
            self.released = self.position;
        }
    }

    /// Writes down how the bytes up to `end`, if that is known, were read. Where reading stopped.
    pub(super) fn close(mut self, end: Option<u64>) -> u64 {
        let position = self.position;
        self.tally.read = (position - self.start).saturating_sub(self.tally.framing + self.tally.unread);
        let end = end.unwrap_or(position);
        if self.context.cancel.is_set() && position < end {
            self.tally.unread += end - position;
            let gap: Gap = interrupted(position..end);
            self.emit(Part::Gap(gap));
        }
        let tally = self.tally;
        self.emit(Part::Tally(tally));
        position
    }
}
