//! bzip2: a stream is a segment.

use std::io;

use super::adapter::{Adapter, Decoder, read_whole};
use super::{Budget, Codec, Fault, Input, SegmentReader, Tools};
use crate::ledger::Integrity;

/// The bzip2 format.
#[derive(Debug)]
pub(super) struct Bzip2;

/// Magic of a compressed block (the digits of π), or of the end of an empty stream (of its square root).
const BLOCKS: [[u8; 6]; 2] = [[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]];

impl Codec for Bzip2 {
    fn name(&self) -> &'static str {
        "bzip2"
    }

    fn version(&self) -> String {
        "bzip2 0.6 (libbz2-rs-sys)".to_owned()
    }

    fn starts(&self, bytes: &[u8]) -> bool {
        matches!(bytes, [b'B', b'Z', b'h', b'1'..=b'9', block @ ..] if BLOCKS.iter().any(|magic| block.starts_with(magic)))
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        memchr::memmem::find_iter(bytes, b"BZh").find(|at| self.starts(&bytes[*at..]))
    }

    fn padding(&self, _bytes: &[u8]) -> Option<u64> {
        None
    }

    fn decode(&self, segment: &[u8], out: &mut [u8], _tools: &mut Tools) -> Result<Integrity, Fault> {
        read_whole(self.open(Input::slice(segment, 0), &Budget::new(u64::MAX)), out)
    }

    fn open<'a>(&self, input: Input<'a>, _memory: &Budget) -> Box<dyn SegmentReader<'a> + 'a> {
        // Each block and the stream carry a CRC, and the decoder checks both.
        Box::new(Adapter::new(bzip2::bufread::BzDecoder::new(input), Integrity::Verified))
    }
}

impl<'a> Decoder<'a> for bzip2::bufread::BzDecoder<Input<'a>>
where
    Self: io::Read,
{
    fn source(&self) -> &Input<'a> {
        self.get_ref()
    }

    fn release(self) -> Input<'a> {
        self.into_inner()
    }

    fn written(&self) -> u64 {
        self.total_out()
    }
}
