//! What is decoded into, and how matches are copied.

/// A decoded symbol.
pub(super) trait Symbol: Copy {
    fn literal(byte: u8) -> Self;
}

impl Symbol for u8 {
    fn literal(byte: u8) -> Self {
        byte
    }
}

/// A byte, or what is not known yet of the window: see `ahead`.
impl Symbol for u16 {
    fn literal(byte: u8) -> Self {
        Self::from(byte)
    }
}

/// How many symbols are copied at once.
pub(super) const PIECE: usize = 64;

/// Where decoded symbols go.
pub(super) struct Sink<'o, S> {
    /// What was decoded before `room`, so far as matches reach.
    pub(super) before: &'o [S],
    pub(super) room: &'o mut [S],
    /// How much of the room is filled.
    pub(super) at: usize,
}

impl<S: Symbol> Sink<'_, S> {
    /// How much room is left.
    pub(super) fn left(&self) -> usize {
        self.room.len() - self.at
    }

    /// Puts two literals for which there is room; only the first of them counts, or both.
    #[inline(always)]
    pub(super) fn put(&mut self, literals: [u8; 2], count: usize) {
        let [first, second] = literals.map(S::literal);
        if let Some(room) = self.room.get_mut(self.at..).and_then(<[S]>::first_chunk_mut) {
            *room = [first, second];
        }
        self.at = self.at.wrapping_add(count);
    }

    /// Whether a match may go back so far.
    #[inline(always)]
    pub(super) fn reaches(&self, distance: usize) -> bool {
        distance <= self.before.len() + self.at
    }

    /// Copies a match for which there is room, and for a [`PIECE`] behind it. It goes back no further than there is
    /// something.
    #[inline(always)]
    pub(super) fn copy(&mut self, distance: usize, length: usize) {
        let pieces = length.next_multiple_of(PIECE);
        if distance <= self.at && distance >= pieces {
            let (filled, free) = self.room.split_at_mut(self.at);
            let from = &filled[self.at.wrapping_sub(distance)..][..pieces];
            let to = &mut free[..pieces];
            for (to, from) in to.chunks_exact_mut(PIECE).zip(from.chunks_exact(PIECE)) {
                to.copy_from_slice(from);
            }
            self.at = self.at.wrapping_add(length);
        } else {
            self.copy_some(distance, length);
        }
    }

    /// Copies as much of a match as there is room for; how much. It goes back no further than there is something.
    #[inline(never)]
    pub(super) fn copy_some(&mut self, distance: usize, length: usize) -> usize {
        let count = length.min(self.left());
        let mut left = count;
        if distance > self.at {
            let from = self.before.len() - (distance - self.at);
            let count = left.min(distance - self.at);
            self.room[self.at..self.at + count].copy_from_slice(&self.before[from..from + count]);
            self.at += count;
            left -= count;
        }
        let from = self.at.saturating_sub(distance);
        while left > 0 {
            // What was copied is more to copy from.
            let count = left.min(self.at - from);
            self.room.copy_within(from..from + count, self.at);
            self.at += count;
            left -= count;
        }
        count
    }
}
