//! Windows event logs (EVTX): a header of 4096 bytes, then chunks of 65,536. A chunk holds what is needed to
//! read its records; it is what is cut out here.

use super::cut::{After, Cut, Cutter, Form, Loss, Piece};

/// Size of the file header, and of a chunk, in bytes.
const HEADER: usize = 4096;
/// Size of a chunk in bytes.
pub const CHUNK: usize = 64 << 10;

/// What a file and a chunk begin with.
pub(super) const FILE_MAGIC: &[u8] = b"ElfFile\0";
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";

/// How far bytes of an event log from `from` on reach, about `length`, if none of its chunks may be cut.
#[must_use]
pub fn whole_chunks(from: usize, length: usize) -> usize {
    let behind_header = from.saturating_add(length).saturating_sub(HEADER);
    HEADER.saturating_add(behind_header.div_ceil(CHUNK).saturating_mul(CHUNK))
}

/// The chunks in `bytes`, which lie at `offset` in an event log and reach to a chunk's end, or the log's.
#[must_use]
pub fn cut_chunks(bytes: &[u8], offset: u64) -> Vec<Cut> {
    let mut cuts = Vec::new();
    EvtxCutter { offset, is_astray: false }.cut(bytes, After::Nothing, &mut cuts);
    cuts
}

/// Cuts chunks out.
#[derive(Debug, Default)]
pub(super) struct EvtxCutter {
    /// Offset in the file of the first byte that is presented.
    offset: u64,
    /// Bytes are missing, so that chunks need not stand where they should.
    is_astray: bool,
}

impl Cutter for EvtxCutter {
    fn cut(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) -> usize {
        let mut at = 0;
        if self.offset == 0 {
            if bytes.len() < HEADER && after == After::More {
                return 0;
            }
            at = HEADER.min(bytes.len());
            if at < HEADER && at > 0 {
                cuts.push(Cut::Lost { at: 0, length: at, loss: Loss::NoChunk });
            }
        }
        while at < bytes.len() {
            let rest = &bytes[at..];
            if self.is_astray && !rest.starts_with(CHUNK_MAGIC) {
                let found = memchr::memmem::find(rest, CHUNK_MAGIC);
                let length = found.unwrap_or(if after == After::More {
                    rest.len().saturating_sub(CHUNK_MAGIC.len())
                } else {
                    rest.len()
                });
                at += length;
                if found.is_none() {
                    break;
                }
            } else if rest.len() < CHUNK && after == After::More {
                break;
            } else {
                let length = CHUNK.min(rest.len());
                self.take_chunk(at, &rest[..length], cuts);
                at += length;
            }
        }
        self.is_astray |= after == After::Gap;
        self.offset += at as u64;
        at
    }
}

impl EvtxCutter {
    fn take_chunk(&mut self, at: usize, chunk: &[u8], cuts: &mut Vec<Cut>) {
        if chunk.starts_with(CHUNK_MAGIC) {
            let form = Form::EvtxChunk { offset: self.offset + at as u64 };
            cuts.push(Cut::Record(Piece { range: at..at + chunk.len(), form, beside_gap: false }));
        } else if chunk.iter().any(|byte| *byte != 0) {
            cuts.push(Cut::Lost { at, length: chunk.len(), loss: Loss::NoChunk });
        }
    }
}
