//! How and when a hunt ran.

use std::path::PathBuf;
use std::time::Duration;

use crate::event::Timestamp;
use crate::order::Order;

/// A rule that was loaded and did not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRun {
    /// Index into the rule set.
    pub rule: u32,
    /// Why, in words: its language, or what its query asks for and this program lacks.
    pub reason: String,
}

/// What is true of one run and not of the evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// This program's version.
    pub version: String,
    /// SHA-256 of the program file; `None` where it cannot be read, or no case folder tells it.
    pub executable_sha256: Option<String>,
    /// The name of the machine.
    pub host: Option<String>,
    /// What was asked.
    pub order: Order,
    /// The folder that relative paths count from.
    pub working_directory: Option<PathBuf>,
    /// The arguments as typed, the program's name first.
    pub command_line: Vec<String>,
    /// When the hunt began.
    pub started: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// On how many threads.
    pub threads: usize,
    /// Name and version of each decoder library.
    pub decoders: Vec<(String, String)>,
    /// Rules that were loaded and did not run.
    pub not_run: Vec<NotRun>,
}
