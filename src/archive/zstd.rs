//! zstd (RFC 8878): a frame is a segment.

use std::io::BufRead;

use zstd::zstd_safe::{
    self, DCtx, DParameter, InBuffer, OutBuffer, find_frame_compressed_size, get_error_name,
    get_frame_content_size,
};

use super::adapter::{Refused, fault, too_large};
use super::{Budget, Codec, Extent, Fault, Input, SegmentReader, Share, Tools, skippable};
use crate::ledger::{Integrity, Reason};

/// The zstd format.
#[derive(Debug)]
pub(super) struct Zstd;

const MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// libzstd reads magic and descriptor first.
const FIRST: usize = 5;

/// Length of the longest frame header.
const LONGEST_HEADER: usize = 18;

/// Logarithm of the largest window that libzstd takes.
const LARGEST_WINDOW: u32 = 31;

/// Length of a block header.
const BLOCK_HEADER: usize = 3;

/// Frame header descriptor: bit 3 is reserved and must be 0; bit 2 announces a content checksum.
const RESERVED: u8 = 0b1000;
const CHECKSUM: u8 = 0b100;

impl Codec for Zstd {
    fn name(&self) -> &'static str {
        "zstd"
    }

    fn version(&self) -> String {
        format!("libzstd {}", zstd_safe::version_string())
    }

    fn starts(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC) && bytes.get(4).is_some_and(|descriptor| descriptor & RESERVED == 0)
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        memchr::memmem::find_iter(bytes, MAGIC).find(|at| {
            let frame = &bytes[*at..];
            self.starts(frame) && block_follows(frame)
        })
    }

    fn padding(&self, bytes: &[u8]) -> Option<u64> {
        skippable::length(bytes)
    }

    fn extent(&self, bytes: &[u8], walk: u64) -> Extent {
        let within = &bytes[..usize::try_from(walk).map_or(bytes.len(), |walk| walk.min(bytes.len()))];
        match find_frame_compressed_size(within) {
            Ok(encoded) => {
                let decoded = get_frame_content_size(bytes).ok().flatten();
                Extent::Known { encoded: encoded as u64, decoded }
            }
            Err(_) if within.len() < bytes.len() => Extent::Unknown,
            Err(_) => Extent::Damaged,
        }
    }

    fn decode(&self, segment: &[u8], out: &mut [u8], tools: &mut Tools) -> Result<Integrity, Fault> {
        let context = tools.zstd.get_or_insert_with(DCtx::create);
        let count = context.decompress(out, segment).map_err(|code| refusal(code, 0))?;
        if count != out.len() {
            return Err(Fault::new(Reason::Corrupt, "the frame holds less than it announces"));
        }
        Ok(integrity(segment.get(4)))
    }

    fn open<'a>(&self, mut input: Input<'a>, memory: &Budget) -> Box<dyn SegmentReader<'a> + 'a> {
        let header = input.peek(LONGEST_HEADER).unwrap_or(&[]);
        let integrity = integrity(header.get(4));
        // A header that is cut off is the decoder's to complain about.
        let window = Header::read(header).map_or(0, |header| header.window);
        let Some(share) = memory.take(window) else {
            return Box::new(Refused { input, fault: too_large("zstd", window, memory) });
        };
        let mut context = DCtx::create();
        let set = context.set_parameter(DParameter::WindowLogMax(LARGEST_WINDOW));
        debug_assert!(set.is_ok(), "31 is within libzstd's bounds");
        let (wanted, is_full, is_done) = (FIRST, false, false);
        Box::new(Frame { input, context, _window: share, integrity, wanted, is_full, is_done })
    }
}

fn integrity(descriptor: Option<&u8>) -> Integrity {
    match descriptor {
        Some(descriptor) if descriptor & CHECKSUM != 0 => Integrity::Verified,
        _ => Integrity::NoChecksum,
    }
}

/// Whether the frame header at the beginning of `frame` is followed by a block header that can be: the
/// magic alone turns up by chance, and an attacker can write it into a log.
fn block_follows(frame: &[u8]) -> bool {
    let Some(Header { length, .. }) = Header::read(frame) else { return false };
    let Some(&[low, middle, high]) = frame.get(length..).and_then(|rest| rest.first_chunk()) else {
        return false;
    };
    let header = u32::from_le_bytes([low, middle, high, 0]);
    let (kind, size) = ((header >> 1) & 3, header >> 3);
    kind != 3 && size <= 128 << 10
}

/// What a frame header says (RFC 8878, 3.1.1.1).
struct Header {
    /// Its own length.
    length: usize,
    /// Size in bytes of the window that the frame needs.
    window: u64,
}

impl Header {
    /// Reads the header at the beginning of `frame`; `None` if it is cut off.
    fn read(frame: &[u8]) -> Option<Self> {
        let descriptor = *frame.get(4)?;
        let is_single_segment = descriptor & 0b10_0000 != 0;
        let dictionary = 5 + usize::from(!is_single_segment);
        let size_at = dictionary + [0, 1, 2, 4][usize::from(descriptor & 3)];
        let size_length = match descriptor >> 6 {
            0 => usize::from(is_single_segment),
            flag => 1 << flag,
        };
        let length = size_at + size_length;
        let window = if is_single_segment {
            // The content is the window. Sizes of two bytes count from 256.
            let mut size = [0; 8];
            size[..size_length].copy_from_slice(frame.get(size_at..length)?);
            u64::from_le_bytes(size).saturating_add(if size_length == 2 { 256 } else { 0 })
        } else {
            let byte = u64::from(*frame.get(5)?);
            let base = 1 << (10 + (byte >> 3));
            base + base / 8 * (byte & 7)
        };
        Some(Self { length, window })
    }
}

fn refusal(code: usize, written: usize) -> Fault {
    let text = get_error_name(code);
    let reason = if text.contains("checksum") {
        Reason::ChecksumMismatch
    } else if text.contains("too much memory") {
        Reason::WindowTooLarge
    } else if text.contains("Src size is incorrect") {
        Reason::Truncated
    } else {
        Reason::Corrupt
    };
    Fault { reason, detail: format!("zstd: {text}"), written }
}

struct Frame<'a> {
    input: Input<'a>,
    context: DCtx<'static>,
    /// What the context's window takes of the budget.
    _window: Share,
    integrity: Integrity,
    /// How many bytes libzstd wants next: a block, or the rest of it, and the header of the one after it.
    wanted: usize,
    /// Whether libzstd may hold decoded bytes that did not fit.
    is_full: bool,
    is_done: bool,
}

impl<'a> SegmentReader<'a> for Frame<'a> {
    /// When a call of libzstd fails, nobody learns what it has written before. So none decodes more than one
    /// block, or decodes one while bytes of the last are left: blocks before the damage are never lost.
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        let mut output = OutBuffer::around(out);
        while output.pos() == 0 && !self.is_done {
            let bytes = self.input.fill_buf().map_err(|error| fault(&error))?;
            let is_end = bytes.is_empty() && !self.is_full;
            let block = if self.wanted > BLOCK_HEADER { self.wanted - BLOCK_HEADER } else { self.wanted };
            let fed = if self.is_full { 0 } else { block.min(bytes.len()) };
            let mut input = InBuffer::around(&bytes[..fed]);
            let outcome = self.context.decompress_stream(&mut output, &mut input);
            let consumed = input.pos();
            self.wanted = outcome.map_err(|code| refusal(code, 0))?;
            self.input.consume(consumed);
            self.is_full = output.pos() == output.capacity();
            self.is_done = self.wanted == 0;
            if is_end && !self.is_done && output.pos() == 0 {
                return Err(Fault::new(Reason::Truncated, "zstd: the frame ends before its last block"));
            }
        }
        Ok(output.pos())
    }

    fn integrity(&self) -> Integrity {
        self.integrity
    }

    fn input(&self) -> &Input<'a> {
        &self.input
    }

    fn into_input(self: Box<Self>) -> Input<'a> {
        self.input
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_its_length_and_window() {
        for (rest, length, window) in [
            (&[0x00, 0x00][..], 6, 1 << 10),
            // The largest there can be: 3.75 TiB.
            (&[0x00, 0xff], 6, (1 << 41) + 7 * (1 << 38)),
            (&[0x20, 77], 6, 77),
            (&[0x60, 1, 0], 7, 257),
            (&[0xa3, 9, 9, 9, 9, 0, 0, 1, 0], 13, 1 << 16),
            (&[0xe0, 0, 0, 0, 0, 1, 0, 0, 0], 13, 1 << 32),
        ] {
            let header = Header::read(&[MAGIC, rest].concat()).unwrap();
            assert_eq!((header.length, header.window), (length, window), "{rest:?}");
        }
        assert!(Header::read(&[MAGIC, &[0xe0, 0]].concat()).is_none());
    }
}
