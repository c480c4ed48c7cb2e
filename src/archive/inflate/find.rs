//! Where a block may begin.

use super::bits::Bits;
use super::header::Codes;

/// By four lengths of codes for lengths, three bits each, what of 128 their codes take up.
const TAKEN: [u16; 1 << 12] = taken();

const fn taken() -> [u16; 1 << 12] {
    let mut taken = [0; 1 << 12];
    let mut lengths = 0;
    while lengths < taken.len() {
        let mut place = 0;
        while place < 12 {
            let length = (lengths >> place) & 7;
            if length > 0 {
                taken[lengths] += 128 >> length;
            }
            place += 3;
        }
        lengths += 1;
    }
    taken
}

/// How many places are looked at together.
const TOGETHER: u64 = 48;

/// The first bit at or behind `from` at which a block with codes of its own that is not the last may begin, among those
/// of the next `count` words. `codes` then holds them. No other kind is looked for: too little of their headers tells
/// them from other bits. Else where to look on.
pub(super) fn find(bytes: &[u8], from: u64, count: u64, codes: &mut Codes) -> Result<u64, u64> {
    let mut at = from;
    for _ in 0..count {
        let mut places = may_begin(word(bytes, at));
        while places != 0 {
            let place = at + u64::from(places.trailing_zeros());
            if may_go_on(bytes, place) && codes.read(&mut Bits::at(bytes, place + 3)).is_ok() {
                return Ok(place);
            }
            places &= places - 1;
        }
        at += TOGETHER;
    }
    Err(at)
}

/// At which of the first bits a block may begin by its kind and the numbers of its codes, up to 286 and 30.
fn may_begin(word: u64) -> u64 {
    let is_kind = !word & !(word >> 1) & (word >> 2);
    let is_too_many = |at: u32| (word >> at) & (word >> (at + 1)) & (word >> (at + 2)) & (word >> (at + 3));
    is_kind & !is_too_many(4) & !is_too_many(9) & ((1 << TOGETHER) - 1)
}

/// Whether the lengths of the codes for lengths make a code.
fn may_go_on(bytes: &[u8], at: u64) -> bool {
    let count = ((word(bytes, at + 13)) & 15) + 4;
    let mut lengths = word(bytes, at + 17) & ((1 << (3 * count)) - 1);
    let mut taken = 0;
    while lengths != 0 {
        taken += TAKEN[(lengths & 0xfff) as usize];
        lengths >>= 12;
    }
    taken == 128
}

/// 57 bits or more; behind the end stand ones, which begin nothing.
fn word(bytes: &[u8], at: u64) -> u64 {
    let rest = usize::try_from(at / 8).ok().and_then(|at| bytes.get(at..)).and_then(<[u8]>::first_chunk);
    rest.map_or(u64::MAX, |word| u64::from_le_bytes(*word) >> (at % 8))
}
