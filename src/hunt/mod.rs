//! Joins the rooms: plans the work, runs it on rayon, folds the results in evidence order.
//!
//! The plan runs ahead of the workers by a bounded window; parts come back in any order and are folded in
//! the plan's, so that the output never depends on threads, chunk sizes or luck.

mod behind;
mod books;
mod buffer;
mod census;
mod engine;
mod evtx;
mod fold;
mod gate;
mod join;
mod journal;
mod layers;
mod line;
mod mailbox;
mod members;
mod meter;
mod plan;
mod probe;
mod recall;
mod scan;
mod segments;
#[cfg(test)]
mod sources_tests;
mod stray;
mod stream;
mod torn;
mod unit;
mod worker;

use std::sync::Mutex;

use crate::archive::Budget;
use crate::evidence::{Digest, Walk};
use crate::ledger::Ledger;
use crate::timeline::{Hit, Sorted};

pub use engine::{BadQuery, Engine, Examiner, Filtering};
pub use journal::Journal;
pub use meter::{Cancel, Meter, Notice, Progress};

use fold::Fold;
use line::Line;
use mailbox::Mailbox;
use plan::{Plan, Settings};
use worker::Bench;

/// Why a hunt came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The worker threads cannot be started.
    #[error("the worker threads cannot be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// What was found does not fit memory, and cannot be put on disk.
    #[error("what was found cannot be kept in {}: {source}; point TMPDIR at a folder with more room", std::env::temp_dir().display())]
    Spill {
        /// What the system said.
        source: std::io::Error,
    },
}

/// How to hunt.
#[derive(Clone, Debug)]
pub struct Options {
    /// Worker threads; at least 1.
    pub threads: usize,
    /// Size in bytes of the pieces that work is cut into. It changes speed and memory, never the output.
    pub chunk: usize,
    /// Memory budget in bytes.
    pub memory: u64,
    /// Digests to make of every file.
    pub digests: Vec<Digest>,
}

/// What a hunt found.
#[derive(Debug)]
pub struct Catch {
    /// The hits in the timeline's order.
    pub hits: Sorted<Hit>,
    /// The books.
    pub ledger: Ledger,
}

/// What every worker shares.
struct Context<'a> {
    engine: &'a Engine,
    meter: &'a Meter,
    cancel: &'a Cancel,
    chunk: usize,
    /// What decoders take their windows from.
    windows: Budget,
    /// How many bytes of one unit may wait to be folded.
    waiting: usize,
    /// Where what workers find out is left for the fold.
    mailbox: Mailbox,
    benches: Mutex<Vec<Bench>>,
}

impl Context<'_> {
    /// Lends a bench that nobody works at.
    fn with_bench<T>(&self, work: impl FnOnce(&mut Bench) -> T) -> T {
        let spare = self.benches.lock().ok().and_then(|mut benches| benches.pop());
        let mut bench = spare.unwrap_or_else(|| Bench::new(self));
        let outcome = work(&mut bench);
        if let Ok(mut benches) = self.benches.lock() {
            benches.push(bench);
        }
        outcome
    }
}

/// Hunts through what a walk found. With a `journal` each unit's outcome is written down, and those in it are not
/// worked out again; it must be of a hunt with the same evidence, rules and options.
///
/// # Errors
/// When the threads cannot be started.
pub fn hunt(
    walk: Walk,
    engine: &Engine,
    options: &Options,
    meter: &Meter,
    cancel: &Cancel,
    journal: Option<&mut Journal>,
) -> Result<Catch, Error> {
    let share = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    // Of the budget: 5/8 for windows, of which twice the whole may be taken; 1/8 each for what waits to be
    // folded, hits and sightings.
    let windows = options.memory / 16 * 5;
    let ahead = 2 * options.threads + 4;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build()?;
    let context = Context {
        engine,
        meter,
        cancel,
        chunk: options.chunk,
        windows: Budget::new(windows),
        waiting: share(options.memory / 8) / (ahead + options.threads),
        mailbox: Mailbox::new(options.threads + options.threads / 2 + 1),
        benches: Mutex::new(Vec::new()),
    };
    let settings =
        Settings { chunk: options.chunk, windows: Budget::new(windows), digests: options.digests.clone() };
    let plan = Plan::new(walk.found, settings, cancel);
    let ledger = Ledger { skipped: walk.skipped, ..Ledger::default() };
    let fold = Fold::new(engine, meter, ledger, share(options.memory / 8));
    let fold = pool.in_place_scope_fifo(|scope| Line::new(&context, fold, ahead, journal).run(plan, scope));
    let (ledger, hits) = fold.finish(cancel.is_set()).map_err(|source| Error::Spill { source })?;
    Ok(Catch { hits, ledger })
}
