//! Where a block may begin.

use std::ops::Range;

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

/// The first bit of `range` at which a block with codes of its own that is not the last may begin. `codes` then holds
/// them. No other kind is looked for: too little of their headers tells them from other bits.
pub(super) fn find(bytes: &[u8], mut range: Range<u64>, codes: &mut Codes) -> Option<u64> {
    range.find(|at| may_begin(bytes, *at) && codes.read(&mut Bits::at(bytes, at + 3)).is_ok())
}

fn may_begin(bytes: &[u8], at: u64) -> bool {
    let Some(header) = word(bytes, at) else { return false };
    if header & 0b111 != 0b100 || (header >> 3) & 31 > 29 || (header >> 8) & 31 > 29 {
        return false;
    }
    let count = ((header >> 13) & 15) + 4;
    let Some(lengths) = word(bytes, at + 17) else { return false };
    let mut lengths = lengths & ((1 << (3 * count)) - 1);
    let mut taken = 0;
    while lengths != 0 {
        taken += TAKEN[(lengths & 0xfff) as usize];
        lengths >>= 12;
    }
    taken == 128
}

/// 57 bits or more.
fn word(bytes: &[u8], at: u64) -> Option<u64> {
    let rest = bytes.get(usize::try_from(at / 8).ok()?..)?;
    Some(u64::from_le_bytes(*rest.first_chunk()?) >> (at % 8))
}
