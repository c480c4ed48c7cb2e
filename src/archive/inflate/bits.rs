//! Reads bits, the lowest of a byte first, from any bit on.

use super::Damage;

/// A place in encoded bytes, and the bits that come next.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte that is not counted in `count`.
    next: usize,
    /// The next bits, the lowest first. Above those that count stand bits that come after them, or zeros.
    buffer: u64,
    /// How many of them count, in the lowest eight bits; what stands above those means nothing.
    count: u32,
}

impl<'a> Bits<'a> {
    /// Reads from bit `position` on.
    pub(super) fn at(bytes: &'a [u8], position: u64) -> Self {
        let next = usize::try_from(position / 8).map_or(bytes.len(), |next| next.min(bytes.len()));
        let mut bits = Self { bytes, next, buffer: 0, count: 0 };
        bits.refill();
        bits.pass((position % 8) as u32);
        bits
    }

    /// Number of the next bit.
    pub(super) fn position(&self) -> u64 {
        self.next as u64 * 8 - u64::from(self.left())
    }

    /// How many bytes come after those at hand.
    pub(super) fn behind(&self) -> usize {
        self.bytes.len() - self.next
    }

    /// How many bits can be taken before the next [`Bits::refill`].
    pub(super) fn left(&self) -> u32 {
        self.count & 0xff
    }

    /// Whether `count` more times bits can be refilled in full.
    #[inline(always)]
    pub(super) fn has_refills(&self, count: usize) -> bool {
        self.next.wrapping_add(8 * count) <= self.bytes.len()
    }

    /// Has at least 56 bits ready, or all that are left.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        match self.bytes.get(self.next..).and_then(<[u8]>::first_chunk) {
            Some(word) => {
                self.buffer |= u64::from_le_bytes(*word).wrapping_shl(self.count);
                self.next = self.next.wrapping_add((7 - ((self.count >> 3) & 7)) as usize);
                self.count |= 56;
            }
            None => self.refill_bytewise(),
        }
    }

    #[cold]
    fn refill_bytewise(&mut self) {
        while self.left() < 56
            && let Some(byte) = self.bytes.get(self.next)
        {
            self.buffer |= u64::from(*byte) << self.left();
            self.next += 1;
            self.count = self.left() + 8;
        }
    }

    /// The next bits; those that are not left are zeros.
    #[inline(always)]
    pub(super) fn peek(&self) -> u64 {
        self.buffer
    }

    /// Passes over as many bits as the lowest byte of `count` says, which are left.
    #[inline(always)]
    pub(super) fn pass(&mut self, count: u32) {
        self.buffer = self.buffer.wrapping_shr(count);
        self.count = self.count.wrapping_sub(count);
    }

    /// Takes `count` bits.
    pub(super) fn take(&mut self, count: u32) -> Result<u32, Damage> {
        let value = (self.peek() & ((1 << count) - 1)) as u32;
        self.pass_checked(count)?;
        Ok(value)
    }

    /// Passes over `count` bits, and refills; the end may come before.
    pub(super) fn pass_checked(&mut self, count: u32) -> Result<(), Damage> {
        if self.left() < count {
            return Err(Damage::Truncated);
        }
        self.pass(count);
        self.refill();
        Ok(())
    }

    /// Passes over what is left of a byte.
    pub(super) fn align(&mut self) {
        self.pass(self.left() % 8);
        self.refill();
    }

    /// The whole bytes that come next, which are aligned.
    pub(super) fn bytes(&self) -> &'a [u8] {
        &self.bytes[self.next - (self.left() / 8) as usize..]
    }

    /// Passes over `count` whole bytes, which are left.
    pub(super) fn skip(&mut self, count: usize) {
        *self = Self::at(self.bytes, self.position() + 8 * count as u64);
    }
}
