//! How fast memory can be copied: more than that cannot be decoded by any number of threads.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use serde::Serialize;

/// Bytes that each thread copies at once: more than its share of any cache.
const BLOCK: usize = 32 << 20;
const ROUNDS: usize = 4;

/// What copying came to.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Copying {
    /// How many threads copied.
    pub threads: usize,
    /// Bytes copied a second, by all of them; each is read once and written once.
    pub bytes_per_second: f64,
}

/// Copies on so many threads at once.
pub(super) fn copy(threads: usize) -> Copying {
    let ready = Barrier::new(threads);
    let work = || {
        let (from, mut to) = (vec![1_u8; BLOCK], vec![2_u8; BLOCK]);
        ready.wait();
        let start = Instant::now();
        for _ in 0..ROUNDS {
            to.copy_from_slice(black_box(&from));
            black_box(&mut to);
        }
        start.elapsed().as_secs_f64()
    };
    let slowest = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).fold(f64::MIN_POSITIVE, f64::max)
    });
    #[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
    let bytes = (threads * ROUNDS * BLOCK) as f64;
    Copying { threads, bytes_per_second: bytes / slowest }
}
