//! Where the operators of a record's JSON stand, its strings, and its escapes: AVX2, 64 bytes at a time.
//!
//! This is simdjson's first stage (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019) without
//! its scalars: what stands between two operators is one value or nothing.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
use avx2::find;

/// Other processors leave every record to simd-json.
#[cfg(not(target_arch = "x86_64"))]
fn find(_: &[[u8; BLOCK]], _: &mut [u32], _: &mut [u64]) -> Option<usize> {
    None
}

/// Bytes that are looked at together; so many must follow a record.
pub(super) const BLOCK: usize = 64;

/// The structure of one record; its memory is kept from record to record.
#[derive(Default)]
pub(super) struct Structure {
    /// Offsets of the operators, and behind them what earlier records left.
    operators: Vec<u32>,
    /// For each block, a bit for each backslash that begins an escape.
    escapes: Vec<u64>,
    /// How many operators there are, with the record's end.
    count: usize,
}

impl Structure {
    /// Finds the structure of the first `len` bytes of `padded`; [`BLOCK`] spaces follow them.
    ///
    /// `None` when this is a record for another parser: the processor lacks AVX2, a string is not closed or
    /// not followed by an operator, an escape is not one of the short ones, or a control character stands
    /// anywhere.
    pub(super) fn find(&mut self, padded: &[u8], len: usize) -> Option<()> {
        self.count = 0;
        // Room for an operator in each byte, and for those that are written in vain.
        if self.operators.len() < padded.len() + BLOCK {
            self.operators.resize(padded.len() + BLOCK, 0);
            self.escapes.resize(self.operators.len() / BLOCK, 0);
        }
        let blocks = padded.as_chunks::<BLOCK>().0.get(..=len / BLOCK)?;
        let count = find(blocks, &mut self.operators, &mut self.escapes)?;
        // Where there is no operator any more stands a space.
        self.operators[count] = u32::try_from(len).ok()?;
        self.count = count + 1;
        Some(())
    }

    /// The structure that was found last.
    pub(super) fn found(&self) -> Found<'_> {
        Found { operators: &self.operators[..self.count], escapes: &self.escapes }
    }
}

/// The structure of a record.
#[derive(Clone, Copy)]
pub(super) struct Found<'s> {
    /// Where these stand outside of strings: `{ } [ ] : ,`. The last is the record's end. A string ends right
    /// before one.
    pub(super) operators: &'s [u32],
    escapes: &'s [u64],
}

impl Found<'_> {
    /// Where the first escape from `start` on begins, if that is before `end`.
    #[inline]
    pub(super) fn escape(self, start: usize, end: usize) -> Option<usize> {
        let mut block = start / BLOCK;
        let mut escapes = self.escapes[block] & u64::MAX << (start % BLOCK);
        while escapes == 0 {
            block += 1;
            if block * BLOCK >= end {
                return None;
            }
            escapes = self.escapes[block];
        }
        let escape = block * BLOCK + escapes.trailing_zeros() as usize;
        (escape < end).then_some(escape)
    }
}
