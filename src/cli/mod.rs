//! The command line: the only room that knows clap, the terminal and indicatif.

mod bench;
mod exit;
mod hunt;
mod message;
mod progress;
mod report;
mod rules;
mod selection;
mod signals;
mod size;
pub mod synth;
mod task;
mod verify;

use clap::{Parser, Subcommand};

pub use exit::Exit;
pub use hunt::Args as HuntArgs;

/// Hunts through cold evidence: Elastic EQL rules over folders of compressed logs, offline.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Bench(bench::Args),
    Hunt(HuntArgs),
    Rules(rules::Args),
    Synth(synth::Args),
    Verify(verify::Args),
}

/// Does what was asked.
#[must_use]
pub fn run(cli: Cli) -> Exit {
    signals::outlive_file_limit();
    match cli.command {
        Command::Bench(args) => bench::run(&args),
        Command::Hunt(args) => hunt::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Synth(args) => match synth::run(&args) {
            Ok(summary) => {
                summary.to_string().lines().for_each(message::say);
                Exit::Complete
            }
            Err(error @ synth::Error::Synth(_)) => message::fail(Exit::OutputFailed, &error.to_string()),
            Err(error) => message::fail(Exit::Usage, &error.to_string()),
        },
    }
}
