//! Exit codes.

use std::process::ExitCode;

/// How a run ended; the number is the exit code. Scripts rely on these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every input byte was scanned.
    Complete = 0,
    /// There are hits, and `--fail-on-hit` was given.
    Hits = 1,
    /// An option, a rule or an output path is wrong; nothing was read or written.
    Usage = 2,
    /// The hunt ended, but something could not be read: see the gaps.
    Gaps = 3,
    /// A report could not be written.
    OutputFailed = 4,
    /// The hunt was interrupted; what was found until then has been written.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
