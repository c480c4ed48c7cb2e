//! The command line: the only room that knows clap and the terminal.

mod size;
pub mod synth;
