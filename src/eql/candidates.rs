//! Which of many filters one event may match.

/// A set of filters, by number.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    words: Vec<u64>,
    count: usize,
}

impl Candidates {
    /// So many filters share a word.
    pub(super) const WORD: usize = 64;

    /// The empty set, with room for `count` filters.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { words: vec![0; count.div_ceil(64)], count }
    }

    /// Puts all filters in.
    pub fn insert_all(&mut self) {
        self.words.fill(u64::MAX);
        if let Some(last) = self.words.last_mut()
            && !self.count.is_multiple_of(64)
        {
            *last = (1 << (self.count % 64)) - 1;
        }
    }

    /// Whether a filter is in it.
    #[must_use]
    pub fn contains(&self, filter: usize) -> bool {
        self.words.get(filter / 64).is_some_and(|word| word & 1 << (filter % 64) != 0)
    }

    /// Puts one filter in.
    pub fn insert(&mut self, filter: usize) {
        self.words[filter / 64] |= 1 << (filter % 64);
    }

    /// Takes one filter out.
    pub fn remove(&mut self, filter: usize) {
        self.words[filter / 64] &= !(1 << (filter % 64));
    }

    /// Becomes equal to `other` and keeps its memory.
    pub fn copy(&mut self, other: &Candidates) {
        self.words.clear();
        self.words.extend_from_slice(&other.words);
        self.count = other.count;
    }

    /// Takes out what is not in each of the sets that stand in `layers` one behind the other, each in whole
    /// words.
    pub(super) fn keep_all_of(&mut self, layers: &Candidates) {
        for layer in layers.words.chunks_exact(self.words.len().max(1)) {
            self.words.iter_mut().zip(layer).for_each(|(ours, theirs)| *ours &= theirs);
        }
    }

    /// Puts in what is in `other`.
    pub fn add(&mut self, other: &Candidates) {
        self.words.iter_mut().zip(&other.words).for_each(|(ours, theirs)| *ours |= theirs);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The filters in it, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.checked_sub(1)?;
                Some(index * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_go_in_and_come_out_in_order() {
        for count in [1, 63, 64, 65, 130] {
            let mut set = Candidates::new(count);
            assert!(set.is_empty());
            set.insert(count - 1);
            set.insert(0);
            let expected = if count == 1 { vec![0] } else { vec![0, count - 1] };
            assert_eq!(set.iter().collect::<Vec<_>>(), expected);
            set.insert_all();
            assert_eq!(set.iter().count(), count);
        }
    }
}
