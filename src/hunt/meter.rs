//! How far a hunt is, for whoever watches.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counters that workers move and a display reads; nothing in a report comes from here.
#[derive(Debug, Default)]
pub struct Meter {
    encoded: AtomicU64,
    decoded: AtomicU64,
    hits: AtomicU64,
    gaps: AtomicU64,
    current: Mutex<String>,
    notices: Mutex<Vec<Notice>>,
}

/// That a rule keeps a large share of the records for its sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Index of the rule in its set.
    pub rule: u32,
    /// How many records matched one of its items,
    pub kept: u64,
    /// of so many that were tried.
    pub tried: u64,
}

/// One reading of a [`Meter`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Input bytes read so far.
    pub encoded: u64,
    /// Decoded bytes scanned so far.
    pub decoded: u64,
    /// Hits so far.
    pub hits: u64,
    /// Gaps so far.
    pub gaps: u64,
    /// The source whose units are being written down.
    pub current: String,
}

impl Meter {
    /// Where the hunt is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            encoded: self.encoded.load(Ordering::Relaxed),
            decoded: self.decoded.load(Ordering::Relaxed),
            hits: self.hits.load(Ordering::Relaxed),
            gaps: self.gaps.load(Ordering::Relaxed),
            current: self.current.lock().map(|current| current.clone()).unwrap_or_default(),
        }
    }

    /// Takes what is to be said to the user by now.
    pub fn take_notices(&self) -> Vec<Notice> {
        self.notices.lock().map(|mut notices| std::mem::take(&mut *notices)).unwrap_or_default()
    }

    pub(super) fn notice(&self, notice: Notice) {
        if let Ok(mut notices) = self.notices.lock() {
            notices.push(notice);
        }
    }

    pub(super) fn read(&self, encoded: u64, decoded: u64) {
        self.encoded.fetch_add(encoded, Ordering::Relaxed);
        self.decoded.fetch_add(decoded, Ordering::Relaxed);
    }

    pub(super) fn found(&self, hits: u64, gaps: u64) {
        self.hits.fetch_add(hits, Ordering::Relaxed);
        self.gaps.fetch_add(gaps, Ordering::Relaxed);
    }

    pub(super) fn at(&self, source: String) {
        if let Ok(mut current) = self.current.lock() {
            *current = source;
        }
    }
}

/// Says that a hunt is to stop at the next chance.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
    /// Stops the hunt.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
