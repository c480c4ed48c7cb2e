//! Decodes what stands in a block, by its codes.

use super::bits::Bits;
use super::header::Codes;
use super::huffman::{END, EXCEPTIONAL, INVALID, LITERAL, SUBTABLE};
use super::symbol::{PIECE, Sink, Symbol};
use super::{Damage, Match};

/// How often [`run`] refills for one match and the literals before it.
const REFILLS: usize = 4;

/// How much room it needs for them: the longest match, six literals, and what is copied behind a match.
const ROOM: usize = 258 + 6 + PIECE;

/// Why decoding stopped.
pub(super) enum Stop {
    /// There was not enough room, or too few bytes are left.
    Short,
    /// The block is at its end.
    End,
}

/// Decodes while there is plenty of everything. Not inlined: what stands around it costs it registers.
#[inline(never)]
pub(super) fn run<S: Symbol>(
    codes: &Codes,
    bits: &mut Bits<'_>,
    sink: &mut Sink<'_, S>,
) -> Result<Stop, Damage> {
    let mut here = *bits;
    let mut at = Sink { before: sink.before, room: &mut *sink.room, at: sink.at };
    let outcome = run_here(codes, &mut here, &mut at);
    sink.at = at.at;
    *bits = here;
    outcome
}

#[inline(always)]
fn run_here<S: Symbol>(codes: &Codes, bits: &mut Bits<'_>, sink: &mut Sink<'_, S>) -> Result<Stop, Damage> {
    while bits.has_refills(REFILLS) && sink.left() >= ROOM {
        bits.refill();
        let mut entry = codes.literals.look(bits.peek());
        // Three codes that are found at one look, and what else a length has, are less than 56 bits.
        if entry & LITERAL != 0 {
            bits.pass(entry);
            put(sink, entry);
            entry = codes.literals.look(bits.peek());
            if entry & LITERAL != 0 {
                bits.pass(entry);
                put(sink, entry);
                entry = codes.literals.look(bits.peek());
                if entry & LITERAL != 0 {
                    bits.pass(entry);
                    put(sink, entry);
                    continue;
                }
            }
        }
        let mut saved = bits.peek();
        bits.pass(entry);
        if entry & EXCEPTIONAL != 0 {
            if entry & SUBTABLE == SUBTABLE {
                entry = codes.literals.look_on(entry, bits.peek());
                saved = bits.peek();
                bits.pass(entry);
                if entry & LITERAL != 0 {
                    put(sink, entry);
                    continue;
                }
            }
            if entry & END == END {
                return Ok(Stop::End);
            }
            if entry & INVALID == INVALID {
                return Err(Damage::Corrupt);
            }
        }
        let length = value(entry, saved);
        bits.refill();
        let mut entry = codes.distances.look(bits.peek());
        let mut saved = bits.peek();
        bits.pass(entry);
        if entry & EXCEPTIONAL != 0 {
            if entry & SUBTABLE == SUBTABLE {
                entry = codes.distances.look_on(entry, bits.peek());
                saved = bits.peek();
                bits.pass(entry);
            }
            if entry & INVALID == INVALID {
                return Err(Damage::Corrupt);
            }
        }
        let distance = value(entry, saved);
        if !sink.reaches(distance) {
            return Err(Damage::Corrupt);
        }
        sink.copy(distance, length);
    }
    Ok(Stop::Short)
}

/// Puts the one or two literals of an entry.
#[inline(always)]
fn put<S: Symbol>(sink: &mut Sink<'_, S>, entry: u32) {
    let [_, first, second, flags] = entry.to_le_bytes();
    sink.put([first, second], 1 + usize::from(flags & 1));
}

/// The length or distance that `entry` and the bits behind its code tell; `saved` begins with that code.
#[inline(always)]
fn value(entry: u32, saved: u64) -> usize {
    let bits = saved & ((1_u64.wrapping_shl(entry)) - 1);
    let extra = bits.wrapping_shr(entry >> 8);
    (entry >> 16) as usize + extra as usize
}

/// Decodes one symbol after the other until there is no room for the next, or the block ends. What is left of a
/// match without room goes to `rest`.
pub(super) fn walk<S: Symbol>(
    codes: &Codes,
    bits: &mut Bits<'_>,
    sink: &mut Sink<'_, S>,
    rest: &mut Match,
) -> Result<Stop, Damage> {
    loop {
        bits.refill();
        let (entry, looked) = codes.literals.find(bits.peek());
        if entry & LITERAL != 0 {
            // The first of two, if they are.
            let length = looked + (entry >> 25 & 0xf);
            if sink.left() == 0 && length <= bits.left() {
                return Ok(Stop::Short);
            }
            bits.pass_checked(length)?;
            sink.room[sink.at] = S::literal((entry >> 8) as u8);
            sink.at += 1;
            continue;
        }
        let length = take(entry, looked, bits)?;
        if entry & END == END {
            return Ok(Stop::End);
        }
        let (entry, looked) = codes.distances.find(bits.peek());
        let distance = take(entry, looked, bits)?;
        if !sink.reaches(distance) {
            return Err(Damage::Corrupt);
        }
        let copied = sink.copy_some(distance, length);
        *rest = Match { distance, length: length - copied };
        if copied < length {
            return Ok(Stop::Short);
        }
        // Back to a run as soon as there is enough of everything.
        if bits.has_refills(REFILLS) && sink.left() >= ROOM {
            return Ok(Stop::Short);
        }
    }
}

/// Takes what `entry` was found by, and the extra bits behind it; its value.
fn take(entry: u32, looked: u32, bits: &mut Bits<'_>) -> Result<usize, Damage> {
    let code = (entry >> 8) & 0xf;
    bits.pass_checked(looked + code)?;
    if entry & INVALID == INVALID {
        return Err(Damage::Corrupt);
    }
    let extra = (entry & 0xff) - code;
    Ok((entry >> 16) as usize + bits.take(extra)? as usize)
}
