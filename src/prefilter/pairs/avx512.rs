//! With AVX-512: a block in one register.

use std::arch::x86_64::{
    __m512i, _mm512_min_epu8, _mm512_or_si512, _mm512_set1_epi8, _mm512_setr_epi64,
    _mm512_ternarylogic_epi64, _mm512_testn_epi8_mask,
};

use super::kernel::{BLOCK, Block, Found, Probe, Probes, blocks};

/// Says that the processor has AVX-512F and AVX-512BW.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx512(());

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")).then_some(Self(()))
    }

    pub(super) fn find<const N: usize>(self, pairs: [Probes; N], bytes: &[u8]) -> Option<Found> {
        #[expect(
            unsafe_code,
            reason = "calls code for AVX-512; docs/decisions.md has what scanning with it is worth"
        )]
        // SAFETY: no `Avx512` is made but by `detect`, where the processor has what `find` is compiled for.
        unsafe {
            find(pairs, bytes)
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn find<const N: usize>(pairs: [Probes; N], bytes: &[u8]) -> Option<Found> {
    let (places, behind) = blocks(&pairs, bytes)?;
    let probes = pairs.map(|pair| (Spread::of(pair.first), Spread::of(pair.second)));
    for (at, here) in places.iter().enumerate() {
        let here = load(here);
        // Of each place how the pair that is nearest to standing there differs: zero where one stands.
        let mut least = _mm512_set1_epi8(-1);
        for ((first, second), behind) in probes.iter().zip(&behind) {
            let differs = _mm512_or_si512(first.differs(here), second.differs(load(&behind[at])));
            least = _mm512_min_epu8(least, differs);
        }
        let places = _mm512_testn_epi8_mask(least, least);
        if places != 0 {
            return Some(Found { block: at * BLOCK, places });
        }
    }
    None
}

/// A probe in every byte of a register.
#[derive(Clone, Copy)]
struct Spread {
    fold: __m512i,
    byte: __m512i,
}

impl Spread {
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn of(probe: Probe) -> Self {
        let spread = |byte: u8| _mm512_set1_epi8(byte.cast_signed());
        Self { fold: spread(probe.fold), byte: spread(probe.byte) }
    }

    /// Zero where the probe's byte stands.
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn differs(self, bytes: __m512i) -> __m512i {
        /// The truth table of `(bytes | fold) ^ byte`.
        const TABLE: i32 = (0xf0 | 0xcc) ^ 0xaa;
        _mm512_ternarylogic_epi64::<TABLE>(bytes, self.fold, self.byte)
    }
}

/// One instruction: the compiler sees that the words stand side by side.
#[target_feature(enable = "avx512f")]
#[inline]
fn load(block: &Block) -> __m512i {
    let (words, _) = block.as_chunks::<8>();
    let word = |at: usize| i64::from_le_bytes(words[at]);
    _mm512_setr_epi64(word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7))
}
