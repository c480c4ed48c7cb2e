//! What work costs.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

/// Seconds that something took.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Cost {
    /// By the clock on the wall.
    pub wall: f64,
    /// User and system time of all threads of this process.
    pub cpu: f64,
}

impl Cost {
    /// The least of each; of no cost at all, nothing.
    pub(super) fn least(costs: &[Self]) -> Self {
        let least = |of: fn(&Self) -> f64| costs.iter().map(of).min_by(f64::total_cmp).unwrap_or(0.0);
        Self { wall: least(|cost| cost.wall), cpu: least(|cost| cost.cpu) }
    }
}

/// Does `work` and says what it cost.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (start, before) = (Instant::now(), cpu());
    let outcome = work();
    let cpu = cpu().saturating_sub(before);
    (outcome, Cost { wall: start.elapsed().as_secs_f64(), cpu: cpu.as_secs_f64() })
}

fn cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}
