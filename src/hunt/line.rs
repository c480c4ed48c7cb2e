//! The line between plan and fold: units in the plan's order, started ahead, folded when they are at the front.
//!
//! Units go to the workers in batches: most batches are one unit, but small files share one, since handing work to
//! another thread costs more than they do.

use std::collections::VecDeque;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::ScopeFifo;

use crate::archive::Turn;
use crate::ledger::{Gap, Reason};

use super::behind::Behind;
use super::fold::Fold;
use super::gate::{self, Gate};
use super::mailbox::Message;
use super::plan::Plan;
use super::unit::{Part, Planned, Source, Work};
use super::{Context, Journal, worker};

/// How many units a batch may hold: each keeps its file open.
const MOST_UNITS: usize = 32;

/// How much may stand in the line besides units: sources without any are planned as fast as they come.
const MOST_SLOTS: usize = 4096;

/// What stands in the line.
enum Slot {
    Planned(Box<Planned>),
    Unit {
        parts: Vec<Part>,
        gate: Arc<Gate>,
        is_done: bool,
        /// What it reads of a file.
        pages: Option<(Arc<Source>, Range<usize>)>,
        /// Whether it is the last of its batch.
        ends_batch: bool,
    },
}

/// The line.
pub(super) struct Line<'c, 'a> {
    context: &'c Context<'a>,
    fold: Fold<'a>,
    slots: VecDeque<Slot>,
    /// Number of the slot at the front.
    front: u64,
    /// Units that are not done.
    running: usize,
    batch: Batch,
    /// Batches in the line, and how many there may be.
    batches: usize,
    window: usize,
    messages: Vec<Message>,
    behind: Behind,
    journal: Option<&'c mut Journal>,
}

impl<'c, 'a> Line<'c, 'a> {
    /// A line that is empty, for at most `window` batches.
    pub(super) fn new(
        context: &'c Context<'a>,
        fold: Fold<'a>,
        window: usize,
        journal: Option<&'c mut Journal>,
    ) -> Self {
        Self {
            context,
            fold,
            slots: VecDeque::new(),
            front: 0,
            running: 0,
            batch: Batch::default(),
            batches: 0,
            window,
            messages: Vec::new(),
            behind: Behind::default(),
            journal,
        }
    }

    /// Sends all of `plan` through the line.
    pub(super) fn run<'s>(mut self, mut plan: Plan<'_>, scope: &ScopeFifo<'s>) -> Fold<'a>
    where
        'c: 's,
        'a: 's,
    {
        let mut is_planned = false;
        while !is_planned || !self.slots.is_empty() {
            while !is_planned && !self.is_full() {
                match plan.next() {
                    Some(planned) => self.add(planned, scope),
                    None => is_planned = true,
                }
            }
            self.start_batch(scope);
            self.fold_front();
            if self.fold.has_failed() {
                self.context.cancel.set();
            }
            if self.running > 0 && (is_planned || self.is_full()) {
                self.receive();
            }
        }
        self.fold
    }

    fn is_full(&self) -> bool {
        self.batches >= self.window || self.slots.len() >= MOST_SLOTS
    }

    fn add<'s>(&mut self, planned: Planned, scope: &ScopeFifo<'s>)
    where
        'c: 's,
        'a: 's,
    {
        let number = self.front + self.slots.len() as u64;
        let Planned::Unit(source, work) = planned else {
            self.slots.push_back(Slot::Planned(Box::new(planned)));
            return;
        };
        let gate = Arc::new(Gate::default());
        if let Some(parts) = self.replay(number) {
            // They leave through the gate, like those of a unit that ran.
            parts.iter().for_each(|part| gate.enter(gate::weight(part), usize::MAX));
            self.slots.push_back(Slot::Unit { parts, gate, is_done: true, pages: None, ends_batch: true });
            self.batches += 1;
            return;
        }
        let pages = worker::extent(&work).map(|range| (Arc::clone(&source), range));
        let turn = self.context.windows.line_up(number);
        let weight = worker::weight(&source, &work);
        // It takes long enough alone: what is small does not wait for it.
        if weight >= self.context.chunk {
            self.start_batch(scope);
        }
        self.batch.weight += weight;
        self.batch.errands.push(Errand { number, gate: Arc::clone(&gate), turn, source, work });
        self.running += 1;
        self.slots.push_back(Slot::Unit {
            parts: Vec::new(),
            gate,
            is_done: false,
            pages,
            ends_batch: false,
        });
        if self.batch.weight >= self.context.chunk || self.batch.errands.len() >= MOST_UNITS {
            self.start_batch(scope);
        }
    }

    /// Hands the batch to the workers.
    fn start_batch<'s>(&mut self, scope: &ScopeFifo<'s>)
    where
        'c: 's,
        'a: 's,
    {
        let Some(last) = self.batch.errands.last() else { return };
        if let Some(Slot::Unit { ends_batch, .. }) = self.slots.get_mut(index(last.number - self.front)) {
            *ends_batch = true;
        }
        self.batches += 1;
        self.context.mailbox.add_batch();
        let (context, batch) = (self.context, std::mem::take(&mut self.batch));
        scope.spawn_fifo(move |_| {
            batch.errands.into_iter().for_each(|errand| errand.run(context));
            context.mailbox.end_batch();
        });
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

    /// Takes in what lies in the mailbox; waits until that is worth it.
    fn receive(&mut self) {
        let mut messages = std::mem::take(&mut self.messages);
        self.context.mailbox.take(&mut messages);
        messages.drain(..).for_each(|(number, part)| self.put(number, part));
        self.messages = messages;
    }

    fn put(&mut self, number: u64, part: Option<Part>) {
        // Units that are given up are to be done when the hunt goes on.
        if let Some(journal) = &mut self.journal
            && !self.context.cancel.is_set()
        {
            journal.note(number, part.as_ref());
        }
        if let Some(Slot::Unit { parts, is_done, .. }) = self.slots.get_mut(index(number - self.front)) {
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
                let weight = parts.iter().map(gate::weight).sum();
                std::mem::take(parts).into_iter().for_each(|part| self.fold.part(part));
                gate.leave(weight);
                if !is_done {
                    return;
                }
            }
            match self.slots.pop_front() {
                Some(Slot::Planned(planned)) => self.fold_planned(*planned),
                Some(Slot::Unit { pages, ends_batch, .. }) => {
                    self.batches -= usize::from(ends_batch);
                    pages.into_iter().for_each(|(source, range)| self.behind.add(source, range));
                }
                None => {}
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

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Units that one worker does one after the other.
#[derive(Default)]
struct Batch {
    errands: Vec<Errand>,
    /// About how many bytes there are to be scanned.
    weight: usize,
}

/// A unit and its place in the line.
struct Errand {
    number: u64,
    gate: Arc<Gate>,
    turn: Turn,
    source: Arc<Source>,
    work: Work,
}

impl Errand {
    /// Does the unit; a fault of the program costs this one and no other.
    fn run(self, context: &Context<'_>) {
        let Self { number, gate, mut turn, source, work } = self;
        // One that interrupts another must not wait: the other may be at the front.
        let most = if turn.begin() { context.waiting } else { usize::MAX };
        let mut emit = |part| {
            let weight = gate::weight(&part);
            if gate.is_full(most) {
                context.mailbox.hurry();
            }
            gate.enter(weight, most);
            context.mailbox.post((number, Some(part)), weight);
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| worker::work(context, &source, &work, &mut emit)));
        if outcome.is_err() {
            emit(Part::Gap(fault(worker::extent(&work).unwrap_or(0..source.bytes().len()))));
        }
        drop(turn);
        context.mailbox.post((number, None), 0);
    }
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
