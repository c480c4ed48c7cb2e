//! Decoded bytes on their way from a stream to a scanner.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::ledger::Reason;
use crate::record::{Cut, Mark, Place, Width};

use super::Context;
use super::fold::record_gap;
use super::scan::{scan_cuts, scan_lines};
use super::unit::Part;

/// A chunk that is being filled, and then scanned.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// Room; the first `length` bytes are the chunk's.
    pub(super) bytes: Vec<u8>,
    pub(super) length: usize,
    /// Where they come from, in raw bytes.
    pub(super) marks: Vec<Mark>,
    /// How many raw bytes came so far.
    raw: usize,
    pub(super) width: Width,
    /// What a cutter found; nothing for lines.
    pub(super) cuts: Option<Vec<Cut>>,
}

impl Chunk {
    /// An empty chunk with `room` bytes of room, in `buffer` if that is large enough.
    pub(super) fn new(mut buffer: Vec<u8>, room: usize, width: Width) -> Self {
        if buffer.len() < room {
            // Fresh zeros come from the kernel, page by page as they are touched; growing would touch them all.
            buffer = vec![0; room];
        }
        Self { bytes: buffer, width, ..Self::default() }
    }

    /// The bytes.
    pub(super) fn filled(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Where the next bytes go.
    pub(super) fn room(&mut self) -> &mut [u8] {
        &mut self.bytes[self.length..]
    }

    /// `raw` raw bytes, which lie at `offset` of `segment`, became `length` bytes.
    pub(super) fn add(&mut self, length: usize, raw: usize, (segment, offset): (u64, u64)) {
        let follows = self.marks.last().is_some_and(|mark| {
            mark.segment == segment && mark.offset + (self.raw - mark.at) as u64 == offset
        });
        if !follows {
            self.marks.push(Mark { at: self.raw, segment, offset });
        }
        self.length += length;
        self.raw += raw;
    }

    /// Cuts off what lies behind the first `done` bytes: a chunk of its own in `buffer`, with as much room
    /// again.
    pub(super) fn split_off(&mut self, done: usize, buffer: Vec<u8>, room: usize) -> Self {
        let tail = &self.bytes[done..self.length];
        let mut next = Self::new(buffer, room.max(2 * tail.len()), self.width);
        next.bytes[..tail.len()].copy_from_slice(tail);
        next.length = tail.len();
        let raw = self.width.raw(&self.bytes[..done]).min(self.raw);
        next.raw = self.raw - raw;
        let first = self.marks.partition_point(|mark| mark.at <= raw);
        if next.raw > 0
            && let Some(mark) = first.checked_sub(1).map(|last| self.marks[last])
        {
            next.marks.push(Mark { at: 0, offset: mark.offset + (raw - mark.at) as u64, ..mark });
        }
        next.marks.extend(self.marks[first..].iter().map(|mark| Mark { at: mark.at - raw, ..*mark }));
        self.length = done;
        next
    }

    /// Makes twice as much room.
    pub(super) fn grow(&mut self) {
        self.bytes.resize(2 * self.bytes.len(), 0);
    }

    /// Scans it; a fault of the program costs this chunk and no other.
    pub(super) fn scan(&self, context: &Context<'_>, source: u32, entry: u32) -> Part {
        let bytes = self.filled();
        let place = Place { source, entry, marks: &self.marks, bytes, width: self.width };
        let scanned = catch_unwind(AssertUnwindSafe(|| {
            context.with_bench(|bench| match &self.cuts {
                Some(cuts) => scan_cuts(context.engine, &mut bench.examiner, cuts, &place),
                None => scan_lines(context.engine, &mut bench.examiner, bytes, &place),
            })
        }));
        scanned.unwrap_or_else(|_| {
            let detail = "a fault of coldtrail: please report it".to_owned();
            Part::Gap(record_gap(&place.location(0, self.length), Reason::Internal, detail))
        })
    }
}
