//! xz: a stream is a segment.

use liblzma::bufread::XzDecoder;
use liblzma::stream::Stream as LzmaStream;

use super::adapter::{Adapter, Decoder, read_whole};
use super::{Codec, Fault, Input, SegmentReader, Tools};
use crate::ledger::{Integrity, Reason};

/// The .xz format.
#[derive(Debug)]
pub(super) struct Xz;

const MAGIC: &[u8] = b"\xfd7zXZ\0\0";

impl Codec for Xz {
    fn name(&self) -> &'static str {
        "xz"
    }

    fn version(&self) -> String {
        "liblzma 0.4".to_owned()
    }

    fn starts(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        memchr::memmem::find(bytes, MAGIC)
    }

    /// Stream padding: zeros (xz file format 2.2).
    fn padding(&self, bytes: &[u8]) -> Option<u64> {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        (zeros > 0).then_some(zeros as u64)
    }

    fn decode(&self, segment: &[u8], out: &mut [u8], _tools: &mut Tools) -> Result<Integrity, Fault> {
        read_whole(self.open(Input::slice(segment, 0), u64::MAX), out)
    }

    fn open<'a>(&self, mut input: Input<'a>, memory: u64) -> Box<dyn SegmentReader<'a> + 'a> {
        // The low half of the second flag byte names the check; 0 is none.
        let has_check = input.peek(8).is_ok_and(|header| header.get(7).is_some_and(|check| check & 15 != 0));
        let integrity = if has_check { Integrity::Verified } else { Integrity::NoChecksum };
        match LzmaStream::new_stream_decoder(memory, 0) {
            Ok(stream) => Box::new(Adapter::new(XzDecoder::new_stream(input, stream), integrity)),
            Err(error) => Box::new(Refused { input, detail: error.to_string() }),
        }
    }
}

impl<'a> Decoder<'a> for XzDecoder<Input<'a>> {
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

/// A segment whose decoder could not be made.
struct Refused<'a> {
    input: Input<'a>,
    detail: String,
}

impl<'a> SegmentReader<'a> for Refused<'a> {
    fn read(&mut self, _out: &mut [u8]) -> Result<usize, Fault> {
        Err(Fault::new(Reason::Corrupt, self.detail.clone()))
    }

    fn integrity(&self) -> Integrity {
        Integrity::NoChecksum
    }

    fn input(&self) -> &Input<'a> {
        &self.input
    }

    fn into_input(self: Box<Self>) -> Input<'a> {
        self.input
    }
}
