//! zstd (RFC 8878): a frame is a segment.

use std::io::BufRead;

use zstd::zstd_safe::{
    self, DCtx, DParameter, InBuffer, OutBuffer, find_frame_compressed_size, get_error_name,
    get_frame_content_size,
};

use super::adapter::fault;
use super::{Codec, Extent, Fault, Input, SegmentReader, Tools, skippable};
use crate::ledger::{Integrity, Reason};

/// The zstd format.
#[derive(Debug)]
pub(super) struct Zstd;

const MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// libzstd reads magic and descriptor first.
const FIRST: usize = 5;

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

    fn open<'a>(&self, mut input: Input<'a>, memory: u64) -> Box<dyn SegmentReader<'a> + 'a> {
        let integrity = integrity(input.peek(5).ok().and_then(|header| header.get(4)));
        let mut context = DCtx::create();
        // RFC 8878 lets a decoder choose its largest window, 1 KiB being the least.
        let window_log = memory.max(1 << 10).ilog2().min(31);
        let set = context.set_parameter(DParameter::WindowLogMax(window_log));
        debug_assert!(set.is_ok(), "10 to 31 are within libzstd's bounds");
        Box::new(Frame { input, context, integrity, wanted: FIRST, is_full: false, is_done: false, memory })
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
    let Some(&descriptor) = frame.get(4) else { return false };
    let single_segment = descriptor & 0b10_0000 != 0;
    let window = usize::from(!single_segment);
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content_size = match descriptor >> 6 {
        0 => usize::from(single_segment),
        size => 1 << size,
    };
    let block = 5 + window + dictionary + content_size;
    let Some(&[low, middle, high]) = frame.get(block..).and_then(|rest| rest.first_chunk()) else {
        return false;
    };
    let header = u32::from_le_bytes([low, middle, high, 0]);
    let (kind, size) = ((header >> 1) & 3, header >> 3);
    kind != 3 && size <= 128 << 10
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
    integrity: Integrity,
    /// How many bytes libzstd wants next: a block, or the rest of it, and the header of the one after it.
    wanted: usize,
    /// Whether libzstd may hold decoded bytes that did not fit.
    is_full: bool,
    is_done: bool,
    memory: u64,
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
            self.wanted = outcome.map_err(|code| self.explain(refusal(code, 0)))?;
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

impl Frame<'_> {
    fn explain(&self, mut fault: Fault) -> Fault {
        if fault.reason == Reason::WindowTooLarge {
            let budget = self.memory >> 20;
            fault.detail = format!(
                "zstd: the frame's window is larger than the {budget} MiB that --memory leaves for it"
            );
        }
        fault
    }
}
