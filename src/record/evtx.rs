//! Windows event logs (EVTX): a header of 4096 bytes, then chunks of 65,536. A chunk holds what is needed to
//! read its records; it is what is cut out here. Chunks are taken where they are found: damage may have moved them,
//! and somebody may have written something else before, between or behind them.

use memchr::memmem;

use super::cut::{After, Cut, Cutter, Form, Loss, Piece};

/// Size of the file header, and of what is used of it, in bytes.
const HEADER: usize = 4096;
const HEADER_USED: usize = 128;
/// Size of a chunk in bytes.
pub const CHUNK: usize = 64 << 10;

/// What a file and a chunk begin with.
pub(super) const FILE_MAGIC: &[u8] = b"ElfFile\0";
pub(super) const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";

/// How far the beginning of `bytes` is a header and whole chunks, or chunks alone, one behind the other: `most` bytes
/// or one more chunk.
#[must_use]
pub fn whole_chunks(bytes: &[u8], most: usize) -> usize {
    let mut at = if is_header(bytes) { HEADER } else { 0 };
    while at < most.max(1) && bytes[at..].starts_with(CHUNK_MAGIC) && bytes.len() - at >= CHUNK {
        at += CHUNK;
    }
    at
}

/// Whether a chunk begins in `bytes` where one does in an event log whose beginning they are.
#[must_use]
pub fn has_chunks(bytes: &[u8]) -> bool {
    (HEADER..bytes.len()).step_by(CHUNK).any(|at| bytes[at..].starts_with(CHUNK_MAGIC))
}

/// The chunks in `bytes`, which end where a chunk does, or the log.
#[must_use]
pub fn cut_chunks(bytes: &[u8]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    EvtxCutter.cut(bytes, After::Nothing, &mut cuts);
    cuts
}

/// Cuts chunks out.
#[derive(Debug)]
pub(super) struct EvtxCutter;

impl Cutter for EvtxCutter {
    fn cut(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            // So much tells what comes next.
            if rest.len() < CHUNK + CHUNK_MAGIC.len() && after == After::More {
                break;
            }
            let length = if is_header(rest) { HEADER } else { take(at, rest, cuts) };
            at += length;
        }
        at
    }
}

/// Takes the chunk at the beginning of `rest`, or what lies before the next one; how long it is.
fn take(at: usize, rest: &[u8], cuts: &mut Vec<Cut>) -> usize {
    let most = CHUNK.min(rest.len());
    if rest.starts_with(CHUNK_MAGIC) {
        cuts.push(Cut::Record(Piece { range: at..at + most, form: Form::EvtxChunk, beside_gap: false }));
        return most;
    }
    let near = &rest[..rest.len().min(CHUNK + CHUNK_MAGIC.len())];
    let length = memmem::find(near, CHUNK_MAGIC).unwrap_or(most);
    // Chunks that were never written to are zeros.
    if rest[..length].iter().any(|byte| *byte != 0) {
        cuts.push(Cut::Lost { at, length, loss: Loss::NoChunk });
    }
    length
}

/// Whether `bytes` begin with a log's header, and nothing else stands in it.
fn is_header(bytes: &[u8]) -> bool {
    bytes.starts_with(FILE_MAGIC)
        && bytes.get(HEADER_USED..HEADER).is_some_and(|rest| rest.iter().all(|byte| *byte == 0))
}
