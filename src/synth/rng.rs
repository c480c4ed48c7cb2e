//! A small seeded generator: the corpus must be the same bytes on every machine and with every
//! release of every dependency, so it does not lean on a crate whose streams may change.

/// SplitMix64 (Steele, Lea and Flood 2014): 64 bits of state, passes `BigCrush`, and may be seeded
/// with any number, so each record can have its own generator.
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

impl Rng {
    /// The generator of one thing (a record, a host, …) among many that share a seed.
    pub(super) fn of(seed: u64, thing: u64) -> Self {
        let mut mixer = Self(seed ^ 0xc01d_7a11);
        let mixed = mixer.next() ^ thing.wrapping_mul(GOLDEN_GAMMA);
        Self(Self(mixed).next())
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number in `0..bound`; 0 if the bound is 0. The bias is under 2⁻³² for the bounds used here.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in `low..high`.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low))
    }

    /// True once in `times` on average.
    pub(super) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// A place in a list of `len` things; 0 if it is empty.
    pub(super) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// A place in a list of `len` things, the first ones far more often: of a fleet, a few hosts are
    /// busy and most are quiet.
    pub(super) fn skewed_index(&mut self, len: usize) -> usize {
        self.index(len).min(self.index(len))
    }

    /// One of `things`, which must not be empty.
    pub(super) fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.index(things.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_splitmix64() {
        let mut rng = Rng(0);
        assert_eq!(rng.next(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(rng.next(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut rng = Rng::of(7, 1);
        assert!((0..1000).all(|_| (10..20).contains(&rng.between(10, 20))));
        assert_eq!(rng.below(0), 0);
    }

    #[test]
    fn neighbours_share_nothing() {
        assert_ne!(Rng::of(1, 1).next(), Rng::of(1, 2).next());
        assert_ne!(Rng::of(1, 2).next(), Rng::of(2, 1).next());
    }
}
