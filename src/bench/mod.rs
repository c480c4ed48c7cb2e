//! What this machine can do: each stage of a hunt over the same evidence, on one thread and on more.
//!
//! The stages are the hunt's own, laid on one another: bare decompression (the floor), then the prefilter, then
//! the parse of what it lets through, then the rules, then the whole of [`crate::hunt`]. They see lines,
//! whatever the records are, and only the outermost codec of a file; the hunt sees all there is. Every stage runs
//! several times, in turns with the others, and the best counts: other work on the machine only ever adds.

mod clock;
mod disk;
mod forecast;
mod machine;
mod memory;
mod pieces;
mod stages;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use serde::Serialize;

use crate::eql;
use crate::evidence::{self, Outcome};
use crate::hunt::{self, Cancel, Engine, Meter};
use crate::limits;
use crate::rule::RuleSet;

pub use clock::Cost;
pub use disk::Disk;
pub use forecast::{Bound, Limit};
pub use machine::Machine;
pub use memory::Copying;
pub use stages::Stage;

use clock::timed;
use pieces::Pieces;
use stages::Stages;

/// Memory budget of the decoders, in bytes: the most that a hunt takes unasked.
const MEMORY: u64 = 2 << 30;

/// What to measure with.
#[derive(Debug)]
pub struct Options<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// How their fields are read.
    pub reading: &'a eql::Options,
    /// The same rules, compiled.
    pub engine: &'a Engine,
    /// The most threads.
    pub threads: usize,
    /// How often each stage runs.
    pub runs: usize,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Evidence that cannot be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// Standard input can be read only once.
    #[error("standard input cannot be measured: it can be read only once")]
    Stdin,
    /// There is nothing.
    #[error("there is nothing to measure: the evidence holds no bytes")]
    Empty,
    /// The hunt failed.
    #[error(transparent)]
    Hunt(#[from] hunt::Error),
    /// Someone asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// What was read.
#[derive(Clone, Debug, Serialize)]
pub struct Volume {
    /// Files.
    pub files: usize,
    /// Bytes as they lie.
    pub encoded: u64,
    /// Bytes decoded, of the outermost codec.
    pub decoded: u64,
    /// Pieces that decode on their own.
    pub pieces: usize,
    /// Decoded bytes of the largest: no number of threads is faster than it.
    pub largest: u64,
    /// Records that the prefilter lets through.
    pub candidates: u64,
    /// Hits of the hunt.
    pub hits: u64,
    /// Whether the hunt read every byte.
    pub complete: bool,
}

/// One stage on so many threads.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Row {
    /// The stage, on top of the ones before it.
    pub stage: Stage,
    /// How many threads.
    pub threads: usize,
    /// The least that it took.
    #[serde(flatten)]
    pub cost: Cost,
}

/// All that was measured. Times are seconds, sizes bytes.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// On what.
    pub machine: Machine,
    /// Over what.
    pub volume: Volume,
    /// Reading without decoding.
    pub disk: Disk,
    /// Copying in memory, by the number of threads.
    pub memory: Vec<Copying>,
    /// Every stage with the cache warm, by threads and then in the order of the stages.
    pub rows: Vec<Row>,
    /// The whole hunt on all threads, with nothing of the evidence in the system's cache.
    pub cold_hunt: Cost,
}

/// Measures the machine over `paths`, which are read several times and never written to.
///
/// # Errors
/// [`Error::Interrupted`] once `cancel` is set; else what cannot be read.
pub fn measure(paths: &[PathBuf], options: &Options<'_>, cancel: &Cancel) -> Result<Measured, Error> {
    let machine = Machine::read();
    let files = files(paths)?;
    let mut book = Book::default();
    // Before any file is mapped here: the system forgets no page that is.
    for _ in 0..options.runs.max(1) {
        disk::forget(&files)?;
        book.cold.push(disk::read(&files)?);
        book.warm.push(disk::read(&files)?);
        disk::forget(&files)?;
        book.cold_hunt.push(hunt(paths, options, options.threads, cancel)?.1);
    }
    let pieces = Pieces::cut(&files)?;
    let stages = Stages::new(options, &pieces);
    for _ in 0..options.runs.max(1) {
        for threads in ladder(options.threads) {
            for stage in Stage::ALL {
                if cancel.is_set() {
                    return Err(Error::Interrupted);
                }
                let cost = match stage {
                    Stage::Hunt => {
                        let (ledger, cost) = hunt(paths, options, threads, cancel)?;
                        book.ledger = Some(ledger);
                        cost
                    }
                    _ => timed(|| stages.run(stage, threads)).1,
                };
                book.rows.entry((threads, stage)).or_default().push(cost);
            }
        }
    }
    let memory = ladder(options.threads).map(memory::copy).collect();
    let volume = volume(&files, &pieces, &stages, &book);
    Ok(book.close(machine, volume, memory))
}

/// What was written down, run after run.
#[derive(Default)]
struct Book {
    cold: Vec<Cost>,
    warm: Vec<Cost>,
    cold_hunt: Vec<Cost>,
    rows: BTreeMap<(usize, Stage), Vec<Cost>>,
    ledger: Option<crate::ledger::Ledger>,
}

impl Book {
    fn close(self, machine: Machine, volume: Volume, memory: Vec<Copying>) -> Measured {
        let rows = self.rows.into_iter();
        Measured {
            machine,
            volume,
            disk: Disk { cold: Cost::least(&self.cold), warm: Cost::least(&self.warm) },
            memory,
            rows: rows
                .map(|((threads, stage), costs)| Row { stage, threads, cost: Cost::least(&costs) })
                .collect(),
            cold_hunt: Cost::least(&self.cold_hunt),
        }
    }
}

fn volume(files: &[(PathBuf, u64)], pieces: &Pieces, stages: &Stages<'_>, book: &Book) -> Volume {
    let counts = stages.run(Stage::Prefilter, 1);
    let total = book.ledger.as_ref().map(crate::ledger::Ledger::total);
    Volume {
        files: files.len(),
        encoded: files.iter().map(|(_, size)| size).sum(),
        decoded: counts.decoded,
        pieces: pieces.len(),
        largest: counts.largest,
        candidates: counts.candidates,
        hits: total.map_or(0, |total| total.hits),
        complete: book.ledger.as_ref().is_some_and(crate::ledger::Ledger::is_complete),
    }
}

/// 1, 2, 4 … and `most`.
fn ladder(most: usize) -> impl Iterator<Item = usize> {
    let doubled = std::iter::successors(Some(1_usize), |threads| threads.checked_mul(2));
    doubled.take_while(move |threads| *threads < most).chain([most.max(1)])
}

/// The files below `paths`, with their sizes.
fn files(paths: &[PathBuf]) -> Result<Vec<(PathBuf, u64)>, Error> {
    let mut files = Vec::new();
    for found in evidence::walk(paths).found {
        match found.outcome {
            Outcome::File(size) => files.push((found.path, size)),
            Outcome::Stdin => return Err(Error::Stdin),
            Outcome::Unreadable(error) => return Err(Error::Unreadable(found.path, error)),
        }
    }
    if files.iter().all(|(_, size)| *size == 0) { Err(Error::Empty) } else { Ok(files) }
}

fn hunt(
    paths: &[PathBuf],
    options: &Options<'_>,
    threads: usize,
    cancel: &Cancel,
) -> Result<(crate::ledger::Ledger, Cost), Error> {
    let how = hunt::Options { threads, chunk: limits::CHUNK, memory: MEMORY, digests: Vec::new() };
    let work = || hunt::hunt(evidence::walk(paths), options.engine, &how, &Meter::default(), cancel, None);
    let (catch, cost) = timed(work);
    if cancel.is_set() { Err(Error::Interrupted) } else { Ok((catch?.ledger, cost)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_doubled_up_to_the_most() {
        for (most, expected) in [(1, vec![1]), (2, vec![1, 2]), (6, vec![1, 2, 4, 6]), (8, vec![1, 2, 4, 8])]
        {
            assert_eq!(ladder(most).collect::<Vec<_>>(), expected);
        }
    }
}
