//! What limits the machine, and what that makes of more evidence or more cores.
//!
//! The work model: a hunt takes as long as the slowest of four things that go on side by side. The disk hands over
//! the bytes as they lie; memory carries every decoded byte twice, when it is decoded and when it is scanned;
//! the cores share what one thread does alone; and the largest piece that cannot be cut takes one thread
//! its time, whatever the others do.

use serde::Serialize;

use super::{Measured, Stage};

/// What can limit a hunt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Reading the bytes as they lie.
    Disk,
    /// Moving the decoded bytes.
    Memory,
    /// Decoding and scanning.
    Cores,
    /// The largest piece that cannot be cut: a frame, a stream.
    LastUnit,
}

/// The least time that one thing takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bound {
    /// Which.
    pub limit: Limit,
    /// How long it takes over what was measured, in seconds.
    pub seconds: f64,
}

#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
impl Measured {
    /// What a stage took on so many threads, if it was measured; seconds by the clock.
    #[must_use]
    pub fn wall(&self, stage: Stage, threads: usize) -> Option<f64> {
        self.rows.iter().find(|row| row.stage == stage && row.threads == threads).map(|row| row.cost.wall)
    }

    /// CPU seconds of bare decompression on one thread: the floor.
    #[must_use]
    pub fn floor(&self) -> f64 {
        let floor = self.rows.iter().find(|row| row.stage == Stage::Decode && row.threads == 1);
        floor.map_or(0.0, |row| row.cost.cpu)
    }

    /// The bounds of a hunt on so many cores, of each kind one. Memory is taken not to be faster than it was on
    /// the most threads measured.
    #[must_use]
    pub fn bounds(&self, cores: usize) -> [Bound; 4] {
        let volume = &self.volume;
        let copied = self.memory.iter().rfind(|copying| copying.threads <= cores);
        let copied = copied.or(self.memory.first()).map_or(f64::INFINITY, |copying| copying.bytes_per_second);
        let alone = self.wall(Stage::Hunt, 1).unwrap_or(0.0);
        let decoding = self.wall(Stage::Decode, 1).unwrap_or(0.0);
        let share = volume.largest as f64 / (volume.decoded as f64).max(1.0);
        let bound = |limit, seconds| Bound { limit, seconds };
        [
            bound(Limit::Disk, self.disk.cold.wall),
            bound(Limit::Memory, volume.decoded as f64 / copied),
            bound(Limit::Cores, alone / cores as f64),
            bound(Limit::LastUnit, decoding * share),
        ]
    }

    /// The bound that holds on so many cores.
    #[must_use]
    pub fn limit(&self, cores: usize) -> Bound {
        let [first, rest @ ..] = self.bounds(cores);
        rest.into_iter().fold(first, |most, bound| if bound.seconds > most.seconds { bound } else { most })
    }

    /// The share of the hunt that more threads do not speed up, by Karp and Flatt's metric over the most threads
    /// measured; `None` with one.
    #[must_use]
    pub fn serial_share(&self) -> Option<f64> {
        let threads = self.rows.last()?.threads;
        let speedup = self.wall(Stage::Hunt, 1)? / self.wall(Stage::Hunt, threads)?;
        let whole = 1.0 / threads as f64;
        (threads > 1).then(|| ((1.0 / speedup - whole) / (1.0 - whole)).max(0.0))
    }

    /// Seconds that a hunt over `size` bytes like these takes, as they lie on disk and with nothing in the cache.
    #[must_use]
    pub fn seconds_on_disk(&self, size: u64) -> f64 {
        self.cold_hunt.wall * size as f64 / self.volume.encoded.max(1) as f64
    }

    /// The same for `size` decoded bytes.
    #[must_use]
    pub fn seconds_decoded(&self, size: u64) -> f64 {
        self.cold_hunt.wall * size as f64 / self.volume.decoded.max(1) as f64
    }
}
