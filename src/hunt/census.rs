//! Counts how often the items of sequences match, and speaks up early about those that match nearly all.

use super::engine::Engine;
use super::join::Sighting;
use super::meter::{Meter, Notice};

/// After so many records the shares mean something.
const RECORDS: u64 = 100_000;

/// A rule whose items match more than one record in so many is told.
const ONE_IN: u64 = 5;

/// The counts of one hunt.
#[derive(Debug)]
pub(super) struct Census {
    /// For each rule that runs, its index in the set.
    rules: Vec<u32>,
    /// Likewise, how many records matched an item of it.
    sightings: Vec<u64>,
    tried: u64,
    is_told: bool,
}

impl Census {
    pub(super) fn new(engine: &Engine) -> Self {
        let rules: Vec<u32> = engine.running().iter().map(|running| running.rule).collect();
        Self { sightings: vec![0; rules.len()], rules, tried: 0, is_told: false }
    }

    /// Counts what a piece of work found; says once, early, what is going to cost.
    pub(super) fn count(&mut self, tried: u64, sightings: &[Sighting], meter: &Meter) {
        self.tried += tried;
        for sighting in sightings {
            self.sightings[sighting.running as usize] += 1;
        }
        if !self.is_told && self.tried >= RECORDS {
            self.is_told = true;
            for (rule, kept) in self.rules.iter().zip(&self.sightings) {
                if kept * ONE_IN > self.tried {
                    meter.notice(Notice { rule: *rule, kept: *kept, tried: self.tried });
                }
            }
        }
    }
}
