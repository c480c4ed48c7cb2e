//! gzip (RFC 1952): a member is a segment. bgzip's members say how long they are.

use std::io::BufRead;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::adapter::fault;
use super::inflate::{Damage, Pause, Reader};
use super::{Budget, Codec, Extent, Fault, Input, SegmentReader, Tools};
use crate::ledger::{Integrity, Reason};

/// The gzip format.
#[derive(Debug)]
pub(super) struct Gzip;

const FHCRC: u8 = 2;
const FEXTRA: u8 = 4;
const FNAME: u8 = 8;
const FCOMMENT: u8 = 16;
const RESERVED: u8 = 0b1110_0000;

/// A member header longer than this is refused: names and comments have no bound of their own.
const LONGEST_HEADER: usize = 128 << 10;

/// CRC32 and ISIZE.
const TRAILER: usize = 8;

impl Codec for Gzip {
    fn name(&self) -> &'static str {
        "gzip"
    }

    fn version(&self) -> String {
        concat!("coldtrail ", env!("CARGO_PKG_VERSION"), ", flate2 1.1 (zlib-rs)").to_owned()
    }

    fn starts(&self, bytes: &[u8]) -> bool {
        matches!(bytes, [0x1f, 0x8b, 8, flags, ..] if flags & RESERVED == 0)
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        memchr::memmem::find_iter(bytes, &[0x1f, 0x8b, 8]).find(|at| {
            let member = &bytes[*at..];
            self.starts(member) && inflates(member)
        })
    }

    /// `gzip` writes none, but tapes and block devices pad with zeros, and `gzip -d` lets them pass.
    fn padding(&self, bytes: &[u8]) -> Option<u64> {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        (zeros > 0).then_some(zeros as u64)
    }

    fn extent(&self, bytes: &[u8], _walk: u64) -> Extent {
        let Some(size) = bgzip_size(bytes) else { return Extent::Unknown };
        match bytes.get(size - 4..size).and_then(|isize| isize.first_chunk()) {
            Some(isize) => {
                Extent::Known { encoded: size as u64, decoded: Some(u64::from(u32::from_le_bytes(*isize))) }
            }
            None => Extent::Damaged,
        }
    }

    fn decode(&self, segment: &[u8], out: &mut [u8], tools: &mut Tools) -> Result<Integrity, Fault> {
        let inflate = tools.inflate.get_or_insert_with(|| Decompress::new(false));
        inflate.reset(false);
        let header = header_length(segment).ok_or_else(corrupt)?;
        let status = inflate.decompress(&segment[header..], out, FlushDecompress::Finish);
        let trailer = segment.get(header + delta(inflate.total_in(), 0)..).and_then(<[u8]>::first_chunk);
        let trailer = trailer.ok_or_else(corrupt)?;
        if !matches!(status, Ok(Status::StreamEnd)) || inflate.total_out() != out.len() as u64 {
            return Err(corrupt());
        }
        let mut crc = Crc::new();
        crc.update(out);
        check(trailer, &crc)
    }

    fn open<'a>(&self, input: Input<'a>, memory: &Budget) -> Box<dyn SegmentReader<'a> + 'a> {
        Box::new(Member { input, state: State::Header, memory: memory.clone() })
    }
}

/// Size of a bgzip member, from its `BC` extra subfield (SAM specification 4.1).
fn bgzip_size(bytes: &[u8]) -> Option<usize> {
    let flags = bytes.get(3)?;
    let length = usize::from(u16::from_le_bytes(*bytes.get(10..)?.first_chunk()?));
    let mut fields = bytes.get(12..12 + length)?;
    if !Gzip.starts(bytes) || flags & FEXTRA == 0 {
        return None;
    }
    while let [id1, id2, low, high, rest @ ..] = fields {
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        let value = rest.get(..length)?;
        if let (b'B', b'C', [low, high]) = (id1, id2, value) {
            let size = usize::from(u16::from_le_bytes([*low, *high])) + 1;
            return (size > 12 + fields.len() + TRAILER).then_some(size);
        }
        fields = &rest[length..];
    }
    None
}

/// Length of the member header at the beginning of `bytes`; `None` if it is not all there, or none.
fn header_length(bytes: &[u8]) -> Option<usize> {
    if !Gzip.starts(bytes) {
        return None;
    }
    let flags = bytes[3];
    let mut length = 10;
    if flags & FEXTRA != 0 {
        length += 2 + usize::from(u16::from_le_bytes(*bytes.get(length..)?.first_chunk()?));
    }
    for text in [FNAME, FCOMMENT] {
        if flags & text != 0 {
            length += memchr::memchr(0, bytes.get(length..)?)? + 1;
        }
    }
    if flags & FHCRC != 0 {
        length += 2;
    }
    (length <= bytes.len()).then_some(length)
}

/// Whether what follows the header is deflate data for a while: three bytes of magic turn up by chance,
/// and short runs of random bits often inflate, so a short member must hold its checksum too.
fn inflates(member: &[u8]) -> bool {
    let Some(header) = header_length(member) else { return false };
    let (mut inflate, mut out) = (Decompress::new(false), [0; 4096]);
    match inflate.decompress(&member[header..], &mut out, FlushDecompress::None) {
        Err(_) => false,
        Ok(Status::StreamEnd) => {
            let mut crc = Crc::new();
            crc.update(&out[..delta(inflate.total_out(), 0)]);
            let trailer = member.get(header + delta(inflate.total_in(), 0)..).and_then(<[u8]>::first_chunk);
            trailer.is_some_and(|trailer| check(trailer, &crc).is_ok())
        }
        Ok(_) => true,
    }
}

fn check(trailer: &[u8; TRAILER], crc: &Crc) -> Result<Integrity, Fault> {
    let [a, b, c, d, size @ ..] = *trailer;
    if u32::from_le_bytes([a, b, c, d]) != crc.sum() {
        return Err(Fault::new(Reason::ChecksumMismatch, "gzip: the member's CRC32 does not hold"));
    }
    if u32::from_le_bytes(size) != crc.amount() {
        return Err(Fault::new(Reason::ChecksumMismatch, "gzip: the member's length field does not hold"));
    }
    Ok(Integrity::Verified)
}

enum State<'a> {
    Header,
    Body(Body<'a>),
    Trailer(Crc),
    Done,
}

/// How what stands between header and trailer is read.
enum Body<'a> {
    /// Mapped, with all threads that have nothing else to do; it begins at this offset.
    Mapped(Box<Reader<'a>>, u64),
    /// From front to back.
    Piped(Decompress, Crc),
}

struct Member<'a> {
    input: Input<'a>,
    state: State<'a>,
    memory: Budget,
}

impl<'a> Member<'a> {
    fn read_header(&mut self) -> Result<(), Fault> {
        let bytes = self.input.peek(LONGEST_HEADER).map_err(|error| fault(&error))?;
        let Some(length) = header_length(bytes) else {
            let reason = if bytes.len() < LONGEST_HEADER { Reason::Truncated } else { Reason::Corrupt };
            return Err(Fault::new(reason, "gzip: the member's header has no end"));
        };
        self.input.consume(length);
        Ok(())
    }

    fn begin(&self) -> Body<'a> {
        match self.input.rest() {
            Some(bytes) => Body::Mapped(Box::new(Reader::new(bytes, &self.memory)), self.input.position()),
            None => Body::Piped(Decompress::new(false), Crc::new()),
        }
    }

    /// Inflates into `out`; 0 when the deflate stream is at its end.
    fn inflate(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        let (written, end) = match &mut self.state {
            State::Body(Body::Mapped(reader, start)) => read_mapped(&mut self.input, reader, *start, out)?,
            State::Body(Body::Piped(inflate, crc)) => read_piped(&mut self.input, inflate, crc, out)?,
            _ => (0, None),
        };
        if let Some(crc) = end {
            self.state = State::Trailer(crc);
        }
        Ok(written)
    }

    fn read_trailer(&mut self, crc: &Crc) -> Result<(), Fault> {
        let bytes = self.input.peek(TRAILER).map_err(|error| fault(&error))?;
        let trailer = *bytes.first_chunk().ok_or_else(truncated)?;
        self.input.consume(TRAILER);
        check(&trailer, crc).map(drop)
    }
}

/// Inflates into `out`; the checksum, at the end of the deflate stream.
fn read_mapped(
    input: &mut Input<'_>,
    reader: &mut Reader<'_>,
    start: u64,
    out: &mut [u8],
) -> Result<(usize, Option<Crc>), Fault> {
    let (written, outcome) = reader.read(out);
    input.consume(delta(start + reader.position(), input.position()));
    match outcome {
        Ok(Pause::End) => Ok((written, Some(reader.take_crc()))),
        Ok(_) => Ok((written, None)),
        Err(Damage::Truncated) => Err(Fault { written, ..truncated() }),
        Err(Damage::Corrupt) => Err(Fault { written, ..corrupt() }),
    }
}

/// The same, of what is read from front to back.
fn read_piped(
    input: &mut Input<'_>,
    inflate: &mut Decompress,
    crc: &mut Crc,
    out: &mut [u8],
) -> Result<(usize, Option<Crc>), Fault> {
    loop {
        let bytes = input.fill_buf().map_err(|error| fault(&error))?;
        let is_end = bytes.is_empty();
        let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(bytes, out, FlushDecompress::None);
        let written = delta(inflate.total_out(), before_out);
        input.consume(delta(inflate.total_in(), before_in));
        crc.update(&out[..written]);
        match status {
            Err(_) => return Err(Fault { written, ..corrupt() }),
            Ok(Status::StreamEnd) => return Ok((written, Some(std::mem::take(crc)))),
            Ok(_) if written > 0 => return Ok((written, None)),
            Ok(_) if is_end => return Err(truncated()),
            Ok(_) => {}
        }
    }
}

fn corrupt() -> Fault {
    Fault::new(Reason::Corrupt, "gzip: invalid deflate data")
}

fn truncated() -> Fault {
    Fault::new(Reason::Truncated, "gzip: the member ends before its trailer")
}

fn delta(now: u64, before: u64) -> usize {
    usize::try_from(now - before).unwrap_or(usize::MAX)
}

impl<'a> SegmentReader<'a> for Member<'a> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        loop {
            match self.state {
                State::Header => {
                    self.read_header()?;
                    self.state = State::Body(self.begin());
                }
                State::Body(_) => {
                    let count = self.inflate(out)?;
                    if count > 0 {
                        return Ok(count);
                    }
                }
                State::Trailer(_) => {
                    if let State::Trailer(crc) = std::mem::replace(&mut self.state, State::Done) {
                        self.read_trailer(&crc)?;
                    }
                }
                State::Done => return Ok(0),
            }
        }
    }

    fn integrity(&self) -> Integrity {
        Integrity::Verified
    }

    fn input(&self) -> &Input<'a> {
        &self.input
    }

    fn into_input(self: Box<Self>) -> Input<'a> {
        self.input
    }
}
