//! zip (APPNOTE 6.3.10): members by the central directory where the whole archive is at hand, by the local
//! headers where it is not or where the directory is damaged.

mod directory;
mod header;

use super::adapter::fault;
use super::member::{Item, Member, skip, stray};
use super::{Fault, Input};
use crate::ledger::Reason;

use directory::Listed;
use header::{CENTRAL, END, Header, LOCAL, LOCAL_LENGTH, LONGEST_DESCRIPTOR, directory_record};

/// Reads the members of a zip archive.
#[derive(Debug)]
pub struct Zip {
    /// What the central directory lists; `None`: the local headers tell.
    listed: Option<Listed>,
    /// Whether an end record was passed.
    has_ended: bool,
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
        Some(Self { listed: Some(directory::read(archive)?), has_ended: false })
    }

    /// Whether a member begins somewhere in `bytes`: a magic alone turns up by chance.
    #[must_use]
    pub fn begins_in(bytes: &[u8]) -> bool {
        memchr::memmem::find_iter(bytes, LOCAL).any(|at| Header::is_named(&bytes[at..]))
    }

    pub(super) fn next(&mut self, input: &mut Input<'_>) -> Item {
        let Some(listed) = &mut self.listed else { return self.next_header(input) };
        let at = input.position();
        if at < listed.start {
            stray(input, listed.start - at);
            let fault = Fault::new(Reason::Garbage, "zip: bytes before the archive");
            return Item::Gap(at..input.position(), fault);
        }
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
                let is_end = bytes.starts_with(END);
                if !is_end && !is_followed(input, length) {
                    return self.find_header(input);
                }
                self.has_ended |= is_end;
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
                Some(descriptor) if descriptor > 0 && start > 0 && !self.has_ended => {
                    skip(input, descriptor as u64)
                }
                _ => return self.find_header(input),
            }
        }
    }

    /// Passes over bytes until a header may begin.
    fn find_header(&self, input: &mut Input<'_>) -> Item {
        let start = input.position();
        // One that begins here is cut short.
        stray(input, 1);
        while let Ok(bytes) = input.window(2 * LOCAL.len()) {
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

/// Whether another record, or nothing, stands behind the one of `length` bytes that comes next: its magic may be something
/// else's.
fn is_followed(input: &mut Input<'_>, length: u64) -> bool {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let behind = input.peek(length.saturating_add(2)).ok().and_then(|bytes| bytes.get(length..));
    behind.is_none_or(|behind| behind.is_empty() || behind.starts_with(b"PK"))
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
