//! The account of what was read, what was not, and why.

mod gap;
mod source;

pub use gap::{DecodedRange, Gap, Reason};
pub use source::{Hashes, Identity, Integrity, Skipped, SourceAccount, Spot, Tally};

/// The books of one hunt: every source in evidence order, and what the walk passed over.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Every file or stream that was opened, or should have been, in evidence order.
    pub sources: Vec<SourceAccount>,
    /// What the walk met and did not take for evidence, with the reason.
    pub skipped: Vec<Skipped>,
    /// Events that match an item of a sequence and have no time, and so no place in one.
    pub untimed: u64,
    /// Whether the hunt was stopped before its end.
    pub interrupted: bool,
}

impl Ledger {
    /// Sums over all sources.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for source in &self.sources {
            total.add(&source.tally);
        }
        total
    }

    /// How many gaps there are.
    #[must_use]
    pub fn gaps(&self) -> usize {
        self.sources.iter().map(|source| source.gaps.len()).sum()
    }

    /// Whether every input byte was scanned.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.interrupted && self.gaps() == 0
    }
}
