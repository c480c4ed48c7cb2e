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
mod members;
mod meter;
mod plan;
mod probe;
mod recall;
mod scan;
#[cfg(test)]
mod sources_tests;
mod stray;
mod stream;
mod torn;
mod unit;
mod worker;

use std::collections::VecDeque;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use crate::archive::{Budget, Turn};
use crate::evidence::{Digest, Walk};
use crate::ledger::{Gap, Ledger, Reason};
use crate::timeline::{Hit, Sorted};

pub use engine::{BadQuery, Engine, Examiner, Filtering};
pub use journal::Journal;
pub use meter::{Cancel, Meter, Notice, Progress};

use behind::Behind;
use fold::Fold;
use gate::Gate;
use plan::{Plan, Settings};
use unit::{Part, Planned, Source, Work};
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

/// What comes from a worker: the number of the unit, and a part of it; `None` when it is done.
type Message = (u64, Option<Part>);

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
    let ahead = 2 * options.threads + 2;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build()?;
    let context = Context {
        engine,
        meter,
        cancel,
        chunk: options.chunk,
        windows: Budget::new(windows),
        waiting: share(options.memory / 8) / (ahead + options.threads),
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

/// What stands in the line between plan and fold.
enum Slot {
    Planned(Box<Planned>),
    Unit {
        parts: Vec<Part>,
        gate: Arc<Gate>,
        is_done: bool,
        /// What it reads of a file.
        pages: Option<(Arc<Source>, Range<usize>)>,
    },
}

/// The line: units in the plan's order, started ahead, folded when they are at the front.
struct Line<'c, 'a> {
    context: &'c Context<'a>,
    fold: Fold<'a>,
    slots: VecDeque<Slot>,
    /// Number of the slot at the front.
    front: u64,
    running: usize,
    window: usize,
    behind: Behind,
    journal: Option<&'c mut Journal>,
}

impl<'c, 'a> Line<'c, 'a> {
    fn new(
        context: &'c Context<'a>,
        fold: Fold<'a>,
        window: usize,
        journal: Option<&'c mut Journal>,
    ) -> Self {
        let (slots, behind) = (VecDeque::new(), Behind::default());
        Self { context, fold, slots, front: 0, running: 0, window, behind, journal }
    }

    fn run<'s>(mut self, mut plan: Plan<'_>, scope: &rayon::ScopeFifo<'s>) -> Fold<'a>
    where
        'c: 's,
        'a: 's,
    {
        let (sender, receiver) = channel();
        let mut is_planned = false;
        while !is_planned || !self.slots.is_empty() {
            while !is_planned && self.slots.len() < self.window {
                match plan.next() {
                    Some(planned) => self.start(planned, scope, &sender),
                    None => is_planned = true,
                }
            }
            self.fold_front();
            if self.fold.has_failed() {
                self.context.cancel.set();
            }
            if self.running > 0 && (is_planned || self.slots.len() >= self.window) {
                self.receive(&receiver);
            }
        }
        self.fold
    }

    fn start<'s>(&mut self, planned: Planned, scope: &rayon::ScopeFifo<'s>, sender: &Sender<Message>)
    where
        'c: 's,
        'a: 's,
    {
        let number = self.front + self.slots.len() as u64;
        match planned {
            Planned::Unit(source, work) => {
                if let Some(parts) = self.replay(number) {
                    let gate = Arc::new(Gate::default());
                    // They leave through it, like those of a unit that ran.
                    parts.iter().for_each(|part| gate.enter(gate::weight(part), usize::MAX));
                    self.slots.push_back(Slot::Unit { parts, gate, is_done: true, pages: None });
                    return;
                }
                let (context, sender) = (self.context, sender.clone());
                let gate = Arc::new(Gate::default());
                let place = Place { number, sender, gate: Arc::clone(&gate) };
                let turn = context.windows.line_up(number);
                let pages = worker::extent(&work).map(|range| (Arc::clone(&source), range));
                scope.spawn_fifo(move |_| run_unit(context, &place, turn, &source, &work));
                self.running += 1;
                self.slots.push_back(Slot::Unit { parts: Vec::new(), gate, is_done: false, pages });
            }
            other => self.slots.push_back(Slot::Planned(Box::new(other))),
        }
    }

    /// The parts of a unit that the journal knows to be done.
    fn replay(&mut self, number: u64) -> Option<Vec<Part>> {
        let parts = self.journal.as_mut()?.replay(number)?;
        for part in &parts {
            if let Part::Tally(tally) = part {
                self.context.meter.read(tally.read + tally.framing, tally.decoded);
            }
        }
        Some(parts)
    }

    /// Takes one message in; waits for it.
    fn receive(&mut self, receiver: &Receiver<Message>) {
        let Ok((number, part)) = receiver.recv() else { return };
        // Units that are given up are to be done when the hunt goes on.
        if let Some(journal) = &mut self.journal
            && !self.context.cancel.is_set()
        {
            journal.note(number, part.as_ref());
        }
        let index = usize::try_from(number - self.front).unwrap_or(usize::MAX);
        if let Some(Slot::Unit { parts, is_done, .. }) = self.slots.get_mut(index) {
            match part {
                Some(part) => parts.push(part),
                None => {
                    *is_done = true;
                    self.running -= 1;
                }
            }
        }
    }

    /// Folds what is at the front, as far as it is known.
    fn fold_front(&mut self) {
        while let Some(slot) = self.slots.front_mut() {
            if let Slot::Unit { parts, gate, is_done, .. } = slot {
                let is_done = *is_done;
                for part in std::mem::take(parts) {
                    let weight = gate::weight(&part);
                    self.fold.part(part);
                    gate.leave(weight);
                }
                if !is_done {
                    return;
                }
            }
            match self.slots.pop_front() {
                Some(Slot::Planned(planned)) => self.fold_planned(*planned),
                Some(Slot::Unit { pages: Some((source, range)), .. }) => self.behind.add(source, range),
                _ => {}
            }
            self.front += 1;
        }
    }

    fn fold_planned(&mut self, planned: Planned) {
        match planned {
            Planned::Open(account) => self.fold.open(*account),
            Planned::Note(part) => self.fold.part(*part),
            Planned::Close(source) => self.fold.close(source.as_deref()),
            // Units were started, and their parts are folded as they come.
            Planned::Unit(..) => {}
        }
    }
}

/// A unit's place in the line, and the way there.
struct Place {
    number: u64,
    sender: Sender<Message>,
    gate: Arc<Gate>,
}

/// Runs one unit; a fault of the program costs this unit and no other.
fn run_unit(context: &Context<'_>, place: &Place, mut turn: Turn, source: &Arc<Source>, work: &Work) {
    let Place { number, sender, gate } = place;
    // One that interrupts another must not wait: the other may be at the front.
    let most = if turn.begin() { context.waiting } else { usize::MAX };
    let mut emit = |part| {
        gate.enter(gate::weight(&part), most);
        // The receiver lives until every unit is done.
        drop(sender.send((*number, Some(part))));
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| worker::work(context, source, work, &mut emit)));
    if outcome.is_err() {
        emit(Part::Gap(fault(worker::extent(work).unwrap_or(0..source.bytes().len()))));
    }
    drop(turn);
    drop(sender.send((*number, None)));
}

fn fault(bytes: Range<usize>) -> Gap {
    Gap {
        entry: 0,
        bytes: bytes.start as u64..bytes.end as u64,
        decoded: None,
        reason: Reason::Internal,
        detail: "a fault of coldtrail: please report it".to_owned(),
    }
}
