//! Joins events to sequences and samples, after the scan.
//!
//! The scan is parallel and sees events in any order; a sequence is about their order. So the scan only
//! notes which event matches which item (a [`Sighting`]); here the sightings come back in order of rule,
//! time, tiebreak and place, and each rule's machine takes its own one by one.

use std::io;

use serde::{Deserialize, Serialize};

use super::engine::{Engine, Running};
use super::recall::{Draft, Witness};
use crate::eql::{Found, ItemMatch, Key, Machine, Occurrence, Sampler, Search};
use crate::event::Timestamp;
use crate::record::Location;
use crate::timeline::{Sortable, Sorted, time::nanoseconds};

/// That an event matches one or more items of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sighting {
    /// Number of the rule among those that run.
    pub(super) running: u32,
    #[serde(with = "nanoseconds")]
    pub(super) time: Option<Timestamp>,
    pub(super) tiebreak: Option<Key>,
    pub(super) matches: Vec<ItemMatch>,
    pub(super) witness: Witness,
}

impl Sortable for Sighting {
    /// Rule, time in nanoseconds (unknown last), tiebreak, place.
    type Order = (u32, bool, Option<i128>, Option<Key>, Location);

    fn order(&self) -> Self::Order {
        let time = self.time.map(Timestamp::as_nanosecond);
        (self.running, time.is_none(), time, self.tiebreak.clone(), self.witness.location())
    }

    fn weight(&self) -> usize {
        let keys: usize = self.matches.iter().flat_map(|found| &found.keys).map(|keys| 64 * keys.len()).sum();
        size_of::<Self>() + keys + self.witness.weight()
    }
}

/// Joins all sightings and hands on what hits are made of, in no certain order; how many sightings had no time and so
/// no place in a sequence.
pub(super) fn join(
    engine: &Engine,
    sightings: &Sorted<Sighting>,
    emit: &mut dyn FnMut(Draft) -> io::Result<()>,
) -> io::Result<u64> {
    let mut untimed = 0;
    let mut open: Option<Joiner<'_>> = None;
    sightings.each(&mut |sighting| {
        let is_same = open.as_ref().is_some_and(|joiner| joiner.number == sighting.running);
        if !is_same {
            if let Some(done) = open.take() {
                done.finish(emit)?;
            }
            open = Some(Joiner::new(engine, sighting.running));
        }
        if let Some(joiner) = &mut open
            && !joiner.take(sighting)
        {
            untimed += 1;
        }
        Ok(())
    })?;
    if let Some(done) = open {
        done.finish(emit)?;
    }
    Ok(untimed)
}

/// A rule that is being joined.
struct Joiner<'e> {
    number: u32,
    running: &'e Running,
    state: State<'e>,
}

enum State<'e> {
    /// Single events, which pipes will choose from.
    Events(Vec<Witness>),
    Sequence(Machine<'e, Witness>),
    Sample(Sampler<Witness>),
}

impl<'e> Joiner<'e> {
    fn new(engine: &'e Engine, number: u32) -> Self {
        let running = &engine.running()[number as usize];
        let state = match &running.search {
            Search::Event(_) => State::Events(Vec::new()),
            Search::Sequence(sequence) => State::Sequence(Machine::new(sequence)),
            Search::Sample(sample) => State::Sample(Sampler::new(sample)),
        };
        Self { number, running, state }
    }

    /// Takes the next sighting; `false` if it has no time and so no place in a sequence.
    fn take(&mut self, sighting: &Sighting) -> bool {
        let payload = sighting.witness.clone();
        match &mut self.state {
            State::Events(events) => events.push(payload),
            State::Sample(sampler) => sampler.push(&sighting.matches, payload),
            State::Sequence(machine) => {
                let Some(time) = sighting.time else { return false };
                let (tiebreak, matches) = (sighting.tiebreak.clone(), sighting.matches.clone());
                machine.push(Occurrence { time, tiebreak, matches, payload });
            }
        }
        true
    }

    fn finish(self, emit: &mut dyn FnMut(Draft) -> io::Result<()>) -> io::Result<()> {
        let (rule, pipes) = (self.running.rule, &self.running.pipes);
        let found = match self.state {
            State::Events(events) => {
                let kept = pipes.apply(events);
                let draft = |event| Draft { rule, witnesses: vec![event], join_keys: Vec::new() };
                return kept.into_iter().try_for_each(|event| emit(draft(event)));
            }
            State::Sequence(machine) => machine.finish(),
            State::Sample(sampler) => sampler.finish(),
        };
        pipes.apply(found).into_iter().try_for_each(|found| emit(joined(rule, found)))
    }
}

/// A sequence or sample as a hit; events that must be missing leave no trace in it.
fn joined(rule: u32, found: Found<Witness>) -> Draft {
    let witnesses = found.events.into_iter().flatten().collect();
    let join_keys = found.keys.iter().map(ToString::to_string).collect();
    Draft { rule, witnesses, join_keys }
}
