//! Messages to whoever runs the program; they go to standard error.

use std::io::{self, Write};

use super::Exit;
use crate::escape::escape;

/// Says something, with what it may quote made harmless. That nobody listens is no reason to stop.
pub(super) fn say(text: &str) {
    for line in text.lines() {
        drop(writeln!(io::stderr(), "{}", escape(line)));
    }
}

/// Says what is wrong, and how the run ends for it.
pub(super) fn fail(exit: Exit, text: &str) -> Exit {
    say(&format!("coldtrail: {text}"));
    exit
}

/// Shows a drawing, whose colours are ours and whose quotes were made harmless when it was drawn.
pub(super) fn show(drawing: &str) {
    drop(io::stderr().write_all(drawing.as_bytes()));
}
