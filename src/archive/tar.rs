//! tar: ustar, pax and GNU headers (POSIX.1-2017, pax; GNU tar manual, "Basic Tar Format").

use super::adapter::fault;
use super::member::{Item, Member, Method, skip, stray};
use super::{Fault, Input};
use crate::ledger::Reason;

/// Headers and data fill whole blocks.
const BLOCK: usize = 512;

/// A long name, or a set of pax records, longer than this is not read.
const LONGEST_NAME: u64 = 1 << 20;

/// Reads the headers of a tar archive.
#[derive(Debug, Default)]
pub struct Tar {
    /// What an extended header says of the next member.
    name: Option<String>,
    size: Option<u64>,
}

impl Tar {
    pub(super) fn next(&mut self, input: &mut Input<'_>) -> Item {
        loop {
            skip(input, input.position().next_multiple_of(BLOCK as u64) - input.position());
            let start = input.position();
            let bytes = match input.peek(BLOCK) {
                Ok(bytes) => bytes,
                Err(error) => return Item::Gap(start..start, fault(&error)),
            };
            let Some(block) = bytes.first_chunk::<BLOCK>().copied() else {
                let rest = bytes.len() as u64;
                if bytes.iter().all(|byte| *byte == 0) {
                    skip(input, rest);
                    return Item::End;
                }
                stray(input, rest);
                return Item::Gap(start..start + rest, Fault::new(Reason::Truncated, "tar: half a header"));
            };
            if block.iter().all(|byte| *byte == 0) {
                skip(input, BLOCK as u64);
                continue;
            }
            if !is_header(&block) {
                return find_header(input);
            }
            skip(input, BLOCK as u64);
            if let Some(item) = self.take(&block, input) {
                return item;
            }
        }
    }

    /// Takes a header; `None` if it is not that of a file.
    fn take(&mut self, block: &[u8; BLOCK], input: &mut Input<'_>) -> Option<Item> {
        let size = number(&block[124..136]);
        match block[156] {
            b'x' | b'L' if size <= LONGEST_NAME => self.read_extension(block[156], size, input),
            b'0' | 0 | b'7' => {
                let name = self.name.take().unwrap_or_else(|| name(block));
                let size = self.size.take().unwrap_or(size);
                let start = input.position();
                // Old archives mark folders by a slash only.
                if !name.ends_with('/') {
                    return Some(Item::Member(Member {
                        name,
                        start,
                        size: Some(size),
                        method: Method::Plain,
                    }));
                }
                skip(input, size);
            }
            b'S' => {
                let name = self.name.take().unwrap_or_else(|| name(block));
                let method = Method::Refused("a sparse file: extract it first".to_owned());
                return Some(Item::Member(Member {
                    name,
                    start: input.position(),
                    size: Some(size),
                    method,
                }));
            }
            kind => {
                // Links, folders and devices hold nothing, whatever their size field says.
                (self.name, self.size) = (None, None);
                let holds_data = !matches!(kind, b'1'..=b'6');
                skip(input, if holds_data { size } else { 0 });
            }
        }
        None
    }

    fn read_extension(&mut self, kind: u8, size: u64, input: &mut Input<'_>) {
        let length = usize::try_from(size).unwrap_or(0);
        let bytes = input.peek(length).map(|bytes| bytes[..length.min(bytes.len())].to_vec());
        let bytes = bytes.unwrap_or_default();
        skip(input, size);
        if kind == b'L' {
            self.name = Some(text(&bytes));
            return;
        }
        for (key, value) in pax_records(&bytes) {
            match key {
                b"path" => self.name = Some(text(value)),
                b"size" => self.size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok()),
                _ => {}
            }
        }
    }
}

/// The records of a pax header: `LENGTH KEY=VALUE\n`, the length being the whole record's.
fn pax_records(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let blank = memchr::memchr(b' ', rest)?;
        let length: usize = std::str::from_utf8(&rest[..blank]).ok()?.parse().ok()?;
        let record = rest.get(blank + 1..length)?;
        rest = &rest[length..];
        let equals = memchr::memchr(b'=', record)?;
        let value = &record[equals + 1..];
        Some((&record[..equals], value.strip_suffix(b"\n").unwrap_or(value)))
    })
}

/// Whether a block is a header: its checksum is the sum of its bytes, the field itself taken as blanks.
fn is_header(block: &[u8; BLOCK]) -> bool {
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    let field: u64 = block[148..156].iter().map(|byte| u64::from(*byte)).sum();
    sum - field + 8 * u64::from(b' ') == number(&block[148..156]) && block[0] != 0
}

/// Passes over blocks until one is a header.
fn find_header(input: &mut Input<'_>) -> Item {
    let start = input.position();
    loop {
        let block = input.peek(BLOCK).ok().and_then(|bytes| bytes.first_chunk().copied());
        match block {
            Some(block) if is_header(&block) => break,
            Some(_) => stray(input, BLOCK as u64),
            None => {
                stray(input, BLOCK as u64);
                break;
            }
        }
    }
    let detail = "tar: no member's header where one must be";
    Item::Gap(start..input.position(), Fault::new(Reason::Corrupt, detail))
}

/// A number in octal digits, or in GNU's base 256.
fn number(field: &[u8]) -> u64 {
    if field[0] & 0x80 != 0 {
        return field[field.len() - 8..].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    }
    let digits =
        field.iter().skip_while(|byte| **byte == b' ').take_while(|byte| (b'0'..=b'7').contains(byte));
    digits.fold(0u64, |number, digit| number.wrapping_mul(8).wrapping_add(u64::from(digit - b'0')))
}

fn name(block: &[u8; BLOCK]) -> String {
    let (name, prefix) = (text(&block[..100]), text(&block[345..500]));
    if &block[257..263] == b"ustar\0" && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
}

fn text(field: &[u8]) -> String {
    let end = memchr::memchr(0, field).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}
