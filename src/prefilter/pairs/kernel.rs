//! What the kernels have in common, and which of them the processor can run.

use super::avx2::Avx2;
use super::avx512::Avx512;

/// Places that are looked at together.
pub(super) const BLOCK: usize = 64;

pub(super) type Block = [u8; BLOCK];

/// One of the two bytes of a pair.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    /// In lower case.
    pub(super) byte: u8,
    /// 0x20 for a letter: what makes its upper case lower. It makes other bytes alike as well, and the
    /// comparison of the whole needle tells them apart.
    pub(super) fold: u8,
}

/// Two bytes that are looked for at their distance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probes {
    pub(super) first: Probe,
    pub(super) second: Probe,
    /// Of the second behind the first; less than [`BLOCK`].
    pub(super) distance: usize,
}

/// A block of places, at least one of which holds the first byte of a pair whose second is there too.
pub(super) struct Found {
    pub(super) block: usize,
    /// A bit for each place.
    pub(super) places: u64,
}

/// A way to look for pairs that this processor can go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kernel {
    Avx512(Avx512),
    Avx2(Avx2),
}

impl Kernel {
    /// All that the processor can run, the fastest first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let all = [Avx512::detect().map(Self::Avx512), Avx2::detect().map(Self::Avx2)];
        all.into_iter().flatten()
    }

    /// The first block in which a pair stands. Fewer than `2 * BLOCK` places at the end are not looked at:
    /// too few bytes follow them for whole blocks.
    pub(super) fn find<const N: usize>(self, pairs: [Probes; N], bytes: &[u8]) -> Option<Found> {
        match self {
            Self::Avx512(kernel) => kernel.find(pairs, bytes),
            Self::Avx2(kernel) => kernel.find(pairs, bytes),
        }
    }
}

/// The whole blocks of places, and for each pair the blocks at its distance behind them: as many of each.
#[inline]
pub(super) fn blocks<'b, const N: usize>(
    pairs: &[Probes; N],
    bytes: &'b [u8],
) -> Option<(&'b [Block], [&'b [Block]; N])> {
    let reach = pairs.iter().map(|pair| pair.distance).max()?;
    let count = bytes.len().checked_sub(reach)? / BLOCK;
    let behind = |distance: usize| &bytes[distance..].as_chunks().0[..count];
    Some((behind(0), pairs.map(|pair| behind(pair.distance))))
}
