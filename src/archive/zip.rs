//! zip (APPNOTE 6.3.10): members by the central directory where the whole archive is at hand, by the local
//! headers where it is not or where the directory is damaged.

use super::adapter::fault;
use super::deflate::{Deflate, Stored};
use super::member::{Checksum, Item, Member, Method, skip, stray};
use super::zstd::Zstd;
use super::{Fault, Input};
use crate::ledger::Reason;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";

/// Length of a local header without its name and extra fields, of a central one, of the end record.
const LOCAL_LENGTH: usize = 30;
const CENTRAL_LENGTH: usize = 46;
const END_LENGTH: usize = 22;
const LOCATOR64_LENGTH: usize = 20;

/// A ZIP64 end record longer than this is none.
const LONGEST_END64: u64 = 64 << 10;

/// General purpose flags: encrypted; sizes and checksum follow the data.
const ENCRYPTED: u16 = 1;
const DESCRIPTOR: u16 = 8;

/// No compression method has a larger number.
const LAST_METHOD: u16 = 99;

/// A data descriptor is no longer than this.
const LONGEST_DESCRIPTOR: usize = 24;

/// Reads the members of a zip archive.
#[derive(Debug)]
pub struct Zip {
    /// What the central directory lists; `None`: the local headers tell.
    listed: Option<Listed>,
    /// Whether an end record was passed.
    has_ended: bool,
}

/// What a central directory lists.
#[derive(Debug)]
struct Listed {
    /// In order of place.
    members: std::vec::IntoIter<Member>,
    /// Where the archive ends by its own account.
    end: u64,
}

impl Zip {
    /// By the local headers.
    #[must_use]
    pub fn by_headers() -> Self {
        Self { listed: None, has_ended: false }
    }

    /// By the central directory of a whole archive; `None` if that is not sound.
    #[must_use]
    pub fn by_directory(archive: &[u8]) -> Option<Self> {
        Some(Self { listed: Some(directory(archive)?), has_ended: false })
    }

    pub(super) fn next(&mut self, input: &mut Input<'_>) -> Item {
        let Some(listed) = &mut self.listed else { return self.next_header(input) };
        let Some(member) = listed.members.next() else {
            skip(input, listed.end.saturating_sub(input.position()));
            (self.listed, self.has_ended) = (None, true);
            return self.next_header(input);
        };
        skip(input, member.start - input.position());
        Item::Member(member)
    }

    fn next_header(&mut self, input: &mut Input<'_>) -> Item {
        loop {
            let start = input.position();
            let bytes = match input.peek(LOCAL_LENGTH + LONGEST_DESCRIPTOR) {
                Ok(bytes) => bytes,
                Err(error) => return Item::Gap(start..start, fault(&error)),
            };
            if bytes.is_empty() {
                return Item::End;
            }
            if let Some(length) = directory_record(bytes) {
                self.has_ended |= bytes.starts_with(END);
                skip(input, length);
                continue;
            }
            if bytes.starts_with(LOCAL) && bytes.len() >= LOCAL_LENGTH {
                let Some(member) = read_local(input) else {
                    return self.find_header(input);
                };
                if member.name.ends_with('/') {
                    skip(input, member.size.unwrap_or(0));
                    continue;
                }
                return Item::Member(member);
            }
            let near = &bytes[..bytes.len().min(LONGEST_DESCRIPTOR + LOCAL.len())];
            let next =
                [LOCAL, CENTRAL].into_iter().filter_map(|magic| memchr::memmem::find(near, magic)).min();
            match next {
                Some(descriptor) if descriptor > 0 && !self.has_ended => skip(input, descriptor as u64),
                _ => return self.find_header(input),
            }
        }
    }

    /// Passes over bytes until a header may begin.
    fn find_header(&self, input: &mut Input<'_>) -> Item {
        let start = input.position();
        // One that begins here is cut short.
        stray(input, 1);
        while let Ok(bytes) = input.peek(2 * LOCAL.len()) {
            let found = memchr::memmem::find(bytes, LOCAL).or_else(|| memchr::memmem::find(bytes, CENTRAL));
            if let Some(at) = found {
                stray(input, at as u64);
                break;
            }
            let there = bytes.len();
            if there < 2 * LOCAL.len() {
                stray(input, there as u64);
                break;
            }
            stray(input, (there - LOCAL.len()) as u64);
        }
        let fault = if self.has_ended {
            Fault::new(Reason::Garbage, "zip: bytes behind the archive's end")
        } else {
            Fault::new(Reason::Corrupt, "zip: no member's header where one must be")
        };
        Item::Gap(start..input.position(), fault)
    }
}

/// Length of the record of the central directory, or of its end, at the beginning of `bytes`.
fn directory_record(bytes: &[u8]) -> Option<u64> {
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

fn read_local(input: &mut Input<'_>) -> Option<Member> {
    let header = Header::local(input.peek(LOCAL_LENGTH).ok()?)?;
    let length = LOCAL_LENGTH + header.name_length + header.extra_length;
    let bytes = input.peek(length).ok()?.get(..length)?.to_vec();
    skip(input, length as u64);
    let start = input.position();
    let (name, extra) = bytes[LOCAL_LENGTH..].split_at(header.name_length);
    Some(header.member(name, extra, start))
}

/// What local and central headers share.
#[derive(Clone, Copy, Debug)]
struct Header {
    flags: u16,
    method: u16,
    crc32: u32,
    packed: u64,
    size: u64,
    name_length: usize,
    extra_length: usize,
}

impl Header {
    fn local(bytes: &[u8]) -> Option<Self> {
        Self::read(bytes.get(6..LOCAL_LENGTH)?).filter(|header| header.method <= LAST_METHOD)
    }

    /// From the flags field on.
    fn read(bytes: &[u8]) -> Option<Self> {
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

    fn member(mut self, name: &[u8], extra: &[u8], start: u64) -> Member {
        let mut wide = zip64(extra);
        for size in [&mut self.size, &mut self.packed] {
            if *size == u64::from(u32::MAX) {
                *size = wide.next().unwrap_or(*size);
            }
        }
        let is_open = self.flags & DESCRIPTOR != 0 && self.packed == 0;
        let checksum = (!is_open).then_some(Checksum { crc32: self.crc32, size: self.size });
        let method = match self.method {
            _ if self.flags & ENCRYPTED != 0 => Method::Refused("encrypted: decrypt it first".to_owned()),
            0 if is_open => Method::Refused("stored without a size: unpack the archive first".to_owned()),
            0 => Method::Coded(&Stored, checksum),
            8 => Method::Coded(&Deflate, checksum),
            93 => Method::Coded(&Zstd, checksum),
            other => Method::Refused(format!("compression method {other}: unpack the archive first")),
        };
        let name = String::from_utf8_lossy(name).replace('\\', "/");
        Member { name, start, size: (!is_open).then_some(self.packed), method }
    }
}

/// The numbers of the ZIP64 extra field, in its order.
fn zip64(extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest = extra;
    let mut found: &[u8] = &[];
    while let (Some(id), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2)) {
        let Some(field) = rest.get(4..4 + usize::from(length)) else { break };
        if id == 1 {
            found = field;
            break;
        }
        rest = &rest[4 + field.len()..];
    }
    found
        .chunks_exact(8)
        .map(|bytes| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// The files that the central directory lists, in order of place; `None` if anything about it is not as it
/// must be: overlapping members, for one, are how a bomb is built, and what it does not list lies hidden.
fn directory(archive: &[u8]) -> Option<Listed> {
    let tail = archive.len().saturating_sub(END_LENGTH + usize::from(u16::MAX));
    let mut end = tail + memchr::memmem::rfind(&archive[tail..], END)?;
    let behind = (end + END_LENGTH) as u64 + u64::from(u16_at(archive, end + END_LENGTH - 2)?);
    let (mut count, mut at) = (u64::from(u16_at(archive, end + 10)?), u64::from(u32_at(archive, end + 16)?));
    if let Some(locator) =
        end.checked_sub(LOCATOR64_LENGTH).filter(|at| archive[*at..].starts_with(LOCATOR64))
    {
        end = usize::try_from(u64_at(archive, locator + 8)?).ok()?;
        let record = archive.get(end..).filter(|record| record.starts_with(END64))?;
        // Nothing lies between it and its locator.
        if end as u64 + directory_record(record)? != locator as u64 {
            return None;
        }
        (count, at) = (u64_at(archive, end + 32)?, u64_at(archive, end + 48)?);
    }
    let start = usize::try_from(at).ok()?;
    let (mut at, mut entries) = (start, Vec::new());
    for _ in 0..count {
        let (entry, next) = listed(archive, at)?;
        entries.push(entry);
        at = next;
    }
    if at != end {
        return None;
    }
    entries.sort_by_key(|(_, local)| *local);
    let mut reached = 0;
    for (member, local) in &entries {
        follows(*local, reached)?;
        reached = member.start.checked_add(member.size?)?;
    }
    follows(start as u64, reached)?;
    let members = entries.into_iter().map(|(member, _)| member);
    let members: Vec<Member> = members.filter(|member| !member.name.ends_with('/')).collect();
    Some(Listed { members: members.into_iter(), end: behind })
}

/// Whether nothing but a data descriptor can lie between what ended at `reached` and `place`.
fn follows(place: u64, reached: u64) -> Option<()> {
    let between = place.checked_sub(reached)?;
    (between <= LONGEST_DESCRIPTOR as u64).then_some(())
}

/// The member of the central header at `at` with the place of its local header, and where the next header begins.
fn listed(archive: &[u8], at: usize) -> Option<((Member, u64), usize)> {
    let bytes = archive.get(at..).filter(|bytes| bytes.starts_with(CENTRAL))?;
    let header = Header::read(bytes.get(8..CENTRAL_LENGTH)?)?;
    let comment = usize::from(u16_at(bytes, 32)?);
    let name_end = CENTRAL_LENGTH + header.name_length;
    let extra_end = name_end + header.extra_length;
    let (name, extra) = (bytes.get(CENTRAL_LENGTH..name_end)?, bytes.get(name_end..extra_end)?);
    let mut local = u64::from(u32_at(bytes, 42)?);
    if local == u64::from(u32::MAX) {
        let before = [header.size, header.packed].iter().filter(|size| **size == u64::from(u32::MAX)).count();
        local = zip64(extra).nth(before)?;
    }
    let local = usize::try_from(local).ok()?;
    let there = archive.get(local..).filter(|bytes| bytes.starts_with(LOCAL))?;
    let local_header = Header::local(there)?;
    let start = local + LOCAL_LENGTH + local_header.name_length + local_header.extra_length;
    // Sizes are known here, whatever the flag says.
    let known = Header { flags: header.flags & !DESCRIPTOR, ..header };
    Some(((known.member(name, extra, start as u64), local as u64), at + extra_end + comment))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
