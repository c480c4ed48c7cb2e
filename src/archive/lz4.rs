//! lz4: a frame is a segment.

use std::io::{self, Read};

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
        let source = Source { input, is_used_up: false };
        Box::new(Adapter::new(Frame(FrameDecoder::new(source)), integrity))
    }
}

/// The input of a decoder, and whether more was asked of it than it had.
struct Source<'a> {
    input: Input<'a>,
    is_used_up: bool,
}

impl Read for Source<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(out)?;
        self.is_used_up |= count == 0 && !out.is_empty();
        Ok(count)
    }
}

/// Reads one frame. To lz4_flex one that is cut off between two blocks, or behind its header, has ended.
struct Frame<'a>(FrameDecoder<Source<'a>>);

impl Read for Frame<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 if self.0.get_ref().is_used_up => {
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, "lz4: the frame ends before its end mark"))
            }
            count => Ok(count),
        }
    }
}

impl<'a> Decoder<'a> for Frame<'a> {
    fn source(&self) -> &Input<'a> {
        &self.0.get_ref().input
    }

    fn release(self) -> Input<'a> {
        self.0.into_inner().input
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::archive::{Step, Stream};

    #[test]
    fn a_frame_that_is_cut_anywhere_is_told() {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(b"a line\nand another\n").unwrap();
        let frame = encoder.finish().unwrap();
        for keep in 1..=frame.len() {
            let mut stream = Stream::new(&Lz4, Input::slice(&frame[..keep], 0), Budget::new(0));
            let (mut out, mut is_damaged) = ([0; 99], false);
            loop {
                match stream.step(&mut out) {
                    Step::Gap { .. } => is_damaged = true,
                    Step::Finished => break,
                    _ => {}
                }
            }
            assert_eq!(is_damaged, keep < frame.len(), "{keep} of {} bytes", frame.len());
        }
    }
}
