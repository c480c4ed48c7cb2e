//! xz: a stream is a segment.

use std::io::BufRead;

use liblzma::stream::{Action, Error, Status, Stream as LzmaStream};

use super::adapter::{Refused, fault, read_whole, too_large};
use super::{Budget, Codec, Fault, Input, SegmentReader, Share, Tools};
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
        read_whole(self.open(Input::slice(segment, 0), &Budget::new(u64::MAX)), out)
    }

    fn open<'a>(&self, mut input: Input<'a>, memory: &Budget) -> Box<dyn SegmentReader<'a> + 'a> {
        // The low half of the second flag byte names the check; 0 is none.
        let has_check = input.peek(8).is_ok_and(|header| header.get(7).is_some_and(|check| check & 15 != 0));
        let integrity = if has_check { Integrity::Verified } else { Integrity::NoChecksum };
        match LzmaStream::new_stream_decoder(1, 0) {
            Ok(decoder) => {
                let memory = memory.clone();
                Box::new(Reader { input, decoder, memory, share: None, limit: 0, integrity, is_done: false })
            }
            Err(error) => Box::new(Refused { input, fault: Fault::new(Reason::Corrupt, error.to_string()) }),
        }
    }
}

/// What is taken first, enough for presets up to 6; then it is doubled. The eighth is what liblzma needs besides
/// the dictionary, and more.
const FIRST: u64 = 9 << 20;

/// Reads one stream. Only its blocks tell how much memory they need, one by one.
struct Reader<'a> {
    input: Input<'a>,
    decoder: LzmaStream,
    memory: Budget,
    share: Option<Share>,
    /// What was asked for last.
    limit: u64,
    integrity: Integrity,
    is_done: bool,
}

impl Reader<'_> {
    /// Lets the decoder take more. What it has is given back first: who waits for more holds nothing.
    fn raise(&mut self) -> Result<(), Fault> {
        drop(self.share.take());
        let whole = self.memory.whole();
        let wanted = self.limit.saturating_mul(2).max(FIRST);
        let next = if self.limit < whole { wanted.min(whole) } else { wanted };
        // liblzma's own limit stays what it was while it is set too low.
        self.limit = next;
        self.share = self.memory.take(next);
        if self.share.is_none() {
            return Err(too_large("xz", wanted, &self.memory));
        }
        self.decoder.set_memlimit(next).or_else(|error| match error {
            // Still too little: the next attempt says so, and asks for more.
            Error::MemLimit => Ok(()),
            error => Err(Fault::new(Reason::Corrupt, error.to_string())),
        })
    }
}

impl<'a> SegmentReader<'a> for Reader<'a> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        while !self.is_done {
            let bytes = self.input.fill_buf().map_err(|error| fault(&error))?;
            let is_end = bytes.is_empty();
            let action = if is_end { Action::Finish } else { Action::Run };
            let (read, written) = (self.decoder.total_in(), self.decoder.total_out());
            let outcome = self.decoder.process(bytes, out, action);
            let consumed = self.decoder.total_in() - read;
            let written = usize::try_from(self.decoder.total_out() - written).unwrap_or(out.len());
            self.input.consume(usize::try_from(consumed).unwrap_or(0));
            match outcome {
                Err(Error::MemLimit) => self.raise()?,
                Err(error) => return Err(Fault { written, ..fault(&error.into()) }),
                Ok(status) => self.is_done = status == Status::StreamEnd,
            }
            if written > 0 {
                return Ok(written);
            }
            if !self.is_done && is_end {
                return Err(Fault::new(Reason::Truncated, "xz: the stream ends early"));
            }
        }
        Ok(0)
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
