//! lz4: a frame is a segment.

use lz4_flex::frame::FrameDecoder;

use super::adapter::{Adapter, Decoder, read_whole};
use super::{Budget, Codec, Fault, Input, SegmentReader, Tools, skippable};
use crate::ledger::Integrity;

/// The LZ4 frame format 1.6.
#[derive(Debug)]
pub(super) struct Lz4;

const MAGIC: &[u8] = &[0x04, 0x22, 0x4d, 0x18];

/// The FLG byte's version must be 01; bits 4 and 2 say that blocks and content carry checksums.
const VERSION: u8 = 0b0100_0000;
const CHECKSUMS: u8 = 0b0001_0100;

impl Codec for Lz4 {
    fn name(&self) -> &'static str {
        "lz4"
    }

    fn version(&self) -> String {
        "lz4_flex 0.14".to_owned()
    }

    fn starts(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC) && bytes.get(4).is_some_and(|flags| flags & 0b1100_0000 == VERSION)
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        memchr::memmem::find_iter(bytes, MAGIC).find(|at| self.starts(&bytes[*at..]))
    }

    fn padding(&self, bytes: &[u8]) -> Option<u64> {
        skippable::length(bytes)
    }

    fn decode(&self, segment: &[u8], out: &mut [u8], _tools: &mut Tools) -> Result<Integrity, Fault> {
        read_whole(self.open(Input::slice(segment, 0), &Budget::new(u64::MAX)), out)
    }

    fn open<'a>(&self, mut input: Input<'a>, _memory: &Budget) -> Box<dyn SegmentReader<'a> + 'a> {
        let has_checksum =
            input.peek(5).is_ok_and(|header| header.get(4).is_some_and(|flags| flags & CHECKSUMS != 0));
        let integrity = if has_checksum { Integrity::Verified } else { Integrity::NoChecksum };
        Box::new(Adapter::new(FrameDecoder::new(input), integrity))
    }
}

impl<'a> Decoder<'a> for FrameDecoder<Input<'a>> {
    fn source(&self) -> &Input<'a> {
        self.get_ref()
    }

    fn release(self) -> Input<'a> {
        self.into_inner()
    }
}
