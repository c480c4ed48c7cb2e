//! Members of zip archives as codecs: what a member's header says, and not a magic, chooses them.

use std::io::{self, BufRead};

use flate2::{Decompress, FlushDecompress, Status};

use super::adapter::{fault, read_whole};
use super::{Budget, Codec, Fault, Input, SegmentReader, Tools};
use crate::ledger::{Integrity, Reason};

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
        Box::new(Inflater { input, inflate: Decompress::new(false), is_done: false, is_full: false })
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

struct Inflater<'a> {
    input: Input<'a>,
    inflate: Decompress,
    is_done: bool,
    /// Whether it may have more of what it took than there was room for.
    is_full: bool,
}

impl Inflater<'_> {
    /// Inflates into `out`: how many bytes came, and whether the data is at its end.
    fn inflate(&mut self, out: &mut [u8]) -> Result<(usize, bool), Fault> {
        loop {
            let bytes =
                if self.is_full { &[] } else { self.input.fill_buf().map_err(|error| fault(&error))? };
            let is_end = bytes.is_empty() && !self.is_full;
            let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(bytes, out, FlushDecompress::None);
            let count = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
            let written = count(self.inflate.total_out(), before_out);
            self.input.consume(count(self.inflate.total_in(), before_in));
            self.is_full = written == out.len();
            match status {
                Err(_) => {
                    return Err(Fault { written, ..Fault::new(Reason::Corrupt, "invalid deflate data") });
                }
                Ok(Status::StreamEnd) => return Ok((written, true)),
                Ok(_) if written > 0 => return Ok((written, false)),
                Ok(_) if is_end => return Err(Fault::new(Reason::Truncated, "the deflate data has no end")),
                Ok(_) => {}
            }
        }
    }
}

impl<'a> SegmentReader<'a> for Inflater<'a> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        if self.is_done {
            return Ok(0);
        }
        let (count, is_done) = self.inflate(out)?;
        self.is_done = is_done;
        Ok(count)
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
