//! Bytes that no segment and no member holds, or that damage leaves of one. They are in a gap, and are scanned as
//! lines all the same: somebody may have written records behind an archive, or what begins like one is none.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use memchr::{memchr, memrchr};

use crate::archive::{Input, Stray};
use crate::limits;
use crate::record::{Mark, Place, Width};

use super::Context;
use super::books::Books;
use super::scan::scan_stray;
use super::unit::{Part, Source};

/// Who takes what is found. Layers read ahead of what they hold, so that what is stray is found out of turn.
pub(super) type Emit<'r> = Rc<RefCell<&'r mut dyn FnMut(Part)>>;

/// Has the stray bytes of inputs scanned.
#[derive(Clone)]
pub(super) struct Scanner<'r, 'c> {
    pub(super) context: &'r Context<'c>,
    pub(super) source: &'r Source,
    /// Where offsets of the outermost entry count from, in the file.
    pub(super) base: u64,
    pub(super) emit: Emit<'r>,
}

impl<'r, 'c> Scanner<'r, 'c> {
    /// Watches the input of the entry of this number.
    pub(super) fn watch<'a>(&self, input: Input<'a>, entry: u32) -> Input<'a>
    where
        'r: 'a,
        'c: 'a,
    {
        input.watched(Box::new(self.lines(entry)))
    }

    /// What takes the stray bytes of the entry of this number.
    pub(super) fn lines(&self, entry: u32) -> StrayLines<'r, 'c> {
        StrayLines { scanner: self.clone(), entry, start: 0, next: 0, line_at: 0, line: Vec::new() }
    }
}

/// How inputs are watched: each with the number of its entry.
pub(super) type Watch<'w, 'a> = &'w dyn Fn(Input<'a>, u32) -> Input<'a>;

/// Makes lines of the stray bytes of one entry, and has them scanned.
pub(super) struct StrayLines<'r, 'c> {
    scanner: Scanner<'r, 'c>,
    entry: u32,
    /// Where the gap begins, and how far it was taken.
    start: u64,
    next: u64,
    /// The line that the last bytes begin, and where; nothing if it is too long to be kept.
    line: Vec<u8>,
    line_at: u64,
}

impl Stray for StrayLines<'_, '_> {
    fn take(&mut self, at: u64, bytes: &[u8]) {
        if at != self.next {
            self.finish_line();
            (self.start, self.next, self.line_at) = (at, at, at);
        }
        let Some(feed) = memchr(b'\n', bytes) else { return self.keep(bytes) };
        let (end_of_line, rest) = bytes.split_at(feed + 1);
        let (lines, tail) = rest.split_at(memrchr(b'\n', rest).map_or(0, |feed| feed + 1));
        self.keep(end_of_line);
        self.finish_line();
        self.scan(self.next, lines);
        self.next += lines.len() as u64;
        self.line_at = self.next;
        self.keep(tail);
    }
}

impl StrayLines<'_, '_> {
    fn keep(&mut self, bytes: &[u8]) {
        self.next += bytes.len() as u64;
        if self.next - self.line_at <= limits::RECORD {
            self.line.extend_from_slice(bytes);
        } else {
            // It needs no gap of its own here.
            self.line = Vec::new();
        }
    }

    fn finish_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.scan(self.line_at, &line);
    }

    /// Scans the lines that stand at offset `at`.
    fn scan(&self, mut at: u64, mut lines: &[u8]) {
        let Scanner { context, source, emit, .. } = &self.scanner;
        while !lines.is_empty() && !context.cancel.is_set() {
            let (bytes, rest) = lines.split_at(whole_lines(lines, context.chunk));
            let marks = [Mark { at: 0, segment: self.start, offset: at - self.start }];
            let place =
                Place { source: source.index, entry: self.entry, marks: &marks, bytes, width: Width::AsIs };
            let part = context.with_bench(|bench| scan_stray(context.engine, &mut bench.examiner, &place));
            (*emit.borrow_mut())(part);
            self.release(at..at + bytes.len() as u64);
            (at, lines) = (at + bytes.len() as u64, rest);
        }
    }

    /// Lets go of the pages of these bytes, if they are the file's own.
    fn release(&self, bytes: Range<u64>) {
        let Scanner { source, base, .. } = &self.scanner;
        if let Some(mapping) = &source.mapping
            && self.entry == Books::OUTERMOST
        {
            let offset = |at: u64| usize::try_from(base + at).unwrap_or(usize::MAX);
            mapping.release(offset(bytes.start)..offset(bytes.end));
        }
    }
}

impl Drop for StrayLines<'_, '_> {
    fn drop(&mut self) {
        self.finish_line();
    }
}

/// Length of the lines at the beginning of `bytes` that make `least` bytes together, or of all.
fn whole_lines(bytes: &[u8], least: usize) -> usize {
    let least = least.min(bytes.len());
    memchr(b'\n', &bytes[least..]).map_or(bytes.len(), |feed| least + feed + 1)
}
