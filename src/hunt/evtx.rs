//! Chunks of Windows event logs: tells those that cannot match without a parse, and has the `evtx` crate
//! parse the others.
//!
//! # Soundness of the shortcut
//! A chunk holds its records' texts as UTF-16LE (templates, names, string values) or as bytes (ANSI
//! strings). With its NUL bytes taken out both read as ASCII, so the prefilter finds a needle that stands
//! there in one piece. It need not stand there at all if it can be made of a number, a GUID, a SID or a
//! time: [`is_text`] asks for a byte that none of these is written with. And it need not stand there in one
//! piece if a template puts texts and values side by side in one element: [`is_pieced`] finds the tokens
//! that do so, and the chunk is parsed. A chunk whose checksums do not hold is parsed as well.

use std::sync::Arc;

use evtx::{EvtxChunkData, EvtxRecord, ParserSettings};
use flate2::Crc;
use memchr::{memchr2_iter, memmem};

use crate::event::Flags;
use crate::ledger::{Integrity, Reason};
use crate::record::{EVTX_CHUNK, Location};

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
    Damaged,
}

/// Scans one chunk, whose own location is `origin`.
pub(super) fn scan_chunk(
    engine: &Engine,
    examiner: &mut Examiner,
    chunk: &[u8],
    origin: Location,
    found: &mut Found,
) {
    let soundness = soundness(chunk);
    match soundness {
        Soundness::Sound => {
            found.tally.segments += 1;
            if cannot_match(engine, chunk) {
                return;
            }
        }
        Soundness::Unchecked => found.integrity = found.integrity.max(Integrity::NoChecksum),
        Soundness::Damaged => {
            let detail = "evtx: the chunk's checksum does not hold; what could be read of it was";
            let location = Location { length: EVTX_CHUNK as u64, ..origin };
            found.gaps.push(record_gap(&location, Reason::ChecksumMismatch, detail.to_owned()));
        }
    }
    if let Err(error) = parse(engine, examiner, chunk, origin, found) {
        let location = Location { length: chunk.len() as u64, ..origin };
        found.gaps.push(record_gap(&location, Reason::Corrupt, format!("evtx: {error}")));
    }
}

/// Whether no record of a sound chunk can match.
fn cannot_match(engine: &Engine, chunk: &[u8]) -> bool {
    engine.needles_are_text()
        && engine.prefilter().find(&without_nuls(chunk), 0).is_none()
        && !is_pieced(chunk)
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
        return Soundness::Damaged;
    }
    if chunk[120] & NO_CHECKSUM != 0 {
        return Soundness::Unchecked;
    }
    let records = u32_at(48).and_then(|end| chunk.get(CHUNK_HEADER..usize::try_from(end).ok()?));
    let holds = records.is_some_and(|records| u32_at(52) == Some(sum(&[records])))
        && u32_at(124) == Some(sum(&[&chunk[..120], &chunk[128..CHUNK_HEADER]]));
    if holds { Soundness::Sound } else { Soundness::Damaged }
}

/// The bytes that are not NUL.
fn without_nuls(chunk: &[u8]) -> Vec<u8> {
    let mut narrow = vec![0; chunk.len()];
    let mut length = 0;
    for byte in chunk {
        narrow[length] = *byte;
        length += usize::from(*byte != 0);
    }
    narrow.truncate(length);
    narrow
}

/// Whether a needle can only come from a text: it holds a byte that numbers, GUIDs, SIDs, times, truth
/// values and hexadecimal are never written with. In lower case.
pub(super) fn is_text(needle: &[u8]) -> bool {
    needle.iter().any(|byte| !b"0123456789abcdefxtzs-.:+{}, rulinp".contains(byte))
}

/// Tokens of binary XML ([MS-EVEN6] 2.2.12): a character or entity reference, a CDATA section, a text, a
/// substitution. What else may follow them ends the value.
const PIECES: [u8; 12] = [0x05, 0x45, 0x07, 0x47, 0x08, 0x48, 0x09, 0x49, 0x0a, 0x0b, 0x0d, 0x0e];

/// No manifest has templates with more substitutions than this times 256.
const MOST_SUBSTITUTIONS: u8 = 4;

/// Whether a template of the chunk may put a value together from pieces. It may say so of one that does
/// not.
fn is_pieced(chunk: &[u8]) -> bool {
    let is_piece = |at: usize| chunk.get(at).is_some_and(|token| PIECES.contains(token));
    // A reference takes 3 bytes, or 5.
    let follows_reference = |at: usize| {
        [(3, [0x08, 0x48]), (5, [0x09, 0x49])]
            .iter()
            .any(|(length, tokens)| at.checked_sub(*length).is_some_and(|at| tokens.contains(&chunk[at])))
    };
    let substitutions = memchr2_iter(0x0d, 0x0e, chunk).any(|at| {
        let is_one = chunk.get(at + 2).is_some_and(|high| *high < MOST_SUBSTITUTIONS)
            && chunk.get(at + 3).is_some_and(|kind| *kind & 0x7f <= 0x21);
        is_one && is_piece(at + 4)
    });
    substitutions
        || [[0x05, 0x01], [0x45, 0x01]].iter().any(|token| {
            memmem::find_iter(chunk, token).any(|at| {
                let length =
                    chunk.get(at + 2..).and_then(<[u8]>::first_chunk).map(|b| u16::from_le_bytes(*b));
                let end = length.map_or(chunk.len(), |length| at + 4 + 2 * usize::from(length));
                is_piece(end) || follows_reference(at)
            })
        })
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

    #[test]
    fn templates_that_piece_values_together_are_told() {
        for (tokens, expected) in [
            // A substitution, and the element's end.
            (&[0x0d, 1, 0, 1, 0x04][..], false),
            // A substitution, and a text.
            (&[0x0d, 1, 0, 1, 0x05, 1, 1, 0, b'a', 0, 4], true),
            // A text, and a substitution.
            (&[0x05, 1, 1, 0, b'a', 0, 0x0d, 1, 0, 1, 4], true),
            (&[0x05, 1, 1, 0, b'a', 0, 0x04], false),
            // A line's end in a text, and a capital letter.
            (&[0x0d, 0, 0x0a, 0, b'E', 0], false),
        ] {
            assert_eq!(is_pieced(tokens), expected, "{tokens:x?}");
        }
    }
}
