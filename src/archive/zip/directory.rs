//! The central directory of a zip archive that is wholly at hand.

use super::super::member::Member;
use super::header::{
    CENTRAL, CENTRAL_LENGTH, END, END_LENGTH, END64, Header, LOCAL, LOCAL_LENGTH, LOCATOR64,
    LOCATOR64_LENGTH, LONGEST_DESCRIPTOR, are_extra_fields, directory_record, u16_at, u32_at, u64_at, zip64,
};

/// Length of a ZIP64 end record as nearly everybody writes it.
const END64_LENGTH: usize = 56;

/// What a data descriptor mostly begins with, and how long it is then.
const DESCRIPTOR: &[u8] = b"PK\x07\x08";
const DESCRIPTOR_LENGTHS: [usize; 2] = [16, 24];
const BARE_DESCRIPTOR_LENGTH: usize = 12;

/// What a central directory lists.
#[derive(Debug)]
pub(super) struct Listed {
    /// Where the archive begins.
    pub(super) start: u64,
    /// In order of place.
    pub(super) members: std::vec::IntoIter<Member>,
    /// Where the archive ends by its own account.
    pub(super) end: u64,
}

/// A directory, by the record at its end.
struct Directory {
    count: u64,
    /// Where it begins, by its own account, and how long it is.
    at: u64,
    length: u64,
    /// Where it ends.
    end: usize,
}

/// A member by its central header.
struct Entry<'a> {
    header: Header,
    name: &'a [u8],
    extra: &'a [u8],
    /// Where its local header stands.
    local: usize,
}

/// What the directory of `archive` lists; `None` if anything about it is not as it must be: overlapping members, for
/// one, are how a bomb is built, and what it does not list lies hidden.
pub(super) fn read(archive: &[u8]) -> Option<Listed> {
    let tail = archive.len().saturating_sub(END_LENGTH + usize::from(u16::MAX));
    let record = tail + memchr::memmem::rfind(&archive[tail..], END)?;
    let end = (record + END_LENGTH) as u64 + u64::from(u16_at(archive, record + END_LENGTH - 2)?);
    let directory = Directory::find(archive, record)?;
    // Places may count from the beginning of what it was put behind, or from its own.
    let own =
        (directory.end as u64).checked_sub(directory.length).and_then(|at| at.checked_sub(directory.at));
    let listed = |base| directory.list(archive, usize::try_from(base).ok()?);
    let (start, members) = listed(0).or_else(|| listed(own?))?;
    Some(Listed { start, members: members.into_iter(), end })
}

impl Directory {
    /// The directory whose end record stands at `end`.
    fn find(archive: &[u8], end: usize) -> Option<Self> {
        let locator = end.checked_sub(LOCATOR64_LENGTH).filter(|at| archive[*at..].starts_with(LOCATOR64));
        let Some(locator) = locator else {
            return Some(Self {
                count: u16_at(archive, end + 10)?.into(),
                at: u32_at(archive, end + 16)?.into(),
                length: u32_at(archive, end + 12)?.into(),
                end,
            });
        };
        let stated = u64_at(archive, locator + 8).and_then(|at| usize::try_from(at).ok());
        // Nothing lies between the record and its locator.
        let is_record = |at: &usize| {
            let record = archive.get(*at..).filter(|record| record.starts_with(END64));
            record.and_then(directory_record) == Some((locator as u64).wrapping_sub(*at as u64))
        };
        let end = [stated, locator.checked_sub(END64_LENGTH)].into_iter().flatten().find(is_record)?;
        Some(Self {
            count: u64_at(archive, end + 32)?,
            at: u64_at(archive, end + 48)?,
            length: u64_at(archive, end + 40)?,
            end,
        })
    }

    /// Where the archive begins, and its files in order of place, if places count from `base`.
    fn list(&self, archive: &[u8], base: usize) -> Option<(u64, Vec<Member>)> {
        let start = base.checked_add(usize::try_from(self.at).ok()?)?;
        let (mut at, mut entries) = (start, Vec::new());
        for _ in 0..self.count {
            let (entry, next) = Entry::read(archive, at, base)?;
            entries.push(entry);
            at = next;
        }
        if at != self.end {
            return None;
        }
        entries.sort_by_key(|entry| entry.local);
        let begins = entries.first().map_or(start, |entry| entry.local);
        if holds_member(archive.get(..begins)?) {
            return None;
        }
        let ends = entries.iter().skip(1).map(|entry| entry.local).chain([start]);
        let members: Option<Vec<Member>> =
            entries.iter().zip(ends).map(|(entry, end)| entry.member(archive, end)).collect();
        let mut members = members?;
        members.retain(|member| !member.name.ends_with('/'));
        Some((begins as u64, members))
    }
}

impl<'a> Entry<'a> {
    /// The one whose central header stands at `at`, and where the next one begins.
    fn read(archive: &'a [u8], at: usize, base: usize) -> Option<(Self, usize)> {
        let bytes = archive.get(at..).filter(|bytes| bytes.starts_with(CENTRAL))?;
        let header = Header::read(bytes.get(8..CENTRAL_LENGTH)?)?;
        let comment = usize::from(u16_at(bytes, 32)?);
        let name_end = CENTRAL_LENGTH + header.name_length;
        let extra_end = name_end + header.extra_length;
        let (name, extra) = (bytes.get(CENTRAL_LENGTH..name_end)?, bytes.get(name_end..extra_end)?);
        let mut local = u64::from(u32_at(bytes, 42)?);
        if local == u64::from(u32::MAX) {
            local = zip64(extra).nth(header.wide_sizes())?;
        }
        let local = base.checked_add(usize::try_from(local).ok()?)?;
        Some((Self { header, name, extra, local }, at + extra_end + comment))
    }

    /// The member, if it and nothing else lies between its local header and `end`.
    fn member(&self, archive: &[u8], end: usize) -> Option<Member> {
        let member = self.header.sized().member(self.name, self.extra, 0);
        let size = usize::try_from(member.size?).ok()?;
        let by_header = data_start(archive, self.local);
        let by_end = end.checked_sub(self.descriptor_length(archive.get(..end)?))?.checked_sub(size);
        let start =
            by_end.filter(|start| by_header == Some(*start) || self.is_behind_header(archive, *start));
        // Some leave a few bytes between members.
        let is_near = |start: &usize| {
            let between = start.checked_add(size).and_then(|reached| end.checked_sub(reached));
            between.is_some_and(|between| between <= LONGEST_DESCRIPTOR)
        };
        let start = start.or_else(|| by_header.filter(is_near))?;
        Some(Member { start: start as u64, ..member })
    }

    /// How long the descriptor is that stands at the end of `archive`.
    fn descriptor_length(&self, archive: &[u8]) -> usize {
        if !self.header.is_described() {
            return 0;
        }
        let stands = |length: &usize| {
            archive.len().checked_sub(*length).is_some_and(|at| archive[at..].starts_with(DESCRIPTOR))
        };
        DESCRIPTOR_LENGTHS.into_iter().find(stands).unwrap_or(BARE_DESCRIPTOR_LENGTH)
    }

    /// Whether only a header, which may be damaged, lies before the data at `start`. The directory knows how long the
    /// name is.
    fn is_behind_header(&self, archive: &[u8], start: usize) -> bool {
        let fixed = LOCAL_LENGTH + self.header.name_length;
        archive.get(self.local..start).and_then(|header| header.get(fixed..)).is_some_and(are_extra_fields)
    }
}

/// Where the data begins behind the local header at `local`.
fn data_start(archive: &[u8], local: usize) -> Option<usize> {
    let header = Header::local(archive.get(local..).filter(|bytes| bytes.starts_with(LOCAL))?)?;
    Some(local + LOCAL_LENGTH + header.name_length + header.extra_length)
}

/// Whether a member lies in `bytes`, which stand before all that the directory lists.
fn holds_member(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, LOCAL).any(|at| {
        let header = Header::local(&bytes[at..]);
        header.is_some_and(|header| {
            let start = (at + LOCAL_LENGTH + header.name_length + header.extra_length) as u64;
            // The first one is what the archive is told by.
            at == 0 || start + header.data_length().unwrap_or(0) <= bytes.len() as u64
        })
    })
}
