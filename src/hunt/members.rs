//! Archives with members that must be read from front to back: one behind a codec, one within another, or
//! one whose directory is damaged.

use crate::archive::{Input, Item, Member, Members, Method, Step, Tar, Zip, skip};
use crate::ledger::{DecodedRange, Gap, Reason};
use crate::limits;
use crate::record::Archive;

use super::books::Books;
use super::layers::Outer;
use super::plan::notes;
use super::probe;
use super::stream::{Tape, read};
use super::unit::{Chain, Part};

/// An archive that is being read.
pub(super) struct Reading<'t> {
    tape: &'t Tape,
    outer: Outer,
}

/// Reads an archive of this kind, member by member.
pub(super) fn read_archive<'a, 'r: 'a, 'c: 'a>(
    books: &mut Books<'r, 'c>,
    tape: &Tape,
    kind: Archive,
    input: Input<'a>,
    around: Option<Outer>,
) {
    let (around, memory) = (around.unwrap_or_else(Outer::none), &books.context.windows);
    let scanner = books.scanner();
    let watch = |input, entry| scanner.watch(input, entry);
    let (outer, input) = around.wrap(&tape.layout.chain, input, memory, tape.checksum, tape.entry, &watch);
    let reading = Reading { tape, outer };
    let mut input = watch(input, reading.entry());
    let mut members = match kind {
        Archive::Tar => Members::Tar(Tar::default()),
        Archive::Zip => Members::Zip(Zip::by_headers()),
    };
    while !books.context.cancel.is_set() && reading.next(books, &mut members, &mut input) {
        reading.settle(books, &input, input.position());
    }
    reading.settle(books, &input, u64::MAX);
}

impl Reading<'_> {
    /// Whether the archive's bytes are the file's own.
    fn is_plain(&self) -> bool {
        self.tape.is_outermost && self.tape.layout.chain.is_empty()
    }

    fn entry(&self) -> u32 {
        self.tape.entry + probe::records_entry(&self.tape.layout)
    }

    /// Writes down what the codecs around the archive said of its bytes before `reached`, and nobody has heard.
    fn settle(&self, books: &mut Books<'_, '_>, input: &Input<'_>, reached: u64) {
        while let Some((entry, step)) = self.outer.next(reached) {
            books.take(entry, &step);
            match step {
                Step::Gap { bytes, decoded, fault } => {
                    let gap = Gap { entry, bytes, decoded, reason: fault.reason, detail: fault.detail };
                    books.emit(Part::Gap(gap));
                }
                Step::End(integrity) => books.emit(Part::Integrity(integrity)),
                _ => {}
            }
        }
        if self.tape.is_outermost {
            books.reach(if self.is_plain() { input.position() } else { self.outer.position() });
            books.release();
        }
    }

    /// Reads the next member; `false` when there is none.
    fn next(&self, books: &mut Books<'_, '_>, members: &mut Members, input: &mut Input<'_>) -> bool {
        let before = input.position();
        let item = members.next(input);
        let passed = match &item {
            Item::Gap(bytes, _) => bytes.start - before,
            Item::Member(_) | Item::End => input.position() - before,
        };
        if self.is_plain() {
            books.framing(passed);
        }
        match item {
            Item::End => false,
            Item::Gap(bytes, fault) => {
                let goes_on = !bytes.is_empty();
                self.lose(books, bytes, fault.reason, fault.detail);
                goes_on
            }
            Item::Member(member) => {
                self.read_member(books, &member, input);
                true
            }
        }
    }

    /// A gap in the archive's bytes.
    fn lose(&self, books: &mut Books<'_, '_>, bytes: std::ops::Range<u64>, reason: Reason, detail: String) {
        let entry = self.entry();
        if self.is_plain() {
            books.unread(bytes.end - bytes.start);
            books.emit(Part::Gap(Gap { entry, bytes, decoded: None, reason, detail }));
        } else {
            let decoded = Some(DecodedRange { segment: 0, start: bytes.start, end: Some(bytes.end) });
            books.emit(Part::Gap(Gap { entry, bytes, decoded, reason, detail }));
        }
    }

    fn read_member(&self, books: &mut Books<'_, '_>, member: &Member, input: &mut Input<'_>) {
        let suffix = format!("{}!{}", self.tape.suffix, member.name);
        let size = member.size.unwrap_or(0);
        if let (Some(reason), Some(size)) = (member.is_no_evidence(), member.size) {
            books.emit(Part::Skipped(suffix, reason.to_owned()));
            let before = input.position();
            skip(input, size);
            if self.is_plain() {
                books.framing(input.position() - before);
            }
            return;
        }
        if let Method::Refused(detail) = &member.method {
            let entry = books.list(vec![suffix]);
            let (reason, detail) = (Reason::Unreadable, detail.clone());
            books.emit(Part::Gap(Gap { entry, bytes: 0..size, decoded: None, reason, detail }));
            let before = input.position();
            skip(input, size);
            if self.is_plain() {
                books.unread(input.position() - before);
            }
            return;
        }
        self.open_member(books, member, suffix, input);
        if let Some(size) = member.size {
            let end = member.start.saturating_add(size);
            skip(input, end.saturating_sub(input.position()));
            let missing = end.saturating_sub(input.position());
            if missing > 0 {
                let detail = format!("{} ends early: {missing} bytes are missing", member.name);
                let at = input.position();
                self.lose(books, at..at, Reason::Truncated, detail);
            }
        }
    }

    fn open_member(&self, books: &mut Books<'_, '_>, member: &Member, suffix: String, input: &mut Input<'_>) {
        let (chain, checksum): (Chain, _) = match &member.method {
            Method::Coded(codec, checksum) => (vec![*codec], *checksum),
            _ => (Vec::new(), None),
        };
        let (start, length) = (input.position(), member.size.unwrap_or(u64::MAX));
        let around = self.outer.of(start..start.saturating_add(length));
        let silence = around.of(0..u64::MAX);
        let mut inner = Input::part(input, length, move |at| silence.silent(at));
        let memory = &books.context.windows;
        let head = inner.peek(limits::SNIFF).unwrap_or(&[]);
        let most = usize::try_from(around.unbroken()).unwrap_or(usize::MAX).min(limits::SNIFF);
        let head = &head[..head.len().min(most)];
        let probe = probe::probe(head, chain, self.tape.nesting, memory);
        let entry = books.list(probe::entries(&suffix, &probe.layout));
        for part in notes(&probe, None) {
            books.emit(match part {
                Part::Gap(gap) => Part::Gap(Gap { entry, ..gap }),
                part => part,
            });
        }
        if !probe.too_deep {
            let (layout, nesting) = (probe.layout, probe.nesting);
            let tape = Tape { layout, checksum, suffix, entry, nesting, is_outermost: false };
            read(books, &tape, inner, Some(around));
        }
    }
}
