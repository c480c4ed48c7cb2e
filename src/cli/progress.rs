//! Shows on standard error how far a hunt is.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::message;
use crate::escape::escape;
use crate::hunt::{Meter, Notice, Progress};

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(200);

/// How often a line is written where no bar can be drawn.
const LINE: Duration = Duration::from_secs(10);

/// Whether to show progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Show {
    /// A bar on a terminal, else a line every 10 seconds.
    Auto,
    /// A line every 10 seconds and one at the end, also on a terminal.
    Always,
    /// Nothing.
    Never,
}

/// A display that runs until it is dropped.
#[derive(Debug)]
pub(super) struct Display {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Display {
    /// Starts to show `meter`; `total` is how many bytes there are to read, 0 if nobody knows, and `rules`
    /// are the names that notices are about.
    pub(super) fn start(show: Show, total: u64, meter: Arc<Meter>, rules: Vec<String>) -> Self {
        let bar = (show == Show::Auto && io::stderr().is_terminal()).then(|| Bar::new(total));
        let lines = show != Show::Never && bar.is_none();
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            let start = Instant::now();
            let mut said = 0;
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                say_notices(&meter, &rules, bar.as_ref());
                if let Some(bar) = &bar {
                    bar.draw(&meter.progress());
                }
                let due = start.elapsed().as_secs() / LINE.as_secs();
                if lines && due > said {
                    said = due;
                    message::say(&line(&meter.progress(), total, start.elapsed()));
                }
            }
            if let Some(bar) = &bar {
                bar.bar.finish_and_clear();
            }
            if show == Show::Always {
                message::say(&line(&meter.progress(), total, start.elapsed()));
            }
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

/// Says what is going to cost, while it can still be stopped.
fn say_notices(meter: &Meter, rules: &[String], bar: Option<&Bar>) {
    for Notice { rule, kept, tried } in meter.take_notices() {
        let name = rules.get(rule as usize).map_or("?", String::as_str);
        let text = format!(
            "coldtrail: {name}: {kept} of the first {tried} records match an item of its sequence, and all such are kept until the end, on disk if need be"
        );
        match bar {
            Some(bar) => bar.bar.suspend(|| message::say(&text)),
            None => message::say(&text),
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A display that failed must not fail the hunt.
            drop(thread.join());
        }
    }
}

struct Bar {
    bar: ProgressBar,
    start: Instant,
    total: u64,
}

impl Bar {
    fn new(total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        let template = "{bar:24} {percent:>3}%  {msg}";
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self { bar, start: Instant::now(), total }
    }

    fn draw(&self, progress: &Progress) {
        self.bar.set_position(progress.encoded);
        self.bar.set_message(line(progress, self.total, self.start.elapsed()));
    }
}

/// `1.2 GiB of 5.0 GiB, 1.84 GB/s decoded, 3 hits, 0 gaps, 12 seconds left, logs/a.zst`
fn line(progress: &Progress, total: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(1e-3);
    #[expect(clippy::cast_precision_loss, reason = "for reading only")]
    let (decoded, done, all) = (progress.decoded as f64, progress.encoded as f64, total as f64);
    let left = if done > 0.0 && all > done {
        let left = Duration::from_secs_f64((seconds * (all - done) / done).min(1e9));
        format!(", {} left", HumanDuration(left))
    } else {
        String::new()
    };
    format!(
        "{} of {}, {:.2} GB/s decoded, {} hits, {} gaps{left}, {}",
        HumanBytes(progress.encoded),
        HumanBytes(total),
        decoded / seconds / 1e9,
        progress.hits,
        progress.gaps,
        escape(&progress.current),
    )
}
