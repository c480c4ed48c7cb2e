//! Tables that decode a Huffman code, many bits at a look.
//!
//! An entry says in its lowest byte how many bits it takes; the rest tells what it stands for:
//!
//! * [`LITERAL`]: the byte in bits 8 to 15. If the code of a second literal fits into the look, that is in bits 16 to
//!   23, and [`PAIR`] is set. Bits 25 to 28 say how many bits the first takes;
//! * a length or a distance: the least of its range in bits 16 to 30. Bits 8 to 11 say how many bits the code takes,
//!   and the lowest byte counts the extra bits as well;
//! * [`SUBTABLE`]: the code is longer than one look; bits 16 to 30 say where its subtable begins, bits 8 to 11 with how
//!   many more bits it is looked at;
//! * [`END`] of the block; [`INVALID`]: no code, or one without a meaning; bits 8 to 11 as above.

/// Set in entries for literals.
pub(super) const LITERAL: u32 = 1 << 31;
/// Set in those for two.
pub(super) const PAIR: u32 = 1 << 24;
/// Set in entries that are neither literals nor lengths nor distances.
pub(super) const EXCEPTIONAL: u32 = 1 << 15;
pub(super) const SUBTABLE: u32 = EXCEPTIONAL | 1 << 14;
pub(super) const END: u32 = EXCEPTIONAL | 1 << 13;
pub(super) const INVALID: u32 = EXCEPTIONAL | 1 << 12;

/// Longest code.
const LONGEST: usize = 15;

/// What a code stands for, by its symbol.
pub(super) const LITERALS: [u32; 288] = literals();
pub(super) const DISTANCES: [u32; 32] = distances();
pub(super) const LENGTHS: [u32; 19] = code_lengths();

const fn literals() -> [u32; 288] {
    let mut meanings = [INVALID; 288];
    let mut symbol = 0;
    while symbol < 256 {
        meanings[symbol] = LITERAL | (symbol as u32) << 8;
        symbol += 1;
    }
    meanings[256] = END;
    let (mut symbol, mut base) = (257, 3);
    while symbol < 285 {
        let extra = if symbol < 265 { 0 } else { (symbol as u32 - 261) / 4 };
        meanings[symbol] = base << 16 | extra;
        base += 1 << extra;
        symbol += 1;
    }
    meanings[285] = 258 << 16;
    meanings
}

const fn distances() -> [u32; 32] {
    let mut meanings = [INVALID; 32];
    let (mut symbol, mut base) = (0, 1);
    while symbol < 30 {
        let extra = if symbol < 4 { 0 } else { (symbol as u32 - 2) / 2 };
        meanings[symbol] = base << 16 | extra;
        base += 1 << extra;
        symbol += 1;
    }
    meanings
}

const fn code_lengths() -> [u32; 19] {
    let mut meanings = [0; 19];
    let mut symbol = 0;
    while symbol < 19 {
        meanings[symbol] = (symbol as u32) << 16;
        symbol += 1;
    }
    meanings
}

/// A code that gives one sequence of bits two meanings, or leaves some without any.
pub(super) struct NoCode;

/// Looks at `BITS` bits first; has room for the subtables of all codes that there may be.
pub(super) struct Table<const BITS: u32, const ROOM: usize>([u32; ROOM]);

impl<const BITS: u32, const ROOM: usize> Table<BITS, ROOM> {
    pub(super) const fn new() -> Self {
        assert!(ROOM >= 1 << BITS);
        Self([0; ROOM])
    }

    /// The entry for the next bits; it may point to a subtable.
    #[inline(always)]
    pub(super) fn look(&self, bits: u64) -> u32 {
        self.0[(bits & ((1 << BITS) - 1)) as usize]
    }

    /// The entry in the subtable that `entry` points to; `bits` are those behind what it was found by.
    #[inline(always)]
    pub(super) fn look_on(&self, entry: u32, bits: u64) -> u32 {
        let offset = bits & ((1 << ((entry >> 8) & 0xf)) - 1);
        self.0[(entry >> 16) as usize + offset as usize]
    }

    /// Has two literals found at one look where they fit.
    pub(super) fn pair(&mut self) {
        for at in (0..1 << BITS).rev() {
            let first = self.0[at];
            // What stands before is not paired yet. No branch tells them apart: it would be guessed wrong too often.
            let second = self.0[at >> (first & 0x1f)];
            let length = (first & 0xff) + ((second >> 25) & 0xf);
            let fits = (first & second & LITERAL != 0) & (length <= BITS);
            let both = (first & !0xff) | PAIR | ((second & 0xff00) << 8) | length;
            self.0[at] = if fits { both } else { first };
        }
    }

    /// The entry for the next bits, and how many of them led to it without its own.
    pub(super) fn find(&self, bits: u64) -> (u32, u32) {
        let entry = self.look(bits);
        let is_long = entry & LITERAL == 0 && entry & SUBTABLE == SUBTABLE;
        if is_long { (self.look_on(entry, bits >> BITS), BITS) } else { (entry, 0) }
    }

    /// Builds the table for codes of these lengths. As with zlib, a code may be incomplete only if it is one code of
    /// one bit, or none.
    pub(super) fn build(&mut self, lengths: &[u8], meanings: &[u32]) -> Result<(), NoCode> {
        let mut counts = [0_usize; LONGEST + 1];
        for length in lengths {
            counts[usize::from(*length)] += 1;
        }
        let unused = std::mem::take(&mut counts[0]);
        let mut free = 1_usize;
        for count in &counts[1..] {
            free = (free << 1).checked_sub(*count).ok_or(NoCode)?;
        }
        if free > 0 {
            let used = lengths.len() - unused;
            if used > 1 || counts[1] != used {
                return Err(NoCode);
            }
            self.build_incomplete(lengths, meanings);
            return Ok(());
        }
        let mut sorted = [0_u16; 288];
        sort(lengths, &counts, &mut sorted);
        self.fill(&counts, &sorted, meanings);
        Ok(())
    }

    fn build_incomplete(&mut self, lengths: &[u8], meanings: &[u32]) {
        self.0[..1 << BITS].fill(entry(INVALID, 1));
        if let Some(symbol) = lengths.iter().position(|length| *length == 1) {
            self.0[..1 << BITS].iter_mut().step_by(2).for_each(|place| *place = entry(meanings[symbol], 1));
        }
    }

    /// Fills the table for a complete code; codes come in their order, and count upwards from the last bit's side.
    fn fill(&mut self, counts: &[usize; LONGEST + 1], sorted: &[u16], meanings: &[u32]) {
        let mut symbols = sorted.iter().map(|symbol| meanings[usize::from(*symbol)]);
        let (mut code, mut size) = (0_usize, 1_usize);
        for (length, count) in (1..=BITS).zip(&counts[1..]) {
            // What is not filled yet is a copy of what is, so far as shorter codes go.
            self.0.copy_within(..size, size);
            size <<= 1;
            for meaning in symbols.by_ref().take(*count) {
                self.0[code] = entry(meaning, length);
                code = next(code, length);
            }
        }
        let mut prefix = usize::MAX;
        let (mut start, mut end) = (0, 1 << BITS);
        for length in BITS + 1..=LONGEST as u32 {
            let count = counts[length as usize];
            for (at, meaning) in symbols.by_ref().take(count).enumerate() {
                if code & ((1 << BITS) - 1) != prefix {
                    prefix = code & ((1 << BITS) - 1);
                    let bits = subtable_bits(counts, length, count - at, BITS);
                    start = end;
                    end += 1 << bits;
                    self.0[prefix] = (start as u32) << 16 | SUBTABLE | bits << 8 | BITS;
                }
                let places = self.0[start..end].iter_mut().skip(code >> BITS).step_by(1 << (length - BITS));
                places.for_each(|place| *place = entry(meaning, length - BITS));
                code = next(code, length);
            }
        }
    }
}

fn entry(meaning: u32, length: u32) -> u32 {
    let place = if meaning & LITERAL == 0 { 8 } else { 25 };
    // Both places count the code's bits.
    meaning + (length << place | length)
}

/// The code after `code` of the same length, the first bit lowest; 0 after the last.
fn next(code: usize, length: u32) -> usize {
    let zeros = !code & ((1 << length) - 1);
    match zeros.checked_ilog2() {
        Some(highest) => code & ((1 << highest) - 1) | 1 << highest,
        None => 0,
    }
}

/// With how many bits a subtable is looked at whose first code has this length, if `count` codes of it are left.
fn subtable_bits(counts: &[usize; LONGEST + 1], length: u32, count: usize, looked: u32) -> u32 {
    let mut bits = length - looked;
    let mut used = count;
    while used < 1 << bits {
        bits += 1;
        used = (used << 1) + counts[(looked + bits) as usize];
    }
    bits
}

/// Sorts symbols by the lengths of their codes.
fn sort(lengths: &[u8], counts: &[usize; LONGEST + 1], sorted: &mut [u16; 288]) {
    let mut offsets = [0; LONGEST + 1];
    for length in 1..LONGEST {
        offsets[length + 1] = offsets[length] + counts[length];
    }
    for (symbol, length) in (0..).zip(lengths) {
        if *length > 0 {
            let offset = &mut offsets[usize::from(*length)];
            sorted[*offset] = symbol;
            *offset += 1;
        }
    }
}
