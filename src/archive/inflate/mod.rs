//! Deflate (RFC 1951), from any bit of mapped bytes on, for as long as there is room.
//!
//! zlib decides what is damaged: what comes out before, and whether more bytes would have helped, is the same here.

mod ahead;
#[expect(clippy::cast_possible_truncation, reason = "bits are cut out of words")]
mod bits;
#[expect(clippy::cast_possible_truncation, reason = "bits are cut out of words")]
mod decode;
mod find;
#[expect(clippy::cast_possible_truncation, reason = "bits are cut out of words")]
mod header;
mod helper;
#[expect(clippy::cast_possible_truncation, reason = "symbols, lengths and places in tables are small")]
mod huffman;
mod reader;
mod symbol;

pub(super) use reader::Reader;

use bits::Bits;
use decode::Stop;
use header::Codes;
use symbol::{Sink, Symbol};

/// How far a match may go back.
pub(super) const WINDOW: usize = 32 << 10;

/// What is wrong with deflate data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    Corrupt,
    /// It has no end.
    Truncated,
}

/// Why a decoder paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// There is more, and no room for it.
    Full,
    /// Here a block begins.
    Block,
    /// Here the data ends.
    End,
}

/// A match of which `length` symbols are still to be copied.
#[derive(Clone, Copy, Default)]
struct Match {
    distance: usize,
    length: usize,
}

#[derive(Clone, Copy)]
enum Block {
    /// Its header comes next.
    Header,
    /// So many bytes are left of it.
    Stored(usize),
    Coded,
    /// There is none.
    None,
}

/// A decoder, as it stands between two calls.
struct Inflate {
    /// Number of the next bit.
    position: u64,
    block: Block,
    is_last: bool,
    rest: Match,
    codes: Box<Codes>,
}

impl Inflate {
    /// Begins with the block at bit `position`.
    fn new(position: u64) -> Self {
        let (block, codes) = (Block::Header, Box::new(Codes::new()));
        Self { position, block, is_last: false, rest: Match::default(), codes }
    }

    /// Begins anew, with the block at bit `position`.
    fn begin(&mut self, position: u64) {
        (self.position, self.block, self.rest) = (position, Block::Header, Match::default());
    }

    fn is_between_blocks(&self) -> bool {
        matches!(self.block, Block::Header)
    }

    /// Room for codes, to be used between two blocks.
    fn codes(&mut self) -> &mut Codes {
        &mut self.codes
    }

    /// Number of the next bit.
    fn position(&self) -> u64 {
        self.position
    }

    /// Decodes `bytes` on, within one block. It pauses for want of room only when it knows that more comes.
    ///
    /// # Errors
    /// Damage; the sink holds what stands before it, and nothing comes after.
    fn step<S: Symbol>(&mut self, bytes: &[u8], sink: &mut Sink<'_, S>) -> Result<Pause, Damage> {
        let mut bits = Bits::at(bytes, self.position);
        let outcome = self.read(&mut bits, sink);
        self.position = bits.position();
        if outcome == Err(Damage::Truncated) {
            self.position = bytes.len() as u64 * 8;
        }
        outcome
    }

    fn read<S: Symbol>(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_, S>) -> Result<Pause, Damage> {
        if let Block::Header = self.block {
            self.read_header(bits)?;
        }
        let stop = match self.block {
            Block::Stored(left) => self.copy(left, bits, sink)?,
            Block::Coded => self.decode(bits, sink)?,
            Block::Header | Block::None => return Ok(Pause::End),
        };
        Ok(match stop {
            Stop::Short => Pause::Full,
            Stop::End if self.is_last => {
                bits.align();
                self.block = Block::None;
                Pause::End
            }
            Stop::End => {
                self.block = Block::Header;
                Pause::Block
            }
        })
    }

    fn read_header(&mut self, bits: &mut Bits<'_>) -> Result<(), Damage> {
        let header = bits.take(3)?;
        self.is_last = header & 1 != 0;
        self.block = match header >> 1 {
            0 => {
                bits.align();
                let (length, check) = (bits.take(16)?, bits.take(16)?);
                if length != !check & 0xffff {
                    return Err(Damage::Corrupt);
                }
                Block::Stored(length as usize)
            }
            1 => {
                self.codes.fix()?;
                Block::Coded
            }
            2 => {
                self.codes.read(bits)?;
                Block::Coded
            }
            _ => return Err(Damage::Corrupt),
        };
        Ok(())
    }

    /// Copies what is left of a stored block.
    fn copy<S: Symbol>(
        &mut self,
        left: usize,
        bits: &mut Bits<'_>,
        sink: &mut Sink<'_, S>,
    ) -> Result<Stop, Damage> {
        let bytes = bits.bytes();
        let count = left.min(sink.left()).min(bytes.len());
        let room = &mut sink.room[sink.at..sink.at + count];
        room.iter_mut().zip(bytes).for_each(|(to, from)| *to = S::literal(*from));
        sink.at += count;
        bits.skip(count);
        self.block = Block::Stored(left - count);
        match left - count {
            0 => Ok(Stop::End),
            _ if count == bytes.len() => Err(Damage::Truncated),
            _ => Ok(Stop::Short),
        }
    }

    /// Decodes on in a block with codes.
    fn decode<S: Symbol>(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_, S>) -> Result<Stop, Damage> {
        let copied = sink.copy_some(self.rest.distance, self.rest.length);
        self.rest.length -= copied;
        while self.rest.length == 0 {
            if let Stop::End = decode::run(&self.codes, bits, sink)? {
                return Ok(Stop::End);
            }
            if let Stop::End = decode::walk(&self.codes, bits, sink, &mut self.rest)? {
                return Ok(Stop::End);
            }
            if self.rest.length == 0 && sink.left() == 0 {
                return Ok(Stop::Short);
            }
        }
        Ok(Stop::Short)
    }
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "tests decode little")]
mod tests;
