//! Reports: ordered hits and the ledger to bytes, one file a format.
//!
//! Nothing here prints or decides; a [`Format`] writes to whatever it is given. What depends on the run
//! and not on evidence and rules (durations, threads) stands in the summary on a terminal and in the
//! `run` object of `ledger.json`, and nowhere else.

pub mod case;
mod counts;
pub mod csv;
pub(crate) mod encode;
pub mod jsonl;
mod layout;
pub mod ledger_json;
pub mod manifest;
mod run;
mod summary;
pub mod terminal;
pub mod timesketch;
mod twins;
mod view;

use std::io::{self, Write};

use twins::Twins;

use crate::ledger::Ledger;
use crate::rule::RuleSet;
use crate::timeline::{Hit, Sorted};

pub use crate::escape::escape;
pub use counts::Counts;
pub use run::{NotRun, Run};
pub use view::View;

/// Hits in the timeline's order, to be gone through as often as it takes, from memory or from disk.
pub trait Hits {
    /// Calls `visit` with each hit in order, until one fails.
    ///
    /// # Errors
    /// Those of `visit`, and of reading hits back.
    fn each(&self, visit: &mut dyn FnMut(&Hit) -> io::Result<()>) -> io::Result<()>;
}

impl Hits for [Hit] {
    fn each(&self, visit: &mut dyn FnMut(&Hit) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(visit)
    }
}

impl Hits for Sorted<Hit> {
    fn each(&self, visit: &mut dyn FnMut(&Hit) -> io::Result<()>) -> io::Result<()> {
        Sorted::each(self, visit)
    }
}

impl Hits for Vec<Hit> {
    fn each(&self, visit: &mut dyn FnMut(&Hit) -> io::Result<()>) -> io::Result<()> {
        self.as_slice().each(visit)
    }
}

/// All that a report can say.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// The rules that the hits' numbers count in.
    pub rules: &'a RuleSet,
    /// What was read, and what was not.
    pub ledger: &'a Ledger,
    /// The hits.
    pub hits: &'a dyn Hits,
    /// How and when the hunt ran.
    pub run: &'a Run,
}

impl std::fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report").field("ledger", self.ledger).field("run", self.run).finish_non_exhaustive()
    }
}

/// A format that is written hit by hit.
pub trait Format {
    /// What comes before the first hit.
    ///
    /// # Errors
    /// Those of `out`.
    fn begin(&self, _report: &Report<'_>, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// One hit.
    ///
    /// # Errors
    /// Those of `out`.
    fn hit(&self, hit: &View<'_>, out: &mut dyn Write) -> io::Result<()>;
}

/// Writes a whole report in one format; the caller flushes.
///
/// # Errors
/// Those of `out`, and of reading hits back.
pub fn write(report: &Report<'_>, format: &dyn Format, out: &mut dyn Write) -> io::Result<()> {
    format.begin(report, out)?;
    let mut twins = Twins::default();
    report.hits.each(&mut |hit| format.hit(&twins.look(View::new(report, hit)), out))
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
