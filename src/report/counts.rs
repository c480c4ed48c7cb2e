//! Numbers over the hits, counted from the hits themselves.

use std::io;

use super::Report;
use crate::event::Timestamp;
use crate::rule::Severity;

/// What the hits add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All hits.
    pub hits: u64,
    /// By [`Severity`], mildest first.
    pub by_severity: [u64; 4],
    /// By rule, in the rule set's order.
    pub by_rule: Vec<u64>,
    /// Hits without a time.
    pub untimed: u64,
    /// The earliest time.
    pub first: Option<Timestamp>,
    /// The latest time.
    pub last: Option<Timestamp>,
}

impl Counts {
    /// Counts.
    ///
    /// # Errors
    /// Those of reading hits back.
    pub fn of(report: &Report<'_>) -> io::Result<Self> {
        let rules = &report.rules.rules;
        let mut counts = Counts { by_rule: vec![0; rules.len()], ..Counts::default() };
        report.hits.each(&mut |hit| {
            counts.hits += 1;
            if let Some(rule) = rules.get(hit.rule as usize) {
                counts.by_rule[hit.rule as usize] += 1;
                counts.by_severity[rule.severity as usize] += 1;
            }
            match hit.time {
                Some(time) => {
                    counts.first = Some(counts.first.map_or(time, |first| first.min(time)));
                    counts.last = counts.last.max(Some(time));
                }
                None => counts.untimed += 1,
            }
            Ok(())
        })?;
        Ok(counts)
    }

    /// How many hits are this bad.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> u64 {
        self.by_severity[severity as usize]
    }
}
