//! The state machine behind a sequence.
//!
//! For each tuple of keys there is at most one pending partial sequence a stage; a newer one overwrites
//! it. An event at stage k takes the pending one of stage k-1, which must end strictly earlier, and
//! removes it even if the result is rejected. This is what Elasticsearch's `SequenceMatcher` does.

use std::collections::BTreeMap;

use super::{Found, JoinKeys, Occurrence, Role, Sequence};
use crate::event::Timestamp;

/// Occurrences between two sweeps, at least.
const SWEEP: u64 = 1 << 14;

/// Takes occurrences in order of time, tiebreak and arrival, and finds the sequences among them. With
/// a maxspan it holds what is younger than that; without one, a partial sequence for each stage and
/// keys.
#[derive(Debug)]
pub struct Machine<'s, T> {
    sequence: &'s Sequence,
    leading: bool,
    trailing: bool,
    states: BTreeMap<JoinKeys, State<T>>,
    /// How many occurrences came; the rank of the one at hand.
    rank: u64,
    /// When to sweep next.
    sweep_at: u64,
    found: Vec<Ranked<T>>,
}

/// A found sequence and its place among the results.
#[derive(Debug)]
struct Ranked<T> {
    rank: u64,
    found: Found<T>,
}

/// What is pending for one tuple of keys.
#[derive(Debug)]
struct State<T> {
    /// By the last stage they have reached.
    partials: Vec<Option<Partial<T>>>,
    /// When an event was last seen that must be missing before the first one.
    leading: Option<Timestamp>,
    /// Whole, but a trailing event may yet come.
    waiting: Vec<Partial<T>>,
}

#[derive(Clone, Debug)]
struct Partial<T> {
    first: Timestamp,
    last: Timestamp,
    /// Rank of the last event.
    rank: u64,
    leading: Option<Timestamp>,
    events: Vec<T>,
}

impl<'s, T: Clone> Machine<'s, T> {
    /// A machine that has seen nothing.
    #[must_use]
    pub fn new(sequence: &'s Sequence) -> Self {
        let (leading, trailing) = (sequence.has(Role::Leading), sequence.has(Role::Trailing));
        Self {
            sequence,
            leading,
            trailing,
            states: BTreeMap::new(),
            rank: 0,
            sweep_at: SWEEP,
            found: Vec::new(),
        }
    }

    /// Takes the next occurrence.
    pub fn push(&mut self, occurrence: Occurrence<T>) {
        self.rank += 1;
        if self.rank == self.sweep_at {
            self.sweep(occurrence.time);
            // As many more as are left, so that sweeping costs each occurrence the same.
            self.sweep_at += SWEEP.max(u64::try_from(self.states.len()).unwrap_or(u64::MAX));
        }
        // Last stage first, so that an event may end one sequence and begin another, but never follow
        // itself; what kills comes behind, since it must lie strictly between two events.
        let mut stages: Vec<(usize, &JoinKeys)> = Vec::new();
        for found in &occurrence.matches {
            if let Role::Stages(first, end) = self.sequence.role(found.item) {
                stages
                    .extend((first..end).flat_map(|stage| found.keys.iter().map(move |keys| (stage, keys))));
            }
        }
        stages.sort_by(|(a, _), (b, _)| b.cmp(a));
        for (stage, keys) in stages {
            self.advance(stage, keys, occurrence.time, &occurrence.payload);
        }
        for found in &occurrence.matches {
            let role = self.sequence.role(found.item);
            for keys in &found.keys {
                self.exclude(role, keys, occurrence.time);
            }
        }
    }

    /// For how many tuples of keys something is pending.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.states.len()
    }

    /// Takes the sequences that are certain by now, in no certain order.
    pub fn take(&mut self) -> Vec<Found<T>> {
        self.found.drain(..).map(|ranked| ranked.found).collect()
    }

    /// All sequences not yet taken, sorted by the last event, then by keys.
    #[must_use]
    pub fn finish(mut self) -> Vec<Found<T>> {
        for (keys, state) in std::mem::take(&mut self.states) {
            for whole in state.waiting {
                self.emit(&keys, whole);
            }
        }
        self.found.sort_by(|a, b| (a.rank, &a.found.keys).cmp(&(b.rank, &b.found.keys)));
        self.take()
    }

    fn advance(&mut self, stage: usize, keys: &JoinKeys, time: Timestamp, payload: &T) {
        let rank = self.rank;
        let before = match stage.checked_sub(1) {
            Some(before) => {
                let pending = self.states.get_mut(keys).and_then(|state| state.partials[before].take());
                let Some(pending) = pending else { return };
                pending
            }
            None => {
                let leading = self.states.get(keys).and_then(|state| state.leading);
                Partial { first: time, last: time, rank, leading, events: Vec::new() }
            }
        };
        if self.exceeds(before.first, time) {
            return;
        }
        let Partial { first, leading, mut events, .. } = before;
        events.push(payload.clone());
        let grown = Partial { first, last: time, rank, leading, events };
        if stage + 1 < self.sequence.stages {
            self.state(keys).partials[stage] = Some(grown);
        } else {
            self.complete(keys, grown);
        }
    }

    fn complete(&mut self, keys: &JoinKeys, whole: Partial<T>) {
        if self.trailing {
            self.state(keys).waiting.push(whole);
            return;
        }
        let preceded = whole.leading.is_some_and(|leading| !self.exceeds(leading, whole.last));
        if !(self.leading && preceded) {
            self.emit(keys, whole);
        }
    }

    /// Applies an event that must not be there.
    fn exclude(&mut self, role: Role, keys: &JoinKeys, time: Timestamp) {
        match role {
            Role::Stages(..) => {}
            Role::Leading => self.state(keys).leading = Some(time),
            Role::Between(stage) => self.kill(keys, |before| before == stage),
            Role::Until => self.kill(keys, |_| true),
            Role::Trailing => self.exclude_waiting(keys, time),
        }
    }

    /// Removes the partial sequences of some stages that ended before the event at hand.
    fn kill(&mut self, keys: &JoinKeys, which: impl Fn(usize) -> bool) {
        let rank = self.rank;
        let Some(state) = self.states.get_mut(keys) else { return };
        for (stage, partial) in state.partials.iter_mut().enumerate() {
            if which(stage) && partial.as_ref().is_some_and(|partial| partial.rank < rank) {
                *partial = None;
            }
        }
    }

    /// Removes the whole sequences that this trailing event follows within maxspan. When something must
    /// be missing in front too, both together must fit in it.
    fn exclude_waiting(&mut self, keys: &JoinKeys, time: Timestamp) {
        let Some(mut state) = self.states.remove(keys) else { return };
        for whole in std::mem::take(&mut state.waiting) {
            if self.exceeds(whole.first, time) {
                self.emit(keys, whole);
                continue;
            }
            let excluded = match (self.leading, whole.leading) {
                (false, _) => true,
                (true, None) => false,
                (true, Some(leading)) => !self.exceeds(leading, time),
            };
            if whole.rank == self.rank || !excluded {
                state.waiting.push(whole);
            }
        }
        self.states.insert(keys.clone(), state);
    }

    fn emit(&mut self, keys: &JoinKeys, whole: Partial<T>) {
        let rank = whole.rank;
        let events =
            self.sequence.layout.iter().map(|stage| stage.map(|stage| whole.events[stage].clone())).collect();
        self.found.push(Ranked { rank, found: Found { keys: keys.clone(), events } });
    }

    /// Whether more than maxspan lies between the two.
    fn exceeds(&self, first: Timestamp, last: Timestamp) -> bool {
        let span = last.as_nanosecond() - first.as_nanosecond();
        self.sequence
            .maxspan
            .is_some_and(|maxspan| span > i128::try_from(maxspan.as_nanos()).unwrap_or(i128::MAX))
    }

    fn state(&mut self, keys: &JoinKeys) -> &mut State<T> {
        let pending = self.sequence.stages.saturating_sub(1);
        self.states.entry(keys.clone()).or_insert_with(|| State::new(pending))
    }

    /// Lets go of all that maxspan has passed by, and of keys for which nothing is pending.
    fn sweep(&mut self, now: Timestamp) {
        for (keys, mut state) in std::mem::take(&mut self.states) {
            for whole in std::mem::take(&mut state.waiting) {
                if self.exceeds(whole.first, now) {
                    self.emit(&keys, whole);
                } else {
                    state.waiting.push(whole);
                }
            }
            for partial in &mut state.partials {
                partial.take_if(|partial| self.exceeds(partial.first, now));
            }
            state.leading.take_if(|leading| self.exceeds(*leading, now));
            if !state.is_empty() {
                self.states.insert(keys, state);
            }
        }
    }
}

impl<T> State<T> {
    fn new(pending: usize) -> Self {
        Self { partials: (0..pending).map(|_| None).collect(), leading: None, waiting: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.leading.is_none() && self.partials.iter().all(Option::is_none)
    }
}
