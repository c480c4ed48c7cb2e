//! Which of many filters one event may match.

/// A set of filters, by number.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    words: Vec<u64>,
    count: usize,
}

impl Candidates {
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

    /// Puts one filter in.
    pub fn insert(&mut self, filter: usize) {
        self.words[filter / 64] |= 1 << (filter % 64);
    }

    /// Takes one filter out.
    pub fn remove(&mut self, filter: usize) {
        self.words[filter / 64] &= !(1 << (filter % 64));
    }

    /// Takes out what is not in `other`.
    pub fn keep(&mut self, other: &Candidates) {
        self.words.iter_mut().zip(&other.words).for_each(|(ours, theirs)| *ours &= theirs);
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
