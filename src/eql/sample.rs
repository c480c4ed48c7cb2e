//! Samples: events that share keys, one for each filter, in any order.

use std::collections::BTreeMap;

use super::filter::Filter;
use super::join::{JoinKeys, Keys};
use super::sequence::{Found, ItemMatch, look};
use crate::event::Event;

/// A compiled sample.
#[derive(Clone, Debug)]
pub struct Sample {
    filters: Vec<(Filter, Keys)>,
}

impl Sample {
    pub(super) fn new(filters: Vec<(Filter, Keys)>) -> Self {
        Self { filters }
    }

    /// The filters.
    pub(super) fn filters(&self) -> impl Iterator<Item = &Filter> {
        self.filters.iter().map(|(filter, _)| filter)
    }

    /// Which filters `event` matches, with its keys.
    #[must_use]
    pub fn look(&self, event: &Event, may: impl Fn(usize) -> bool) -> Vec<ItemMatch> {
        look(self.filters.iter().map(|(filter, keys)| (filter, keys)), event, may)
    }

    /// The samples among events, each given by its matches and what the caller knows it by: for each
    /// tuple of keys, if there is any choice of a different event for each filter, the one that prefers
    /// earlier events. Sorted by keys.
    #[must_use]
    pub fn run<T: Clone>(&self, events: impl IntoIterator<Item = (Vec<ItemMatch>, T)>) -> Vec<Found<T>> {
        let mut sampler = Sampler::new(self);
        for (matches, payload) in events {
            sampler.push(&matches, payload);
        }
        sampler.finish()
    }
}

/// Takes matches one by one; holds a few events for each tuple of keys and filter.
#[derive(Debug)]
pub struct Sampler<T> {
    filters: usize,
    /// For each tuple of keys and filter, the first events that match.
    candidates: BTreeMap<JoinKeys, Vec<Vec<Candidate<T>>>>,
    rank: usize,
}

#[derive(Clone, Debug)]
struct Candidate<T> {
    rank: usize,
    payload: T,
}

impl<T: Clone> Sampler<T> {
    /// A sampler that has seen nothing.
    #[must_use]
    pub fn new(sample: &Sample) -> Self {
        Self { filters: sample.filters.len(), candidates: BTreeMap::new(), rank: 0 }
    }

    /// Takes the next event.
    pub fn push(&mut self, matches: &[ItemMatch], payload: T) {
        self.rank += 1;
        for found in matches {
            for keys in &found.keys {
                let candidates =
                    self.candidates.entry(keys.clone()).or_insert_with(|| vec![Vec::new(); self.filters]);
                // Other filters can take no more events than there are of them, so more are never needed.
                if candidates[found.item].len() < self.filters {
                    candidates[found.item].push(Candidate { rank: self.rank, payload: payload.clone() });
                }
            }
        }
    }

    /// The samples, sorted by keys.
    #[must_use]
    pub fn finish(self) -> Vec<Found<T>> {
        let found = |(keys, candidates): (JoinKeys, Vec<Vec<Candidate<T>>>)| {
            let events = assign(&candidates)?.into_iter().map(Some).collect();
            Some(Found { keys, events })
        };
        self.candidates.into_iter().filter_map(found).collect()
    }
}

/// A different event for each filter, if there is such a choice: a matching, by augmenting paths.
fn assign<T: Clone>(candidates: &[Vec<Candidate<T>>]) -> Option<Vec<T>> {
    // Which filter has which event, by rank.
    let mut taken: BTreeMap<usize, (usize, T)> = BTreeMap::new();
    for filter in 0..candidates.len() {
        let mut tried = Vec::new();
        if !augment(candidates, filter, &mut taken, &mut tried) {
            return None;
        }
    }
    let mut chosen: Vec<(usize, T)> = taken.into_values().collect();
    chosen.sort_by_key(|(filter, _)| *filter);
    Some(chosen.into_iter().map(|(_, payload)| payload).collect())
}

/// Finds an event for `filter`, if need be by moving other filters on. Recurses once a filter at most,
/// and the parser bounds those.
fn augment<T: Clone>(
    candidates: &[Vec<Candidate<T>>],
    filter: usize,
    taken: &mut BTreeMap<usize, (usize, T)>,
    tried: &mut Vec<usize>,
) -> bool {
    // A free event first, so that earlier filters keep the earlier events.
    let free = candidates[filter].iter().find(|candidate| !taken.contains_key(&candidate.rank));
    if let Some(candidate) = free {
        taken.insert(candidate.rank, (filter, candidate.payload.clone()));
        return true;
    }
    for candidate in &candidates[filter] {
        if tried.contains(&candidate.rank) {
            continue;
        }
        tried.push(candidate.rank);
        let holder = taken.get(&candidate.rank).map(|(holder, _)| *holder);
        if holder.is_some_and(|holder| augment(candidates, holder, taken, tried)) {
            taken.insert(candidate.rank, (filter, candidate.payload.clone()));
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eql::Key;

    /// Runs a sample of `filters` over events given by the filters they match, all with one key.
    fn chosen(filters: usize, events: &[&[usize]]) -> Vec<usize> {
        let mut sampler = Sampler { filters, candidates: BTreeMap::new(), rank: 0 };
        for (number, items) in events.iter().enumerate() {
            let keys = || vec![JoinKeys::from([Key::Bool(true)])];
            let matches: Vec<ItemMatch> =
                items.iter().map(|&item| ItemMatch { item, keys: keys() }).collect();
            sampler.push(&matches, number);
        }
        sampler.finish().into_iter().flat_map(|found| found.events).flatten().collect()
    }

    #[test]
    fn each_filter_gets_its_own_event_if_there_is_any_way() {
        assert_eq!(chosen(2, &[&[0, 1], &[0, 1]]), [0, 1]);
        assert_eq!(chosen(2, &[&[0, 1], &[0]]), [1, 0]);
        assert_eq!(chosen(3, &[&[0, 1, 2], &[0, 1], &[0]]), [2, 1, 0]);
        assert_eq!(chosen(2, &[&[0, 1]]), [0; 0]);
        assert_eq!(chosen(3, &[&[0, 1], &[0, 1], &[0, 1]]), [0; 0]);
    }
}
