//! Scans decoded bytes for candidates and examines them.

use crate::event::Flags;
use crate::record::{Place, split};

use super::engine::{Engine, Examiner};
use super::unit::{Found, Part};

/// Scans one chunk.
pub(super) fn scan(engine: &Engine, examiner: &mut Examiner, chunk: &[u8], place: &Place<'_>) -> Part {
    let mut found = Found::default();
    found.tally.decoded = chunk.len() as u64;
    let (edges, lines) = split(chunk, place);
    let mut at = 0;
    while let Some(candidate) = engine.prefilter().find(lines.bytes(), at) {
        let line = lines.around(candidate);
        let location = place.location(line.at, line.bytes.len());
        engine.examine(examiner, line.bytes, location, Flags::empty(), &mut found);
        at = line.next();
    }
    Part::Scanned { edges, found }
}
