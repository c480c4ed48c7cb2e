//! Where workers leave what they find out, and when the thread that plans and folds is woken for it.
//!
//! Waking a thread and putting it to sleep again costs as much as scanning a small file. So what is left here is
//! fetched when it is worth it: when batches of work run short, when much lies here, when somebody waits for the fold,
//! or after a while.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::unit::Part;

/// What comes from a worker: the number of the unit, and a part of it; `None` when it is done.
pub(super) type Message = (u64, Option<Part>);

/// How many bytes may lie here before they are fetched. A stream that finds nothing comes to this many in a few dozen
/// chunks.
const MUCH: usize = 64 << 10;

/// How long messages may lie here: long to a processor, short to whoever watches a hunt.
const PATIENCE: Duration = Duration::from_millis(50);

/// The mailbox of one hunt.
#[derive(Debug)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    worth_it: Condvar,
    /// With so many batches or fewer, more are wanted.
    few: usize,
}

#[derive(Debug, Default)]
struct State {
    messages: Vec<Message>,
    /// About how many bytes they take.
    weight: usize,
    /// Batches that are not done.
    batches: usize,
    is_worth_it: bool,
    is_awaited: bool,
}

impl Mailbox {
    /// More work is asked for when `few` batches are left.
    pub(super) fn new(few: usize) -> Self {
        Self { state: Mutex::default(), worth_it: Condvar::new(), few }
    }

    /// A batch was handed to the workers.
    pub(super) fn add_batch(&self) {
        self.lock().batches += 1;
    }

    /// A batch is done.
    pub(super) fn end_batch(&self) {
        let mut state = self.lock();
        state.batches -= 1;
        if state.batches <= self.few {
            self.wake(state);
        }
    }

    /// Leaves a message that takes about `weight` bytes.
    pub(super) fn post(&self, message: Message, weight: usize) {
        let mut state = self.lock();
        state.messages.push(message);
        state.weight += weight;
        if state.weight >= MUCH {
            self.wake(state);
        }
    }

    /// Somebody is about to wait for the fold.
    pub(super) fn hurry(&self) {
        self.wake(self.lock());
    }

    /// Waits until it is worth it, then takes all messages; `messages` must be empty, and its memory is used again.
    pub(super) fn take(&self, messages: &mut Vec<Message>) {
        let mut state = self.lock();
        while !state.is_worth_it {
            state.is_awaited = true;
            let (woken, timeout) =
                self.worth_it.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.is_worth_it |= timeout.timed_out() && !state.messages.is_empty();
        }
        state.is_awaited = false;
        state.is_worth_it = false;
        state.weight = 0;
        std::mem::swap(&mut state.messages, messages);
    }

    fn wake(&self, mut state: MutexGuard<'_, State>) {
        state.is_worth_it = true;
        if state.is_awaited {
            drop(state);
            self.worth_it.notify_one();
        }
    }

    /// No holder of the lock can panic between two changes that belong together.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Instant;

    use super::*;

    /// How long it takes until messages are fetched after `happens`, with four batches of which two are few.
    fn fetched_after(happens: impl FnOnce(&Mailbox)) -> Duration {
        let mailbox = Mailbox::new(2);
        (0..4).for_each(|_| mailbox.add_batch());
        thread::scope(|scope| {
            let fetched = scope.spawn(|| {
                let mut messages = Vec::new();
                mailbox.take(&mut messages);
                assert!(matches!(messages[0], (7, None)));
                Instant::now()
            });
            // Nothing is fetched where nothing lies.
            thread::sleep(2 * PATIENCE);
            assert!(!fetched.is_finished());
            let start = Instant::now();
            mailbox.post((7, None), 0);
            happens(&mailbox);
            fetched.join().unwrap().duration_since(start)
        })
    }

    #[test]
    fn messages_are_fetched_when_it_is_worth_it() {
        // A machine with other work may be late, but not early.
        let soon = |happens: fn(&Mailbox)| (0..20).any(|_| fetched_after(happens) < PATIENCE / 10);
        assert!(soon(|mailbox| mailbox.post((8, None), MUCH)));
        assert!(soon(|mailbox| (0..2).for_each(|_| mailbox.end_batch())));
        assert!(soon(Mailbox::hurry));
    }

    #[test]
    fn messages_that_are_not_worth_it_are_fetched_after_a_while() {
        fetched_after(|mailbox| mailbox.post((8, None), MUCH - 1));
        fetched_after(Mailbox::end_batch);
    }
}
