//! Reads a row of segments in order, and finds the way again after damage.

use std::fmt;
use std::io::BufRead;
use std::ops::Range;

use flate2::Crc;

use super::adapter::fault;
use super::{Budget, Checksum, Codec, Fault, Input, SegmentReader};
use crate::ledger::{DecodedRange, Integrity, Reason};

/// Bytes that are enough for [`Codec::starts`].
const MAGIC: usize = 32;

/// What comes next in an archive. Ranges are of encoded bytes, counted from the container's beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A segment begins at this offset.
    Segment(u64),
    /// So many bytes of it were decoded.
    Data(usize),
    /// It ended as it should.
    End(Integrity),
    /// Bytes that hold nothing by design.
    Padding(Range<u64>),
    /// Bytes that could not be decoded.
    Gap {
        /// Which.
        bytes: Range<u64>,
        /// What is missing of the segment that was open.
        decoded: Option<DecodedRange>,
        /// Why, and what the decoder said.
        fault: Fault,
    },
    /// Nothing is left.
    Finished,
}

/// A row of segments of one codec.
pub struct Stream<'a> {
    codec: &'static dyn Codec,
    memory: Budget,
    state: State<'a>,
    /// The open segment's offset, and how much of it was decoded.
    segment: u64,
    decoded: u64,
    /// What must come out altogether, and what came so far.
    checksum: Option<(Checksum, Crc)>,
}

enum State<'a> {
    Between(Input<'a>),
    Inside(Box<dyn SegmentReader<'a> + 'a>),
    /// Decoded bytes were handed out just before this fault.
    Failed(Input<'a>, Fault),
    Finished(u64),
}

impl fmt::Debug for Stream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("codec", &self.codec)
            .field("segment", &self.segment)
            .finish_non_exhaustive()
    }
}

impl<'a> Stream<'a> {
    /// Reads `input` with `codec`; windows are taken from `memory`.
    #[must_use]
    pub fn new(codec: &'static dyn Codec, input: Input<'a>, memory: Budget) -> Self {
        Self { codec, memory, state: State::Between(input), segment: 0, decoded: 0, checksum: None }
    }

    /// Has the decoded bytes checked at the end of the first segment.
    #[must_use]
    pub fn checked(mut self, checksum: Option<Checksum>) -> Self {
        self.checksum = checksum.map(|checksum| (checksum, Crc::new()));
        self
    }

    /// See [`Codec::is_prompt`].
    #[must_use]
    pub fn is_prompt(&self) -> bool {
        self.codec.is_prompt()
    }

    /// See [`Codec::stands_alone`].
    #[must_use]
    pub fn stands_alone(&self) -> bool {
        self.codec.stands_alone()
    }

    /// Offset of the next encoded byte.
    #[must_use]
    pub fn position(&self) -> u64 {
        match &self.state {
            State::Between(input) | State::Failed(input, _) => input.position(),
            State::Inside(reader) => reader.input().position(),
            State::Finished(position) => *position,
        }
    }

    /// Takes the next step. Decoded bytes go to the beginning of `out`, which must not be empty.
    pub fn step(&mut self, out: &mut [u8]) -> Step {
        let position = self.position();
        match std::mem::replace(&mut self.state, State::Finished(position)) {
            State::Between(input) => self.begin(input),
            State::Inside(reader) => self.read(reader, out),
            State::Failed(input, fault) => self.recover(input, fault),
            State::Finished(_) => Step::Finished,
        }
    }

    fn begin(&mut self, mut input: Input<'a>) -> Step {
        let start = input.position();
        let bytes = match input.peek(MAGIC) {
            Ok(bytes) => bytes,
            Err(error) => return self.give_up(start..start, fault(&error)),
        };
        if bytes.is_empty() {
            self.state = State::Finished(start);
            return Step::Finished;
        }
        if self.codec.starts(bytes) {
            (self.segment, self.decoded) = (start, 0);
            self.state = State::Inside(self.codec.open(input, &self.memory));
            return Step::Segment(start);
        }
        if let Some(length) = self.codec.padding(bytes)
            && skip(&mut input, length)
        {
            let end = input.position();
            self.state = State::Between(input);
            return Step::Padding(start..end);
        }
        input.rewind(start);
        if self.codec.stands_alone() {
            let detail = format!("no {} segment starts here", self.codec.name());
            return self.give_up(start..start, Fault::new(Reason::Garbage, detail));
        }
        let detail = format!("no {} segment starts here", self.codec.name());
        self.seek(input, start, None, Fault::new(Reason::Garbage, detail))
    }

    fn read(&mut self, mut reader: Box<dyn SegmentReader<'a> + 'a>, out: &mut [u8]) -> Step {
        let before = reader.input().position();
        match reader.read(out) {
            Ok(0) => {
                let integrity = reader.integrity();
                let input = reader.into_input();
                match self.checksum.take() {
                    Some((checksum, crc)) if !holds(checksum, &crc) => {
                        let decoded = DecodedRange { segment: self.segment, start: 0, end: None };
                        let at = input.position();
                        self.state = State::Between(input);
                        let fault = Fault::new(Reason::ChecksumMismatch, "the member's CRC-32 does not hold");
                        Step::Gap { bytes: at..at, decoded: Some(decoded), fault }
                    }
                    checked => {
                        self.state = if self.codec.stands_alone() {
                            State::Finished(input.position())
                        } else {
                            State::Between(input)
                        };
                        Step::End(if checked.is_some() { Integrity::Verified } else { integrity })
                    }
                }
            }
            Ok(count) => {
                if let Some((_, crc)) = &mut self.checksum {
                    crc.update(&out[..count]);
                }
                self.decoded += count as u64;
                self.state = State::Inside(reader);
                Step::Data(count)
            }
            Err(fault) => {
                let mut input = reader.into_input();
                let written = fault.written;
                if written == 0 {
                    input.rewind(before);
                    return self.recover(input, fault);
                }
                self.decoded += written as u64;
                self.state = State::Failed(input, fault);
                Step::Data(written)
            }
        }
    }

    /// The open segment failed where `input` stands. A damaged length makes a decoder run past the next
    /// segment's beginning before it notices, so the search starts behind the failed segment's magic, or as near
    /// to it as the input can go back.
    fn recover(&mut self, mut input: Input<'a>, fault: Fault) -> Step {
        let decoded = DecodedRange { segment: self.segment, start: self.decoded, end: None };
        let failed_at = input.position();
        if self.codec.stands_alone() {
            return self.give_up_after(failed_at..failed_at, Some(decoded), fault);
        }
        input.rewind(self.segment);
        if input.position() == self.segment && input.peek(1).is_ok_and(|bytes| !bytes.is_empty()) {
            input.consume(1);
        }
        match self.seek(input, failed_at, Some(decoded), fault) {
            Step::Gap { bytes, decoded, fault } if bytes.end < bytes.start => {
                // The segment reached into the next one: none of it is to be relied on.
                if let State::Between(input) = &mut self.state {
                    input.rewind(self.segment);
                    let count = usize::try_from(bytes.end - input.position()).unwrap_or(0);
                    input.stray(count);
                }
                Step::Gap { bytes: self.segment..bytes.end, decoded, fault }
            }
            step => step,
        }
    }

    /// Looks for the next segment and makes a gap of what lies between `from` and it.
    fn seek(&mut self, mut input: Input<'a>, from: u64, decoded: Option<DecodedRange>, fault: Fault) -> Step {
        loop {
            let bytes = match input.window(2 * MAGIC) {
                Ok(bytes) => bytes,
                Err(error) => return self.give_up(from..input.position(), super::adapter::fault(&error)),
            };
            if let Some(at) = self.codec.find(bytes) {
                pass_over(&mut input, at, from);
                let bytes = from..input.position();
                self.state = State::Between(input);
                return Step::Gap { bytes, decoded, fault };
            }
            let there = bytes.len();
            if there < 2 * MAGIC {
                pass_over(&mut input, there, from);
                return self.give_up_after(from..input.position(), decoded, fault);
            }
            // Keep what may be the beginning of a magic that the next bytes complete.
            pass_over(&mut input, there - MAGIC, from);
        }
    }

    fn give_up(&mut self, bytes: Range<u64>, fault: Fault) -> Step {
        self.give_up_after(bytes, None, fault)
    }

    fn give_up_after(&mut self, bytes: Range<u64>, decoded: Option<DecodedRange>, fault: Fault) -> Step {
        self.state = State::Finished(bytes.end);
        Step::Gap { bytes, decoded, fault }
    }
}

/// Passes over `count` bytes that are at hand. From offset `from` on they belong to nothing.
fn pass_over(input: &mut Input<'_>, count: usize, from: u64) {
    let before = usize::try_from(from.saturating_sub(input.position())).unwrap_or(usize::MAX).min(count);
    input.consume(before);
    input.stray(count - before);
}

/// Passes over `length` bytes; `false` if there are not so many, and then the position is the end's.
fn skip(input: &mut Input<'_>, mut length: u64) -> bool {
    while length > 0 {
        let there = match input.peek(1) {
            Ok(bytes) if !bytes.is_empty() => bytes.len(),
            _ => return false,
        };
        let count = usize::try_from(length).map_or(there, |length| length.min(there));
        input.consume(count);
        length -= count as u64;
    }
    true
}

/// Whether `crc` is that of a member with this checksum. It counts bytes modulo 2^32.
fn holds(checksum: Checksum, crc: &Crc) -> bool {
    checksum.crc32 == crc.sum() && u64::from(crc.amount()) == checksum.size & u64::from(u32::MAX)
}
