//! Hands one that decodes ahead to a thread that has nothing else to do.

use std::hint;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::ahead::{Ahead, Signals};
use crate::archive::input::Shared;

/// How long the front waits for one that it has told to stop: about as long as what that one did takes the front.
/// It takes longer only if its thread was taken off its processor.
const PATIENCE: Duration = Duration::from_millis(2);

/// How often it looks before it lets other threads run.
const LOOKS: u32 = 1 << 10;

/// One that decodes ahead.
pub(super) struct Helper {
    signals: Arc<Signals>,
    place: Place,
}

enum Place {
    Here(Box<Ahead>),
    /// With a thread, or with nobody yet.
    Away(Receiver<Box<Ahead>>),
}

impl Helper {
    /// Begins behind bit `from`.
    pub(super) fn new(ahead: Ahead, from: u64) -> Self {
        Self { signals: Arc::new(Signals::new(from)), place: Place::Here(Box::new(ahead)) }
    }

    pub(super) fn signals(&self) -> &Signals {
        &self.signals
    }

    /// Has it go on when a thread other than this one has nothing to do; `None` if it was lost.
    pub(super) fn send(self, bytes: &Shared) -> Option<Self> {
        let Self { signals, place } = self;
        let mut ahead = match place {
            Place::Here(ahead) => ahead,
            Place::Away(back) => match back.try_recv() {
                Ok(ahead) => ahead,
                Err(TryRecvError::Empty) => return Some(Self { signals, place: Place::Away(back) }),
                Err(TryRecvError::Disconnected) => return None,
            },
        };
        if ahead.is_done() {
            return Some(Self { signals, place: Place::Here(ahead) });
        }
        let (sender, back) = channel();
        let (bytes, heard, home) = (bytes.clone(), Arc::clone(&signals), rayon::current_thread_index());
        rayon::spawn(move || {
            if rayon::current_thread_index() == home {
                // The front has time itself.
                drop(sender.send(ahead));
                return;
            }
            let advance = AssertUnwindSafe(|| ahead.advance(bytes.bytes(), &heard));
            if catch_unwind(advance).is_ok() {
                // Nobody waits for what came too late.
                drop(sender.send(ahead));
            }
        });
        Some(Self { signals, place: Place::Away(back) })
    }

    /// Has it stop and come back; `None` if that takes too long.
    pub(super) fn recall(self) -> Option<Ahead> {
        self.signals.stop();
        match self.place {
            Place::Here(ahead) => Some(*ahead),
            Place::Away(back) => wait(&back).map(|ahead| *ahead),
        }
    }
}

fn wait(back: &Receiver<Box<Ahead>>) -> Option<Box<Ahead>> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        for _ in 0..LOOKS {
            match back.try_recv() {
                Ok(ahead) => return Some(ahead),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => hint::spin_loop(),
            }
        }
        thread::yield_now();
    }
    None
}
