//! Sequences: what a scan asks of each event, and the machine that joins the answers.
//!
//! The two are apart because a scan is parallel and a sequence is not: [`Sequence::look`] is asked of
//! each event anywhere, its answers are brought into order, and [`Machine`] takes them one by one.

mod machine;

use std::time::Duration;

pub use machine::Machine;
use serde::{Deserialize, Serialize};

use super::filter::Filter;
use super::join::{JoinKeys, Key, Keys, key};
use super::reading::Reading;
use super::value::time_of;
use crate::event::{Event, Timestamp};

/// A compiled sequence.
#[derive(Clone, Debug)]
pub struct Sequence {
    items: Vec<Item>,
    until: Option<(Filter, Keys)>,
    maxspan: Option<Duration>,
    timestamp: Reading,
    tiebreaker: Option<Reading>,
    /// How many events that are there make it whole.
    stages: usize,
    /// Each event of a result, in order: a stage, or `None` for a missing one.
    layout: Vec<Option<usize>>,
}

#[derive(Clone, Debug)]
struct Item {
    filter: Filter,
    keys: Keys,
    role: Role,
}

/// What a match of an item does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It is the event of these stages, the first and one past the last.
    Stages(usize, usize),
    /// It must not be there before the first event.
    Leading,
    /// It must not be there between this stage and the next.
    Between(usize),
    /// It must not be there behind the last event.
    Trailing,
    /// It ends what is not yet whole.
    Until,
}

/// That an event matches one item of a sequence, or one filter of a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemMatch {
    /// Which item, from 0; `until` comes behind the last.
    pub item: usize,
    /// The event's join keys; several if a key has several values, never none.
    pub keys: Vec<JoinKeys>,
}

/// An event that matches at least one item, for the machine.
#[derive(Clone, Debug)]
pub struct Occurrence<T> {
    /// When it was.
    pub time: Timestamp,
    /// What orders it among events of the same time.
    pub tiebreak: Option<Key>,
    /// Which items it matches.
    pub matches: Vec<ItemMatch>,
    /// What the caller knows the event by.
    pub payload: T,
}

/// A sequence or a sample that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// The keys that its events share.
    pub keys: JoinKeys,
    /// Its events in the order of the query; `None` for a missing event.
    pub events: Vec<Option<T>>,
}

impl Sequence {
    pub(super) fn new(timestamp: Reading, tiebreaker: Option<Reading>, maxspan: Option<Duration>) -> Self {
        Self { items: Vec::new(), until: None, maxspan, timestamp, tiebreaker, stages: 0, layout: Vec::new() }
    }

    /// Adds an item that is there, `runs` times.
    pub(super) fn add_present(&mut self, filter: Filter, keys: Keys, runs: u32) {
        let first = self.stages;
        for _ in 0..runs {
            self.layout.push(Some(self.stages));
            self.stages += 1;
        }
        self.items.push(Item { filter, keys, role: Role::Stages(first, self.stages) });
    }

    /// Adds an item that must be missing.
    pub(super) fn add_missing(&mut self, filter: Filter, keys: Keys, runs: u32) {
        // Whether it is the last item shows when the next one is added, or none.
        let role = self.stages.checked_sub(1).map_or(Role::Leading, Role::Between);
        self.layout.extend((0..runs).map(|_| None));
        self.items.push(Item { filter, keys, role });
    }

    pub(super) fn set_until(&mut self, filter: Filter, keys: Keys) {
        self.until = Some((filter, keys));
    }

    /// The filters of all items, and of `until`.
    pub(super) fn filters(&self) -> impl Iterator<Item = &Filter> {
        self.items.iter().map(|item| &item.filter).chain(self.until.iter().map(|(filter, _)| filter))
    }

    /// Which items `event` matches, with its keys; it can only match those that `may` says.
    #[must_use]
    pub fn look(&self, event: &Event, may: impl Fn(usize) -> bool) -> Vec<ItemMatch> {
        let items = self.items.iter().map(|item| (&item.filter, &item.keys));
        let until = self.until.iter().map(|(filter, keys)| (filter, keys));
        look(items.chain(until), event, may)
    }

    /// The event's time by the rule's `timestamp_field`, or `@timestamp`.
    #[must_use]
    pub fn time(&self, event: &Event) -> Option<Timestamp> {
        let formats = match &self.timestamp.kind {
            super::types::FieldType::Date(formats) => formats.as_slice(),
            _ => &[],
        };
        self.timestamp.values(event).find_map(|value| time_of(value, formats))
    }

    /// The event's tiebreaker, if the rule names one and the event has it.
    #[must_use]
    pub fn tiebreak(&self, event: &Event) -> Option<Key> {
        self.tiebreaker.as_ref()?.scalars(event).find_map(|scalar| key(&scalar))
    }

    /// All sequences among the occurrences, which may come in any order but for those of the same time
    /// and tiebreak. Sorted by the last event, then by keys.
    #[must_use]
    pub fn run<T: Clone>(&self, occurrences: impl IntoIterator<Item = Occurrence<T>>) -> Vec<Found<T>> {
        let mut occurrences: Vec<Occurrence<T>> = occurrences.into_iter().collect();
        occurrences.sort_by(|a, b| (a.time, &a.tiebreak).cmp(&(b.time, &b.tiebreak)));
        let mut machine = Machine::new(self);
        for occurrence in occurrences {
            machine.push(occurrence);
        }
        machine.finish()
    }

    fn role(&self, item: usize) -> Role {
        match self.items.get(item).map(|item| item.role) {
            Some(Role::Between(stage)) if stage + 1 == self.stages => Role::Trailing,
            Some(role) => role,
            None => Role::Until,
        }
    }

    fn has(&self, role: Role) -> bool {
        (0..self.items.len()).any(|item| self.role(item) == role)
    }
}

/// Which of the filters `event` matches with which keys; it can only match those that `may` says.
pub(super) fn look<'f>(
    filters: impl Iterator<Item = (&'f Filter, &'f Keys)>,
    event: &Event,
    may: impl Fn(usize) -> bool,
) -> Vec<ItemMatch> {
    let matching = filters.enumerate().filter(|(item, (filter, _))| may(*item) && filter.matches(event));
    let keyed = matching.map(|(item, (_, keys))| ItemMatch { item, keys: keys.of(event) });
    keyed.filter(|found| !found.keys.is_empty()).collect()
}

#[cfg(test)]
mod tests;
