//! Members of zip archives as codecs: what a member's header says, and not a magic, chooses them.

use std::fmt;
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
        Box::new(Inflater { input, inflate: Decompress::new(false), is_done: false })
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

    fn is_verbatim(&self) -> bool {
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
}

/// Inflates from `input` into `out`: how many bytes came, and whether the data is at its end.
pub(super) fn inflate(
    inflate: &mut Decompress,
    input: &mut Input<'_>,
    out: &mut [u8],
) -> Result<(usize, bool), Fault> {
    loop {
        let bytes = input.fill_buf().map_err(|error| fault(&error))?;
        let is_end = bytes.is_empty();
        let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(bytes, out, FlushDecompress::None);
        let count = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
        let written = count(inflate.total_out(), before_out);
        input.consume(count(inflate.total_in(), before_in));
        match status {
            Err(_) => return Err(Fault { written, ..Fault::new(Reason::Corrupt, "invalid deflate data") }),
            Ok(Status::StreamEnd) => return Ok((written, true)),
            Ok(_) if written > 0 => return Ok((written, false)),
            Ok(_) if is_end => return Err(Fault::new(Reason::Truncated, "the deflate data has no end")),
            Ok(_) => {}
        }
    }
}

impl<'a> SegmentReader<'a> for Inflater<'a> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        if self.is_done {
            return Ok(0);
        }
        let (count, is_done) = inflate(&mut self.inflate, &mut self.input, out)?;
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

/// Raw deflate data whose length is not known, read without a byte too many.
pub struct Inflate<'i, 'a> {
    input: &'i mut Input<'a>,
    inflate: Decompress,
    is_done: bool,
}

impl fmt::Debug for Inflate<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflate").field("input", &self.input).finish_non_exhaustive()
    }
}

impl<'i, 'a> Inflate<'i, 'a> {
    /// Reads the data that begins where `input` stands.
    pub fn new(input: &'i mut Input<'a>) -> Self {
        Self { input, inflate: Decompress::new(false), is_done: false }
    }
}

impl io::Read for Inflate<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.is_done {
            return Ok(0);
        }
        let outcome = inflate(&mut self.inflate, self.input, out);
        let (count, is_done) = outcome.map_err(|fault| io::Error::other(fault.detail))?;
        self.is_done = is_done;
        Ok(count)
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
