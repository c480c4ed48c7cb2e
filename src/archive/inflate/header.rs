//! The header of a block with codes of its own, and those codes.

use super::Damage;
use super::bits::Bits;
use super::huffman::{DISTANCES, LENGTHS, LITERALS, NoCode, Table};

/// The codes of a block.
pub(super) struct Codes {
    pub(super) literals: Table<10, 1334>,
    pub(super) distances: Table<8, 402>,
    /// The code in which the lengths of the others are written.
    lengths: Table<7, 128>,
}

/// The order in which the lengths of the codes for lengths are written.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// With fewer bytes to come it takes longer to pair literals than pairs save.
const WORTH_PAIRING: usize = 32 << 10;

/// The symbol that ends a block.
const END: usize = 256;

impl From<NoCode> for Damage {
    fn from(_: NoCode) -> Self {
        Self::Corrupt
    }
}

impl Codes {
    pub(super) const fn new() -> Self {
        Self { literals: Table::new(), distances: Table::new(), lengths: Table::new() }
    }

    /// Takes the codes that every decoder knows.
    pub(super) fn fix(&mut self) -> Result<(), Damage> {
        let mut literals = [8; 288];
        literals[144..256].fill(9);
        literals[256..280].fill(7);
        self.literals.build(&literals, &LITERALS)?;
        Ok(self.distances.build(&[5; 32], &DISTANCES)?)
    }

    /// Reads the codes that come next.
    pub(super) fn read(&mut self, bits: &mut Bits<'_>) -> Result<(), Damage> {
        let counts = bits.take(14)?;
        let literals = (counts & 31) as usize + 257;
        let distances = ((counts >> 5) & 31) as usize + 1;
        if literals > 286 || distances > 30 {
            return Err(Damage::Corrupt);
        }
        let mut lengths = [0; 19];
        for place in &ORDER[..(counts >> 10) as usize + 4] {
            lengths[*place] = bits.take(3)? as u8;
        }
        self.build_lengths(lengths)?;
        let mut lengths = [0; 286 + 30];
        let lengths = &mut lengths[..literals + distances];
        self.read_lengths(bits, lengths)?;
        let (literals, distances) = lengths.split_at(literals);
        if literals[END] == 0 {
            return Err(Damage::Corrupt);
        }
        self.literals.build(literals, &LITERALS)?;
        if bits.behind() > WORTH_PAIRING {
            self.literals.pair();
        }
        Ok(self.distances.build(distances, &DISTANCES)?)
    }

    fn build_lengths(&mut self, lengths: [u8; 19]) -> Result<(), Damage> {
        // zlib takes no code at all for one in which each bit says zero. No end of a block is in it.
        if lengths == [0; 19] {
            let mut zeros = [0; 19];
            zeros[0] = 1;
            return Ok(self.lengths.build(&zeros, &[0; 19])?);
        }
        if lengths.iter().filter(|length| **length > 0).count() == 1 {
            return Err(Damage::Corrupt);
        }
        Ok(self.lengths.build(&lengths, &LENGTHS)?)
    }

    /// Fills `lengths`.
    fn read_lengths(&self, bits: &mut Bits<'_>, lengths: &mut [u8]) -> Result<(), Damage> {
        let mut at = 0;
        while at < lengths.len() {
            let (entry, _) = self.lengths.find(bits.peek());
            bits.pass_checked(entry & 0xff)?;
            let symbol = (entry >> 16) as u8;
            let (value, count) = match symbol {
                16 => {
                    let count = bits.take(2)? + 3;
                    let before = at.checked_sub(1).ok_or(Damage::Corrupt)?;
                    (lengths[before], count)
                }
                17 => (0, bits.take(3)? + 3),
                18 => (0, bits.take(7)? + 11),
                length => (length, 1),
            };
            let end = at + count as usize;
            lengths.get_mut(at..end).ok_or(Damage::Corrupt)?.fill(value);
            at = end;
        }
        Ok(())
    }
}
