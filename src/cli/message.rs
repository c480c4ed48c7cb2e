//! Messages to whoever runs the program; they go to standard error.

use std::io::{self, Write};

use super::Exit;
use crate::escape::escape;

/// Says something on one line, with what it may quote made harmless: a file's name must not begin a line of its own.
/// That nobody listens is no reason to stop.
pub(super) fn say(text: &str) {
    drop(writeln!(io::stderr(), "{}", escape(text.trim_end())));
}

/// Says what is wrong, and how the run ends for it.
pub(super) fn fail(exit: Exit, text: &str) -> Exit {
    say(&format!("coldtrail: {text}"));
    exit
}

/// Says why standard output is not whole. Nothing, if whoever reads it had enough (`| head`): the exit code alone tells.
pub(super) fn fail_stdout(error: &io::Error) -> Exit {
    if error.kind() != io::ErrorKind::BrokenPipe {
        say(&format!("coldtrail: standard output: {error}"));
    }
    Exit::OutputFailed
}

/// Shows a drawing, whose colours are ours and whose quotes were made harmless when it was drawn.
pub(super) fn show(drawing: &str) {
    drop(io::stderr().write_all(drawing.as_bytes()));
}
