//! Memory that all decoders share.
//!
//! A decoder's window is as large as an attacker's header says, so what windows take is counted over all
//! workers. Whoever cannot have its share waits for others to give theirs back; what becomes of a segment
//! depends on nothing else that is read meanwhile. Nobody waits for ever: pieces of work line up in order before
//! any thread has them, whoever does the first that is not done never waits, and every piece comes to be the
//! first. That one may go beyond what is free, by no more than the whole; so at most twice the whole is taken.
//! Threads must take pieces up in the order in which they lined up.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

/// A number of bytes that threads take from and give back to; clones are the same budget.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    whole: u64,
    taken: Mutex<Taken>,
    given_back: Condvar,
    /// How many have room aside.
    aside: AtomicUsize,
}

#[derive(Debug, Default)]
struct Taken {
    total: u64,
    by_thread: HashMap<ThreadId, u64>,
    /// Pieces that are not done, and who works at them.
    turns: BTreeMap<u64, Option<ThreadId>>,
}

/// Bytes that were taken; dropping gives them back.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    thread: ThreadId,
    bytes: u64,
}

/// Leave to have room that is not counted, but of which each thread has no more than one; dropping gives it back.
#[derive(Debug)]
pub(super) struct Aside(Budget);

impl Drop for Aside {
    fn drop(&mut self) {
        self.0.0.aside.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A piece of work, from when it lines up until it is done; dropping it ends it.
#[derive(Debug)]
pub struct Turn {
    budget: Budget,
    number: u64,
}

impl Turn {
    /// This thread begins with the piece. Whether it was not at work at another already, which this one interrupts.
    pub fn begin(&mut self) -> bool {
        let thread = Some(thread::current().id());
        let mut taken = self.budget.lock();
        let is_alone = taken.turns.values().all(|other| *other != thread);
        taken.turns.insert(self.number, thread);
        is_alone
    }
}

impl Budget {
    /// `whole`: how many bytes there are.
    #[must_use]
    pub fn new(whole: u64) -> Self {
        Self(Arc::new(Shared {
            whole,
            taken: Mutex::default(),
            given_back: Condvar::new(),
            aside: AtomicUsize::new(0),
        }))
    }

    /// How many bytes there are altogether.
    #[must_use]
    pub fn whole(&self) -> u64 {
        self.0.whole
    }

    /// Takes `bytes` for this thread, and waits until it can have them. `None` if it never can: with what
    /// the thread holds already, they are more than the whole.
    #[must_use]
    pub fn take(&self, bytes: u64) -> Option<Share> {
        let thread = thread::current().id();
        let mut taken = self.lock();
        if bytes > self.0.whole.saturating_sub(taken.of(thread)) {
            return None;
        }
        while !taken.grant(thread, bytes, self.0.whole) {
            taken = self.0.given_back.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        Some(Share { budget: self.clone(), thread, bytes })
    }

    /// As [`Budget::take`], for what cannot do with less: `bytes`, or all that this thread may ever have.
    #[must_use]
    pub fn take_or_all(&self, bytes: u64) -> Option<Share> {
        let left = self.0.whole.saturating_sub(self.lock().of(thread::current().id()));
        self.take(bytes.min(left))
    }

    /// Whether a piece lines up that no thread has begun with.
    pub(super) fn is_anyone_waiting(&self) -> bool {
        self.lock().turns.values().any(Option::is_none)
    }

    /// Takes leave to have room aside, if there are threads in the pool for which nobody has.
    pub(super) fn take_aside(&self) -> Option<Aside> {
        let more = |count| (count < rayon::current_num_threads()).then_some(count + 1);
        let taken = self.0.aside.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.ok().map(|_| Aside(self.clone()))
    }

    /// The piece of this number lines up. No two have the same.
    #[must_use]
    pub fn line_up(&self, number: u64) -> Turn {
        self.lock().turns.insert(number, None);
        Turn { budget: self.clone(), number }
    }

    /// No holder of the lock can panic between two changes that belong together.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn of(&self, thread: ThreadId) -> u64 {
        self.by_thread.get(&thread).copied().unwrap_or(0)
    }

    fn grant(&mut self, thread: ThreadId, bytes: u64, whole: u64) -> bool {
        if bytes > whole.saturating_sub(self.total) {
            let is_first = self.turns.first_key_value().is_some_and(|(_, first)| *first == Some(thread));
            if !is_first {
                return false;
            }
        }
        self.total += bytes;
        *self.by_thread.entry(thread).or_default() += bytes;
        true
    }

    fn give_back(&mut self, thread: ThreadId, bytes: u64) {
        self.total -= bytes;
        let held = self.by_thread.entry(thread).or_default();
        *held -= bytes;
        if *held == 0 {
            self.by_thread.remove(&thread);
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.lock().give_back(self.thread, self.bytes);
        self.budget.0.given_back.notify_all();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.budget.lock().turns.remove(&self.number);
        self.budget.0.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn more_than_the_whole_is_refused_at_once() {
        let budget = Budget::new(100);
        assert!(budget.take(101).is_none());
        let share = budget.take(60).unwrap();
        assert!(budget.take(41).is_none(), "what the thread holds counts");
        assert!(budget.take(40).is_some());
        drop(share);
        assert!(budget.take(100).is_some());
    }

    #[test]
    fn who_holds_nothing_waits_until_enough_is_free() {
        let budget = Budget::new(100);
        let share = budget.take(60).unwrap();
        thread::scope(|scope| {
            let other = scope.spawn(|| budget.take(50).is_some());
            thread::sleep(Duration::from_millis(50));
            assert!(!other.is_finished());
            drop(share);
            assert!(other.join().unwrap());
        });
    }

    #[test]
    fn many_threads_that_take_again_and_again_all_come_to_an_end_within_twice_the_whole() {
        let budget = Budget::new(100);
        let (now, peak) = (AtomicU64::new(0), AtomicU64::new(0));
        let next = Mutex::new(0);
        let note = |bytes: u64| {
            peak.fetch_max(now.fetch_add(bytes, Ordering::SeqCst) + bytes, Ordering::SeqCst);
        };
        thread::scope(|scope| {
            for bytes in [30, 31, 32, 33, 20, 25, 10, 5] {
                let (budget, now, note, next) = (&budget, &now, &note, &next);
                scope.spawn(move || {
                    for _ in 0..200 {
                        // Pieces are taken up in their order, but may begin out of it.
                        let mut turn = {
                            let mut next = next.lock().unwrap();
                            *next += 1;
                            budget.line_up(*next)
                        };
                        thread::yield_now();
                        assert!(turn.begin());
                        let shares = [(); 3].map(|()| {
                            let share = budget.take(bytes).unwrap();
                            note(bytes);
                            thread::yield_now();
                            share
                        });
                        now.fetch_sub(3 * bytes, Ordering::SeqCst);
                        drop(shares);
                    }
                });
            }
        });
        assert!(peak.into_inner() <= 200);
        assert_eq!(budget.lock().total, 0);
    }
}
