//! The kernel of [`super::Structure`]: AVX2, 64 bytes at a time.

use std::arch::x86_64::{
    __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8, _mm256_cmpeq_epi8,
    _mm256_max_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_epi64x, _mm256_set1_epi8,
    _mm256_setr_epi8, _mm256_shuffle_epi8,
};

use super::BLOCK;

/// Writes the offsets of the blocks' operators, and for each block where escapes begin; gives how many
/// operators there are. `None`: see [`super::Structure::find`].
pub(super) fn find(blocks: &[[u8; BLOCK]], operators: &mut [u32], escapes: &mut [u64]) -> Option<usize> {
    if !is_able() {
        return None;
    }
    #[expect(
        unsafe_code,
        reason = "calls code for AVX2; docs/decisions.md has what reading with it is worth"
    )]
    // SAFETY: `is_able` is asked just above.
    unsafe {
        find_able(blocks, operators, escapes)
    }
}

/// Whether the processor has what [`find_able`] is compiled for.
fn is_able() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("pclmulqdq")
}

/// [`find`] on a processor that can.
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,pclmulqdq")]
fn find_able(blocks: &[[u8; BLOCK]], operators: &mut [u32], escapes: &mut [u64]) -> Option<usize> {
    let mut carry = Carry::default();
    let mut count = 0;
    let mut base = 0;
    for (block, escapes) in blocks.iter().zip(escapes) {
        let halves = load(block);
        let backslashes = equal(halves, b'\\');
        let escaped = escaped(backslashes, &mut carry.escape);
        let all_quotes = equal(halves, b'"');
        let quotes = all_quotes & !escaped;
        let in_string = within(quotes) ^ carry.in_string;
        carry.in_string = 0_u64.wrapping_sub(in_string >> 63);
        let found = operators_of(halves) & !in_string;
        let closes = quotes & !in_string;
        let behind_strings = closes << 1 | carry.close;
        carry.close = closes >> 63;
        *escapes = backslashes & !escaped;
        let odd = escaped & !(backslashes | all_quotes);
        // A backslash outside a string escapes nothing, and was taken to.
        let is_odd = (behind_strings & !found) | (backslashes & !in_string) != 0;
        if is_odd || has_control(halves) || (odd != 0 && !are_short(odd, block)) {
            return None;
        }
        count = write(found, base, operators, count);
        base += 64;
    }
    // The padding closes no string and is no operator: what is open at the record's end is still open here.
    (carry.in_string == 0).then_some(count)
}

/// What one block leaves for the next.
#[derive(Default)]
struct Carry {
    /// 1 when the last byte was a backslash that escapes what follows.
    escape: u64,
    /// All ones within a string.
    in_string: u64,
    /// 1 when the last byte closed a string.
    close: u64,
}

/// Whether letters that JSON lets follow a backslash stand in all places of `escaped`, `u` not among them.
#[inline]
fn are_short(mut escaped: u64, block: &[u8; BLOCK]) -> bool {
    while escaped != 0 {
        let at = escaped.trailing_zeros();
        if !matches!(block[at as usize], b'/' | b'b' | b'f' | b'n' | b'r' | b't') {
            return false;
        }
        escaped &= escaped - 1;
    }
    true
}

/// Puts the places of `found`'s bits into `places` from `count` on; gives the new count.
#[target_feature(enable = "bmi1,bmi2,popcnt")]
#[inline]
fn write(mut found: u64, base: u32, places: &mut [u32], mut count: usize) -> usize {
    let end = count + found.count_ones() as usize;
    while count < end {
        // Many at a time, the last of them in vain: a loop of known length is not mispredicted.
        let Some(many) = places[count..].first_chunk_mut::<8>() else { break };
        for place in many {
            *place = base.wrapping_add(found.trailing_zeros());
            found &= found.wrapping_sub(1);
        }
        count += 8;
    }
    end
}

/// A block in two registers. Nothing here goes through a closure: one would be compiled without AVX2.
#[derive(Clone, Copy)]
struct Halves(__m256i, __m256i);

#[target_feature(enable = "avx2")]
#[inline]
fn load(block: &[u8; BLOCK]) -> Halves {
    let (words, _) = block.as_chunks::<8>();
    let word = |at: usize| i64::from_le_bytes(words[at]);
    Halves(
        _mm256_set_epi64x(word(3), word(2), word(1), word(0)),
        _mm256_set_epi64x(word(7), word(6), word(5), word(4)),
    )
}

/// The top bits of all bytes.
#[target_feature(enable = "avx2")]
#[inline]
fn mask(low: __m256i, high: __m256i) -> u64 {
    let low = u64::from(_mm256_movemask_epi8(low).cast_unsigned());
    let high = u64::from(_mm256_movemask_epi8(high).cast_unsigned());
    low | high << 32
}

#[target_feature(enable = "avx2")]
#[inline]
fn equal(Halves(low, high): Halves, byte: u8) -> u64 {
    let wanted = _mm256_set1_epi8(byte.cast_signed());
    mask(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted))
}

/// The places of `{ } [ ] : ,`, and of some control characters.
#[target_feature(enable = "avx2")]
#[inline]
fn operators_of(Halves(low, high): Halves) -> u64 {
    mask(are_operators(low), are_operators(high))
}

/// simdjson's table: by its lower four bits each operator finds itself, brackets with bit 0x20 set.
#[target_feature(enable = "avx2")]
#[inline]
fn are_operators(bytes: __m256i) -> __m256i {
    let table = _mm256_setr_epi8(
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3a, 0x7b, 0x2c, 0x7d, 0, 0, //
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3a, 0x7b, 0x2c, 0x7d, 0, 0,
    );
    let folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
    _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, bytes), folded)
}

#[target_feature(enable = "avx2")]
#[inline]
fn has_control(Halves(low, high): Halves) -> bool {
    let last = _mm256_set1_epi8(0x1f);
    let low = _mm256_cmpeq_epi8(_mm256_max_epu8(low, last), last);
    let high = _mm256_cmpeq_epi8(_mm256_max_epu8(high, last), last);
    _mm256_movemask_epi8(_mm256_or_si256(low, high)) != 0
}

/// The bytes that a backslash before them escapes: those after an odd one of a run of backslashes.
#[inline]
fn escaped(backslashes: u64, carry: &mut u64) -> u64 {
    const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    // simdjson's `json_escape_scanner`: subtracting carries through each run that begins at an even bit.
    let potential = backslashes & !*carry;
    let maybe_escaped = potential << 1;
    let even_and_odd = (maybe_escaped | ODD).wrapping_sub(potential);
    let escape_and_terminal = even_and_odd ^ ODD;
    let escaped = escape_and_terminal ^ (backslashes | *carry);
    *carry = (escape_and_terminal & backslashes) >> 63;
    escaped
}

/// For each bit whether an odd number of `quotes` stands at or before it.
#[target_feature(enable = "pclmulqdq")]
#[inline]
fn within(quotes: u64) -> u64 {
    let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, quotes.cast_signed()), _mm_set1_epi8(-1));
    _mm_cvtsi128_si64(product).cast_unsigned()
}
