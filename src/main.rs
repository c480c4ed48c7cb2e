//! The `coldtrail` command.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    coldtrail::cli::run(coldtrail::cli::Cli::parse()).into()
}
