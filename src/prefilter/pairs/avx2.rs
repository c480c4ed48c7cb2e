//! With AVX2: a block in two registers.

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    _mm256_setr_epi64x, _mm256_setzero_si256, _mm256_testz_si256,
};

use super::kernel::{BLOCK, Block, Found, Probe, Probes, blocks};

/// Says that the processor has AVX2.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    pub(super) fn find<const N: usize>(self, pairs: [Probes; N], bytes: &[u8]) -> Option<Found> {
        #[expect(
            unsafe_code,
            reason = "calls code for AVX2; docs/decisions.md has what scanning with it is worth"
        )]
        // SAFETY: no `Avx2` is made but by `detect`, where the processor has what `find` is compiled for.
        unsafe {
            find(pairs, bytes)
        }
    }
}

#[target_feature(enable = "avx2")]
fn find<const N: usize>(pairs: [Probes; N], bytes: &[u8]) -> Option<Found> {
    let (places, behind) = blocks(&pairs, bytes)?;
    let probes = pairs.map(|pair| (Spread::of(pair.first), Spread::of(pair.second)));
    for (at, here) in places.iter().enumerate() {
        let here = load(here);
        let mut found = [_mm256_setzero_si256(); 2];
        for ((first, second), behind) in probes.iter().zip(&behind) {
            let behind = load(&behind[at]);
            for (found, (here, behind)) in found.iter_mut().zip(here.into_iter().zip(behind)) {
                let both = _mm256_and_si256(first.stands(here), second.stands(behind));
                *found = _mm256_or_si256(*found, both);
            }
        }
        let [low, high] = found;
        let any = _mm256_or_si256(low, high);
        if _mm256_testz_si256(any, any) == 0 {
            return Some(Found { block: at * BLOCK, places: mask(low) | mask(high) << 32 });
        }
    }
    None
}

/// A probe in every byte of a register.
#[derive(Clone, Copy)]
struct Spread {
    fold: __m256i,
    byte: __m256i,
}

impl Spread {
    #[target_feature(enable = "avx2")]
    #[inline]
    fn of(probe: Probe) -> Self {
        let spread = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        Self { fold: spread(probe.fold), byte: spread(probe.byte) }
    }

    /// All bits where the probe's byte stands.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn stands(self, bytes: __m256i) -> __m256i {
        _mm256_cmpeq_epi8(_mm256_or_si256(bytes, self.fold), self.byte)
    }
}

/// Two instructions: the compiler sees that the words stand side by side.
#[target_feature(enable = "avx2")]
#[inline]
fn load(block: &Block) -> [__m256i; 2] {
    let (words, _) = block.as_chunks::<8>();
    let word = |at: usize| i64::from_le_bytes(words[at]);
    [
        _mm256_setr_epi64x(word(0), word(1), word(2), word(3)),
        _mm256_setr_epi64x(word(4), word(5), word(6), word(7)),
    ]
}

/// The top bits of all bytes.
#[target_feature(enable = "avx2")]
#[inline]
fn mask(bytes: __m256i) -> u64 {
    u64::from(_mm256_movemask_epi8(bytes).cast_unsigned())
}
