//! Members of zip archives as codecs: what a member's header says, and not a magic, chooses them.

use std::io::{self, BufRead};

use flate2::{Decompress, FlushDecompress, Status};

use super::adapter::{Adapter, Decoder, fault, read_whole};
use super::{Budget, Codec, Fault, Input, SegmentReader, Tools};
use crate::ledger::Integrity;

/// Raw deflate data (RFC 1951): one segment.
#[derive(Debug)]
pub(super) struct Deflate;

impl Codec for Deflate {
    fn name(&self) -> &'static str {
        "deflate"
    }

    fn version(&self) -> String {
        "flate2 1.1 (zlib-rs)".to_owned()
    }

    fn is_prompt(&self) -> bool {
        true
    }

    /// Nothing tells deflate data from other bytes.
    fn starts(&self, bytes: &[u8]) -> bool {
        !bytes.is_empty()
    }

    fn find(&self, _bytes: &[u8]) -> Option<usize> {
        None
    }

    fn padding(&self, _bytes: &[u8]) -> Option<u64> {
        None
    }

    fn decode(&self, segment: &[u8], out: &mut [u8], _tools: &mut Tools) -> Result<Integrity, Fault> {
        read_whole(self.open(Input::slice(segment, 0), &Budget::new(u64::MAX)), out)
    }

    fn open<'a>(&self, input: Input<'a>, _memory: &Budget) -> Box<dyn SegmentReader<'a> + 'a> {
        let inflate = Decompress::new(false);
        Box::new(Adapter::new(
            Inflate { input, inflate, is_done: false, is_full: false },
            Integrity::NoChecksum,
        ))
    }
}

/// Bytes that are stored as they are: one segment.
#[derive(Debug)]
pub(super) struct Stored;

impl Codec for Stored {
    fn name(&self) -> &'static str {
        "stored"
    }

    fn version(&self) -> String {
        String::new()
    }

    fn is_prompt(&self) -> bool {
        true
    }

    fn starts(&self, bytes: &[u8]) -> bool {
        !bytes.is_empty()
    }

    fn find(&self, _bytes: &[u8]) -> Option<usize> {
        None
    }

    fn padding(&self, _bytes: &[u8]) -> Option<u64> {
        None
    }

    fn decode(&self, segment: &[u8], out: &mut [u8], _tools: &mut Tools) -> Result<Integrity, Fault> {
        read_whole(self.open(Input::slice(segment, 0), &Budget::new(u64::MAX)), out)
    }

    fn open<'a>(&self, input: Input<'a>, _memory: &Budget) -> Box<dyn SegmentReader<'a> + 'a> {
        Box::new(Copier { input })
    }
}

struct Inflate<'a> {
    input: Input<'a>,
    inflate: Decompress,
    is_done: bool,
    /// Whether it may have more of what it took than there was room for.
    is_full: bool,
}

impl io::Read for Inflate<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.is_done {
            let bytes = if self.is_full { &[] } else { self.input.fill_buf()? };
            let is_end = bytes.is_empty() && !self.is_full;
            let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(bytes, out, FlushDecompress::None);
            let count = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
            let written = count(self.inflate.total_out(), before_out);
            self.input.consume(count(self.inflate.total_in(), before_in));
            self.is_full = written == out.len();
            let status = status.map_err(|_| io::Error::other("invalid deflate data"))?;
            self.is_done = status == Status::StreamEnd;
            if written > 0 {
                return Ok(written);
            }
            if is_end && !self.is_done {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the deflate data has no end"));
            }
        }
        Ok(0)
    }
}

impl<'a> Decoder<'a> for Inflate<'a> {
    fn source(&self) -> &Input<'a> {
        &self.input
    }

    fn release(self) -> Input<'a> {
        self.input
    }

    fn written(&self) -> u64 {
        self.inflate.total_out()
    }
}

struct Copier<'a> {
    input: Input<'a>,
}

impl<'a> SegmentReader<'a> for Copier<'a> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        io::Read::read(&mut self.input, out).map_err(|error| fault(&error))
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

/// A codec whose segment tells by itself where it ends, and something else follows.
#[derive(Debug)]
pub(super) struct Alone(pub(super) &'static dyn Codec);

impl Codec for Alone {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn version(&self) -> String {
        self.0.version()
    }

    fn is_prompt(&self) -> bool {
        self.0.is_prompt()
    }

    fn stands_alone(&self) -> bool {
        true
    }

    fn starts(&self, bytes: &[u8]) -> bool {
        self.0.starts(bytes)
    }

    fn find(&self, _bytes: &[u8]) -> Option<usize> {
        None
    }

    fn padding(&self, _bytes: &[u8]) -> Option<u64> {
        None
    }

    fn decode(&self, segment: &[u8], out: &mut [u8], tools: &mut Tools) -> Result<Integrity, Fault> {
        self.0.decode(segment, out, tools)
    }

    fn open<'a>(&self, input: Input<'a>, memory: &Budget) -> Box<dyn SegmentReader<'a> + 'a> {
        self.0.open(input, memory)
    }
}
