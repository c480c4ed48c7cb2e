//! Scans decoded bytes for candidates and examines them.

use crate::event::Flags;
use crate::ledger::Reason;
use crate::limits;
use crate::record::{Cut, Form, Lines, Loss, Mark, Piece, Place, Width, split};

use super::engine::{Candidate, Engine, Examiner};
use super::evtx;
use super::fold::record_gap;
use super::unit::{Found, Part};

/// Scans a chunk of lines, cut anywhere.
pub(super) fn scan_lines(engine: &Engine, examiner: &mut Examiner, chunk: &[u8], place: &Place<'_>) -> Part {
    let (edges, lines) = split(chunk, place);
    let mut found = Found::default();
    examine_lines(engine, examiner, lines, place, Flags::empty(), &mut found);
    found.tally.decoded = chunk.len() as u64;
    Part::Scanned { edges: Some(edges), found: Box::new(found) }
}

/// Scans whole lines that lie in a gap. What is no record there is part of the gap.
pub(super) fn scan_stray(engine: &Engine, examiner: &mut Examiner, place: &Place<'_>) -> Part {
    let mut found = Found::default();
    examine_stray(engine, examiner, place, &mut found);
    found.tally.decoded = place.bytes.len() as u64;
    Part::Scanned { edges: None, found: Box::new(found) }
}

fn examine_stray(engine: &Engine, examiner: &mut Examiner, place: &Place<'_>, found: &mut Found) {
    let (listed, bad) = (found.bad.len(), found.tally.bad);
    examine_lines(engine, examiner, Lines::whole(place.bytes), place, Flags::UNVERIFIED, found);
    found.bad.truncate(listed);
    found.tally.tried -= found.tally.bad - bad;
    found.tally.bad = bad;
}

fn examine_lines(
    engine: &Engine,
    examiner: &mut Examiner,
    lines: Lines<'_>,
    place: &Place<'_>,
    flags: Flags,
    found: &mut Found,
) {
    let mut at = 0;
    while at < lines.bytes().len()
        && let Some(candidate) = engine.prefilter().find(lines.bytes(), at)
    {
        let line = lines.around(candidate);
        let location = place.location(line.at, line.bytes.len());
        let candidate = Candidate { record: line.bytes, rendered: None, location, flags };
        engine.examine(examiner, candidate, found);
        at = line.next();
    }
}

/// Scans a chunk that a cutter went through.
pub(super) fn scan_cuts(engine: &Engine, examiner: &mut Examiner, cuts: &[Cut], place: &Place<'_>) -> Part {
    let mut found = Found::default();
    found.tally.decoded = place.bytes.len() as u64;
    for cut in cuts {
        match cut {
            Cut::Lost { at, length, loss } => {
                let location = place.location(*at, *length);
                let (reason, detail) = explain(*loss);
                found.gaps.push(record_gap(&location, reason, detail));
            }
            Cut::Record(Piece { range, form: Form::EvtxChunk, .. }) => {
                let location = place.location(range.start, range.len());
                let marks = [Mark { at: 0, segment: location.offset, offset: 0 }];
                let place = Place { bytes: &place.bytes[range.clone()], marks: &marks, ..*place };
                if !evtx::scan_chunk(engine, examiner, place.bytes, place.location(0, 0), &mut found) {
                    // It may only look like a chunk.
                    examine_stray(engine, examiner, &place, &mut found);
                }
            }
            Cut::Record(piece) => scan_piece(engine, examiner, piece, place, &mut found),
        }
    }
    Part::Scanned { edges: None, found: Box::new(found) }
}

fn scan_piece(engine: &Engine, examiner: &mut Examiner, piece: &Piece, place: &Place<'_>, found: &mut Found) {
    let record = &place.bytes[piece.range.clone()];
    if engine.prefilter().find(record, 0).is_none() {
        return;
    }
    let mut flags = Flags::empty();
    if piece.beside_gap {
        flags.insert(Flags::BESIDE_GAP);
    }
    if place.width == Width::Utf16 {
        flags.insert(Flags::TRANSCODED);
    }
    let location = place.location(piece.range.start, record.len());
    let rendered = match &piece.form {
        Form::Row(table) => {
            let Some(row) = table.object(record) else {
                if engine.counts(record) {
                    found.reject(location);
                }
                return;
            };
            Some(row)
        }
        Form::Json | Form::EvtxChunk => None,
    };
    let listed = found.bad.len();
    let candidate = Candidate { record, rendered: rendered.as_deref(), location, flags };
    engine.examine(examiner, candidate, found);
    if piece.beside_gap {
        // A remnant that is no JSON is part of the gap, which is listed already.
        found.bad.truncate(listed);
    }
}

fn explain(loss: Loss) -> (Reason, String) {
    match loss {
        Loss::TooLong => {
            (Reason::RecordTooLong, format!("a record of more than {} bytes, the limit", limits::RECORD))
        }
        Loss::NoChunk => (Reason::Corrupt, "evtx: no chunk begins where one must".to_owned()),
    }
}
