//! The scan for few needles: two rare bytes of each, at their distance, 64 places at a time.
//!
//! For each needle two of its rarest bytes are chosen. A block of 64 places is loaded once for the first byte of
//! every needle, and once more for each needle's second; only where both bytes stand, in either case, is the whole
//! needle compared. What that is worth against `aho_corasick::packed` (Teddy): see docs/decisions.md.

#![cfg(target_arch = "x86_64")]

mod avx2;
mod avx512;
mod kernel;

use std::array;

use kernel::{BLOCK, Found, Kernel, Probe, Probes};

use super::Needle;
use super::frequency::per_billion;

/// The escape that can spell any ASCII character; `\u00` is lower case in every JSON text.
const ESCAPE: &[u8] = b"\\u00";

/// More are left to an automaton.
const MOST_PAIRS: usize = 16;

/// A text and the two bytes of it that are looked for.
#[derive(Clone, Debug)]
struct Pair {
    text: Vec<u8>,
    /// Where the first of the two stands in it.
    offset: usize,
    probes: Probes,
    folds: bool,
}

/// Finds the places where a needle, or an escape that may hide one, stands.
#[derive(Clone, Debug)]
pub(super) struct Pairs {
    pairs: Vec<Pair>,
    kernel: Kernel,
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
        if !(1..=MOST_PAIRS).contains(&pairs.len()) {
            return None;
        }
        Some(Self { pairs, kernel: Kernel::all().next()? })
    }

    /// The same scan with every kernel that the processor can run.
    #[cfg(test)]
    pub(super) fn with_each_kernel(self) -> impl Iterator<Item = Self> {
        Kernel::all().map(move |kernel| Self { kernel, ..self.clone() })
    }

    /// Offset of a byte at or after `from` that belongs to the first needle or escape.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let bytes = bytes.get(from..)?;
        let found = self.first(bytes, |place| self.stands(bytes, place)).or_else(|| {
            // The kernel leaves less than two blocks. With zeros behind it all of that is looked at, and the
            // needle compared where it really is.
            let rest = bytes.len().saturating_sub(2 * BLOCK);
            let mut padded = [0; 3 * BLOCK];
            padded[..bytes.len() - rest].copy_from_slice(&bytes[rest..]);
            Some(rest + self.first(&padded, |place| self.stands(bytes, rest + place))?)
        })?;
        Some(from + found)
    }

    /// The first place that a kernel finds in `bytes` and of which `stands` holds.
    fn first(&self, bytes: &[u8], stands: impl Fn(usize) -> bool) -> Option<usize> {
        let mut at = 0;
        while let Some(Found { block, mut places }) = self.find_block(&bytes[at..]) {
            while places != 0 {
                let place = at + block + places.trailing_zeros() as usize;
                if stands(place) {
                    return Some(place);
                }
                places &= places - 1;
            }
            at += block + BLOCK;
        }
        None
    }

    fn find_block(&self, bytes: &[u8]) -> Option<Found> {
        match self.pairs.len() {
            ..=2 => self.find_block_of::<2>(bytes),
            3 => self.find_block_of::<3>(bytes),
            4 => self.find_block_of::<4>(bytes),
            5 => self.find_block_of::<5>(bytes),
            6 => self.find_block_of::<6>(bytes),
            7..=8 => self.find_block_of::<8>(bytes),
            9..=12 => self.find_block_of::<12>(bytes),
            _ => self.find_block_of::<MOST_PAIRS>(bytes),
        }
    }

    /// With a kernel for `N` pairs; if there are fewer, it looks for the last one again.
    fn find_block_of<const N: usize>(&self, bytes: &[u8]) -> Option<Found> {
        let last = self.pairs.len() - 1;
        self.kernel.find(array::from_fn::<_, N, _>(|at| self.pairs[at.min(last)].probes), bytes)
    }

    /// Whether a whole text stands where its first probe is at `place`.
    fn stands(&self, bytes: &[u8], place: usize) -> bool {
        self.pairs.iter().any(|pair| {
            let there =
                place.checked_sub(pair.offset).and_then(|start| bytes.get(start..start + pair.text.len()));
            there.is_some_and(|there| {
                if pair.folds { there.eq_ignore_ascii_case(&pair.text) } else { there == pair.text }
            })
        })
    }
}

impl Pair {
    /// The escape. Backslashes stand in every path, and `u` behind one in no few of them; the zero is rare.
    fn of_escape() -> Self {
        let probe = |byte: u8| Probe { byte, fold: 0 };
        let probes = Probes { first: probe(b'\\'), second: probe(b'0'), distance: 2 };
        Self { text: ESCAPE.to_vec(), offset: 0, probes, folds: false }
    }

    /// The two rarest different bytes of a needle.
    fn of(needle: &Needle) -> Option<Self> {
        let needle = needle.bytes();
        let mut offsets: Vec<usize> = (0..needle.len().min(BLOCK)).collect();
        offsets.sort_by(|a, b| per_billion(&needle[*a..=*a]).total_cmp(&per_billion(&needle[*b..=*b])));
        let rarest = *offsets.first()?;
        let next = offsets
            .iter()
            .copied()
            .find(|offset| needle[*offset] != needle[rarest])
            .or(offsets.get(1).copied())?;
        let probe = |offset: usize| Probe {
            byte: needle[offset],
            fold: if needle[offset].is_ascii_alphabetic() { 0x20 } else { 0 },
        };
        let [offset, second] = [rarest.min(next), rarest.max(next)];
        let probes = Probes { first: probe(offset), second: probe(second), distance: second - offset };
        Some(Self { text: needle.to_vec(), offset, probes, folds: true })
    }
}
