//! Chunks of Windows event logs: tells those that cannot match without a parse, and has the `evtx` crate
//! parse the others.
//!
//! # Soundness of the shortcut
//! A chunk holds its records' texts as UTF-16LE (templates, names, string values) or as bytes (ANSI
//! strings), and is searched for needles in UTF-16LE and, if it has such values, as bytes. A needle need not stand there at all if it can be
//! made of a number, a GUID, a SID or a time: [`is_text`] asks for a byte that none of these is written with.
//! And it need not stand there in one piece if a template puts texts and values side by side:
//! [`whole_texts`] follows every record of the chunk and every template that it names, and what it does
//! not vouch for is parsed. So is a chunk whose checksums do not hold.

use std::sync::Arc;

use evtx::{EvtxChunkData, EvtxRecord, ParserSettings};
use flate2::Crc;

use crate::event::Flags;
use crate::ledger::{Integrity, Reason};
use crate::record::{EVTX_CHUNK, Location, Texts, whole_texts};

use super::engine::{Candidate, Engine, Examiner};
use super::fold::record_gap;
use super::unit::Found;

/// Length of a record's header: magic, size, number, time.
const RECORD_HEADER: usize = 24;

/// Length of a chunk's header with its tables.
const CHUNK_HEADER: usize = 512;

/// The chunk's flag that says that it carries no checksums.
const NO_CHECKSUM: u8 = 4;

/// Whether the chunk at `origin` is intact, as far as its checksums tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Soundness {
    Sound,
    Unchecked,
    Cut,
    Damaged,
}

/// Scans one chunk, whose own location is `origin`; whether nothing about it is damaged.
pub(super) fn scan_chunk(
    engine: &Engine,
    examiner: &mut Examiner,
    chunk: &[u8],
    origin: Location,
    found: &mut Found,
) -> bool {
    let whole = Location { length: chunk.len() as u64, ..origin };
    let soundness = soundness(chunk);
    match soundness {
        Soundness::Sound => found.tally.segments += 1,
        Soundness::Unchecked => found.integrity = found.integrity.max(Integrity::NoChecksum),
        Soundness::Cut => {
            let detail = "evtx: the file ends within a chunk; what could be read of it was";
            found.gaps.push(record_gap(&whole, Reason::Truncated, detail.to_owned()));
        }
        Soundness::Damaged => {
            let detail = "evtx: the chunk's checksum does not hold; what could be read of it was";
            found.gaps.push(record_gap(&whole, Reason::ChecksumMismatch, detail.to_owned()));
        }
    }
    let is_sound = matches!(soundness, Soundness::Sound | Soundness::Unchecked);
    if is_sound && cannot_match(engine, chunk) {
        return true;
    }
    let parsed = parse(engine, examiner, chunk, origin, found);
    let is_sound = is_sound && parsed.is_ok();
    if let Err(error) = parsed {
        found.gaps.push(record_gap(&whole, Reason::Corrupt, format!("evtx: {error}")));
    }
    is_sound
}

/// Whether no record of a chunk can match.
fn cannot_match(engine: &Engine, chunk: &[u8]) -> bool {
    let prefilter = engine.chunk_prefilter();
    !prefilter.is_wide_in(chunk)
        && match whole_texts(chunk) {
            Some(Texts::Wide) => true,
            Some(Texts::EitherWidth) => !prefilter.is_bytes_in(chunk),
            None => false,
        }
}

fn soundness(chunk: &[u8]) -> Soundness {
    let u32_at =
        |at: usize| chunk.get(at..).and_then(<[u8]>::first_chunk).map(|bytes| u32::from_le_bytes(*bytes));
    let sum = |parts: &[&[u8]]| {
        let mut crc = Crc::new();
        parts.iter().for_each(|part| crc.update(part));
        crc.sum()
    };
    if chunk.len() < EVTX_CHUNK {
        return Soundness::Cut;
    }
    if chunk[120] & NO_CHECKSUM != 0 {
        return Soundness::Unchecked;
    }
    let records = u32_at(48).and_then(|end| chunk.get(CHUNK_HEADER..usize::try_from(end).ok()?));
    let holds = records.is_some_and(|records| u32_at(52) == Some(sum(&[records])))
        && u32_at(124) == Some(sum(&[&chunk[..120], &chunk[128..CHUNK_HEADER]]));
    if holds { Soundness::Sound } else { Soundness::Damaged }
}

/// Whether a needle can only come from a text: it holds a byte that numbers, GUIDs, SIDs, times, truth
/// values and hexadecimal are never written with. In lower case.
pub(super) fn is_text(needle: &[u8]) -> bool {
    needle.iter().any(|byte| !b"0123456789abcdefxtzs-.:+{}, rulinp".contains(byte))
}

fn parse(
    engine: &Engine,
    examiner: &mut Examiner,
    chunk: &[u8],
    origin: Location,
    found: &mut Found,
) -> Result<(), String> {
    let mut whole = chunk.to_vec();
    whole.resize(EVTX_CHUNK, 0);
    let mut data = EvtxChunkData::new(whole, false).map_err(|error| error.to_string())?;
    let settings = ParserSettings::new().num_threads(1).indent(false).validate_checksums(false);
    let mut parsed = data.parse(Arc::new(settings)).map_err(|error| error.to_string())?;
    for record in parsed.iter() {
        let outcome = record.and_then(|record| {
            let range = range_of(&record);
            Ok((range, record.into_json()?.data))
        });
        match outcome {
            Ok((range, json)) => {
                let location = Location { offset: range.start as u64, length: range.len() as u64, ..origin };
                let raw = chunk.get(range).unwrap_or_default();
                examine(engine, examiner, raw, json.as_bytes(), location, found);
            }
            Err(error) => {
                let location = Location { length: chunk.len() as u64, ..origin };
                found.gaps.push(record_gap(&location, Reason::BadRecord, format!("evtx: {error}")));
            }
        }
    }
    Ok(())
}

fn examine(
    engine: &Engine,
    examiner: &mut Examiner,
    record: &[u8],
    json: &[u8],
    location: Location,
    found: &mut Found,
) {
    if engine.prefilter().find(json, 0).is_some() {
        let candidate = Candidate { record, rendered: Some(json), location, flags: Flags::empty() };
        engine.examine(examiner, candidate, found);
    }
}

/// Where a record lies in its chunk, header and trailing size included.
fn range_of(record: &EvtxRecord<'_>) -> std::ops::Range<usize> {
    let content = usize::try_from(record.binxml_offset).unwrap_or(usize::MAX);
    let start = content.saturating_sub(RECORD_HEADER);
    start..content + record.binxml_size as usize + 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_are_looked_for_in_chunks() {
        for (needle, expected) in [
            (&b"screenconnect.service.exe"[..], true),
            (b"s-1-5-18", false),
            (b"0x3e7", false),
            (b"true", false),
            (b"{5770385f-c22a-43e0-bf4c-06f5698ffbd9}", false),
        ] {
            assert_eq!(is_text(needle), expected);
        }
    }
}
