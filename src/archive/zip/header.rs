//! The fields of the headers of a zip archive.

use super::super::deflate::{Alone, Deflate, Stored};
use super::super::member::{Checksum, Member, Method};
use super::super::zstd::Zstd;

pub(super) const LOCAL: &[u8] = b"PK\x03\x04";
pub(super) const CENTRAL: &[u8] = b"PK\x01\x02";
pub(super) const END: &[u8] = b"PK\x05\x06";
pub(super) const END64: &[u8] = b"PK\x06\x06";
pub(super) const LOCATOR64: &[u8] = b"PK\x06\x07";

/// Length of a local header without its name and extra fields, of a central one, of the end record.
pub(super) const LOCAL_LENGTH: usize = 30;
pub(super) const CENTRAL_LENGTH: usize = 46;
pub(super) const END_LENGTH: usize = 22;
pub(super) const LOCATOR64_LENGTH: usize = 20;

/// A ZIP64 end record longer than this is none.
const LONGEST_END64: u64 = 64 << 10;

/// A data descriptor is no longer than this.
pub(super) const LONGEST_DESCRIPTOR: usize = 24;

/// General purpose flags: encrypted; sizes and checksum follow the data.
const ENCRYPTED: u16 = 1;
const DESCRIPTOR: u16 = 8;

/// No compression method has a larger number.
const LAST_METHOD: u16 = 99;

/// Length of the record of the central directory, or of its end, at the beginning of `bytes`.
pub(super) fn directory_record(bytes: &[u8]) -> Option<u64> {
    let u16_at = |at| u16_at(bytes, at).map(u64::from);
    if bytes.starts_with(CENTRAL) {
        Some(CENTRAL_LENGTH as u64 + u16_at(28)? + u16_at(30)? + u16_at(32)?)
    } else if bytes.starts_with(END64) {
        u64_at(bytes, 4).filter(|size| *size <= LONGEST_END64).map(|size| 12 + size)
    } else if bytes.starts_with(LOCATOR64) {
        Some(LOCATOR64_LENGTH as u64)
    } else if bytes.starts_with(END) {
        Some(END_LENGTH as u64 + u16_at(END_LENGTH - 2)?)
    } else {
        None
    }
}

/// What local and central headers share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    flags: u16,
    method: u16,
    crc32: u32,
    packed: u64,
    size: u64,
    pub(super) name_length: usize,
    pub(super) extra_length: usize,
}

impl Header {
    /// From a local header; `None` if it can be none.
    pub(super) fn local(bytes: &[u8]) -> Option<Self> {
        Self::read(bytes.get(6..LOCAL_LENGTH)?).filter(|header| header.method <= LAST_METHOD)
    }

    /// Whether `bytes` begin with a local header whose name is one that people give.
    pub(super) fn is_named(bytes: &[u8]) -> bool {
        let name =
            Self::local(bytes).and_then(|header| bytes.get(LOCAL_LENGTH..LOCAL_LENGTH + header.name_length));
        let name = name.and_then(|name| str::from_utf8(name).ok()).unwrap_or_default();
        !name.is_empty() && !name.contains(char::is_control)
    }

    /// From the flags field on.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            flags: u16_at(bytes, 0)?,
            method: u16_at(bytes, 2)?,
            crc32: u32_at(bytes, 8)?,
            packed: u32_at(bytes, 12)?.into(),
            size: u32_at(bytes, 16)?.into(),
            name_length: u16_at(bytes, 20)?.into(),
            extra_length: u16_at(bytes, 22)?.into(),
        })
    }

    /// How long the data is by the header; `None` if only a descriptor tells.
    pub(super) fn data_length(self) -> Option<u64> {
        (!self.is_described() || self.packed > 0).then_some(self.packed)
    }

    /// Whether a descriptor follows the data.
    pub(super) fn is_described(self) -> bool {
        self.flags & DESCRIPTOR != 0
    }

    /// How many sizes stand in the ZIP64 extra field.
    pub(super) fn wide_sizes(self) -> usize {
        [self.size, self.packed].iter().filter(|size| **size == u64::from(u32::MAX)).count()
    }

    /// With sizes that are known, whatever the flag says.
    pub(super) fn sized(self) -> Self {
        Self { flags: self.flags & !DESCRIPTOR, ..self }
    }

    pub(super) fn member(mut self, name: &[u8], extra: &[u8], start: u64) -> Member {
        let mut wide = zip64(extra);
        for size in [&mut self.size, &mut self.packed] {
            if *size == u64::from(u32::MAX) {
                *size = wide.next().unwrap_or(*size);
            }
        }
        let is_open = self.data_length().is_none();
        let checksum = (!is_open).then_some(Checksum { crc32: self.crc32, size: self.size });
        let method = match self.method {
            _ if self.flags & ENCRYPTED != 0 => Method::Refused("encrypted: decrypt it first".to_owned()),
            0 if is_open => Method::Refused("stored without a size: unpack the archive first".to_owned()),
            0 => Method::Coded(&Stored, checksum),
            8 if is_open => Method::Coded(&Alone(&Deflate), None),
            8 => Method::Coded(&Deflate, checksum),
            93 if is_open => Method::Coded(&Alone(&Zstd), None),
            93 => Method::Coded(&Zstd, checksum),
            other => Method::Refused(format!("compression method {other}: unpack the archive first")),
        };
        let name = String::from_utf8_lossy(name).replace('\\', "/");
        Member { name, start, size: (!is_open).then_some(self.packed), method }
    }
}

/// The numbers of the ZIP64 extra field, in its order.
pub(super) fn zip64(extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest = extra;
    let found = std::iter::from_fn(|| next_field(&mut rest)).find(|(id, _)| *id == 1);
    let found = found.map_or(&[][..], |(_, field)| field);
    found
        .chunks_exact(8)
        .map(|bytes| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// Whether `bytes` are extra fields, and nothing else.
pub(super) fn are_extra_fields(mut bytes: &[u8]) -> bool {
    while next_field(&mut bytes).is_some() {}
    bytes.is_empty()
}

/// Takes the next extra field off `rest`: its id and what it holds.
fn next_field<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8])> {
    let (id, length) = (u16_at(rest, 0)?, u16_at(rest, 2)?);
    let field = rest.get(4..4 + usize::from(length))?;
    *rest = &rest[4 + field.len()..];
    Some((id, field))
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
