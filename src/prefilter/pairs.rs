//! The scan for very few needles: two rare bytes of each, at their distance, 32 places at a time.
//!
//! For each needle two of its rarest bytes are chosen. A block of 32 places is looked at with two loads a
//! needle; only where both bytes stand, in either case, is the whole needle compared. Measured on 1 GiB of
//! process events in 4 MiB frames against `aho_corasick::packed` (Teddy): see docs/decisions.md.

#![cfg(target_arch = "x86_64")]

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_setzero_si256, _mm256_testz_si256,
};

use super::Needle;
use super::frequency::per_billion;

/// The escape that can spell any ASCII character; `\u00` is lower case in every JSON text.
const ESCAPE: &[u8] = b"\\u00";

/// Places that are looked at together.
const BLOCK: usize = 32;

/// With more Teddy takes over; where the two are equal has not been measured.
const MOST_PAIRS: usize = 4;

/// One of the two bytes of a pair.
#[derive(Clone, Copy, Debug)]
struct Probe {
    /// Where it stands in the needle.
    offset: usize,
    /// In lower case.
    byte: u8,
    /// 0x20 for a letter: what makes its upper case lower. It makes other bytes alike as well, and the
    /// comparison of the whole needle tells them apart.
    fold: u8,
}

/// A text and the two bytes of it that are looked for.
#[derive(Clone, Debug)]
struct Pair {
    text: Vec<u8>,
    probes: [Probe; 2],
    folds: bool,
}

/// Finds the places where a needle, or an escape that may hide one, stands.
#[derive(Clone, Debug)]
pub(super) struct Pairs {
    pairs: Vec<Pair>,
    /// The farthest offset of a probe.
    reach: usize,
}

impl Pairs {
    /// Looks for the needles and for escapes. `None` if there are too many needles, one is a single byte, or the
    /// processor lacks AVX2.
    pub(super) fn new(needles: &[Needle]) -> Option<Self> {
        Self::of(
            [Some(Pair::of_escape())]
                .into_iter()
                .chain(needles.iter().map(Pair::of))
                .collect::<Option<_>>()?,
        )
    }

    /// Looks for the needles only; `None` as for [`Self::new`].
    pub(super) fn of_bytes(needles: &[Needle]) -> Option<Self> {
        Self::of(needles.iter().map(Pair::of).collect::<Option<_>>()?)
    }

    fn of(pairs: Vec<Pair>) -> Option<Self> {
        if !(2..=MOST_PAIRS).contains(&pairs.len()) || !is_x86_feature_detected!("avx2") {
            return None;
        }
        let reach = pairs.iter().flat_map(|pair| pair.probes).map(|probe| probe.offset).max()?;
        Some(Self { pairs, reach })
    }

    /// Offset of the first byte at or after `from` that belongs to a needle or an escape.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        while let Some((block, mut places)) = self.find_block(bytes, at) {
            while places != 0 {
                let place = block + places.trailing_zeros() as usize;
                if self.stands(bytes, place) {
                    return Some(place);
                }
                places &= places - 1;
            }
            at = block + BLOCK;
        }
        // What is left is shorter than a block and its reach.
        let rest = bytes.len().saturating_sub(BLOCK + self.reach).max(from);
        (rest..bytes.len()).find(|place| self.stands(bytes, *place))
    }

    /// The first block of places at or after `at` in which a pair stands, and at which of them, a bit each;
    /// `None` when less than a whole block is left.
    fn find_block(&self, bytes: &[u8], at: usize) -> Option<(usize, u32)> {
        match self.pairs.as_slice() {
            [a, b] => dispatch([a, b], bytes, at, self.reach),
            [a, b, c] => dispatch([a, b, c], bytes, at, self.reach),
            [a, b, c, d] => dispatch([a, b, c, d], bytes, at, self.reach),
            _ => None,
        }
    }

    fn stands(&self, bytes: &[u8], place: usize) -> bool {
        self.pairs.iter().any(|pair| {
            let there = bytes.get(place..place + pair.text.len());
            there.is_some_and(|there| {
                if pair.folds { there.eq_ignore_ascii_case(&pair.text) } else { there == pair.text }
            })
        })
    }
}

impl Pair {
    /// The escape. Backslashes stand in every path, and `u` behind one in no few of them; the zero is rare.
    fn of_escape() -> Self {
        Self {
            text: ESCAPE.to_vec(),
            probes: [Probe { offset: 0, byte: b'\\', fold: 0 }, Probe { offset: 2, byte: b'0', fold: 0 }],
            folds: false,
        }
    }

    /// The two rarest different bytes of a needle.
    fn of(needle: &Needle) -> Option<Self> {
        let needle = needle.bytes();
        let mut offsets: Vec<usize> = (0..needle.len().min(BLOCK)).collect();
        offsets.sort_by(|a, b| per_billion(&needle[*a..=*a]).total_cmp(&per_billion(&needle[*b..=*b])));
        let first = *offsets.first()?;
        let second = offsets
            .iter()
            .copied()
            .find(|offset| needle[*offset] != needle[first])
            .or(offsets.get(1).copied())?;
        let probe = |offset: usize| Probe {
            offset,
            byte: needle[offset],
            fold: if needle[offset].is_ascii_alphabetic() { 0x20 } else { 0 },
        };
        Some(Self { text: needle.to_vec(), probes: [probe(first), probe(second)], folds: true })
    }
}

fn dispatch<const N: usize>(
    pairs: [&Pair; N],
    bytes: &[u8],
    at: usize,
    reach: usize,
) -> Option<(usize, u32)> {
    #[expect(
        unsafe_code,
        reason = "calls code for AVX2, which is what makes this scan faster than Teddy: see the module's head"
    )]
    // SAFETY: `Pairs::of` makes no `Pairs` unless the processor has AVX2.
    unsafe {
        find_block(pairs.map(|pair| pair.probes), bytes, at, reach)
    }
}

#[target_feature(enable = "avx2")]
fn find_block<const N: usize>(
    pairs: [[Probe; 2]; N],
    bytes: &[u8],
    from: usize,
    reach: usize,
) -> Option<(usize, u32)> {
    let spread = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
    let wanted = pairs.map(|pair| pair.map(|probe| (probe.offset, spread(probe.fold), spread(probe.byte))));
    // The last place from which a whole block can be loaded at every offset.
    let last = bytes.len().checked_sub(BLOCK + reach)?;
    let mut at = from;
    while at <= last {
        let mut found = _mm256_setzero_si256();
        for pair in &wanted {
            let [first, second] = pair.map(|(offset, fold, byte)| {
                _mm256_cmpeq_epi8(_mm256_or_si256(load(bytes, at + offset), fold), byte)
            });
            found = _mm256_or_si256(found, _mm256_and_si256(first, second));
        }
        if _mm256_testz_si256(found, found) == 0 {
            return Some((at, _mm256_movemask_epi8(found).cast_unsigned()));
        }
        at += BLOCK;
    }
    None
}

/// The 32 bytes at `at`.
#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: &[u8], at: usize) -> __m256i {
    debug_assert!(at + BLOCK <= bytes.len());
    #[expect(unsafe_code, reason = "the standard library has no checked load of 32 bytes")]
    // SAFETY: `find_block` calls with `at <= bytes.len() - BLOCK - reach + offset` and `offset <= reach`, so
    // that the 32 bytes lie within `bytes`; an unaligned load is allowed anywhere.
    unsafe {
        _mm256_loadu_si256(bytes.as_ptr().add(at).cast())
    }
}
