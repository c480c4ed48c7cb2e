//! Runs something beside something else, if a thread has nothing to do.

use std::hint;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// How often a thread looks whether the other is done before it lets others run.
const LOOKS: u32 = 1 << 10;

/// Does `first`, and beside it `second` if another thread of the pool has nothing to do. `second` is told to stop when
/// `first` is done, and must soon do so.
pub(super) fn beside<R: Send>(first: impl FnOnce() -> R + Send, second: impl FnOnce(&AtomicBool) + Send) -> R {
    let (stop, begun, ended) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
    let (outcome, ()) = rayon::join(
        || {
            let outcome = {
                let _stop = Raise(&stop);
                first()
            };
            // A thread that waits for a task takes up others meanwhile, which may be long.
            let mut looks = 0;
            while begun.load(Ordering::SeqCst) && !ended.load(Ordering::SeqCst) {
                hint::spin_loop();
                looks += 1;
                if looks % LOOKS == 0 {
                    thread::yield_now();
                }
            }
            outcome
        },
        || {
            let _ended = Raise(&ended);
            begun.store(true, Ordering::SeqCst);
            if !stop.load(Ordering::SeqCst) {
                second(&stop);
            }
        },
    );
    outcome
}

/// Sets a flag when it is dropped, be it by a panic.
struct Raise<'f>(&'f AtomicBool);

impl Drop for Raise<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
