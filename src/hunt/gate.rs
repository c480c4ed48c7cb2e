//! Bounds what waits to be folded.
//!
//! Parts are folded in the plan's order, so those of a unit wait until all units before it are done: a stream
//! full of hits, or one endless record, would fill memory meanwhile. Each unit may have so many bytes waiting;
//! then its worker waits until some were folded. The unit at the front is always being worked at, since units
//! are started in order, and its parts are folded as they come; so it never waits for ever, and all others come
//! to the front.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::record::{Edges, Fragment};
use crate::timeline::Member;

use super::unit::Part;

/// What of one unit waits.
#[derive(Debug, Default)]
pub(super) struct Gate {
    waiting: Mutex<usize>,
    folded: Condvar,
}

impl Gate {
    /// Lets `weight` bytes in; waits while `most` or more wait already.
    pub(super) fn enter(&self, weight: usize, most: usize) {
        let mut waiting = lock(&self.waiting);
        while is_full(*waiting, most) {
            waiting = self.folded.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        *waiting += weight;
    }

    /// Whether more must wait, with this bound.
    pub(super) fn is_full(&self, most: usize) -> bool {
        is_full(*lock(&self.waiting), most)
    }

    /// So many bytes were folded.
    pub(super) fn leave(&self, weight: usize) {
        *lock(&self.waiting) -= weight;
        self.folded.notify_one();
    }
}

fn is_full(waiting: usize, most: usize) -> bool {
    waiting > 0 && waiting >= most
}

/// No holder of these locks can panic between two changes that belong together.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// About how many bytes a part takes in memory.
pub(super) fn weight(part: &Part) -> usize {
    const ITEM: usize = 256;
    let Part::Scanned { edges, found } = part else { return ITEM };
    let of = |fragment: &Fragment| fragment.bytes.len();
    let edges = match edges {
        None => 0,
        Some(Edges::Inner(fragment)) => of(fragment),
        Some(Edges::Split(head, tail)) => of(head) + of(tail),
    };
    let hits = found.hits.iter().flat_map(|hit| &hit.members).map(Member::weight);
    let sightings = found.sightings.iter().map(|sighting| sighting.witness.weight());
    let held: usize = hits.chain(sightings).map(|weight| weight + ITEM).sum();
    ITEM * (1 + found.bad.len() + found.gaps.len()) + edges + held
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_full_gate_opens_when_parts_are_folded() {
        let gate = Gate::default();
        gate.enter(200, 100);
        thread::scope(|scope| {
            let worker = scope.spawn(|| gate.enter(1, 100));
            thread::sleep(Duration::from_millis(50));
            assert!(!worker.is_finished());
            gate.leave(150);
        });
        assert_eq!(*lock(&gate.waiting), 51);
    }
}
