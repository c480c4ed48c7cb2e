//! Runs EQL acceptance suites: folders of `*.toml` files with queries and the events they must return,
//! beside the data and the mappings they are about.
//!
//! `COLDTRAIL_SUITES` names folders of suites and `COLDTRAIL_RULES` folders of rule files, of which each
//! EQL query must compile; both are separated as `PATH` is. With neither, the suite in `cases/` is run.
//! `scripts/conformance` sets them.

#![expect(clippy::print_stdout, reason = "what fails is what this program is asked for")]

mod data;
mod folds;
mod rules;
mod run;
mod suite;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How many cases were run, and how many of them held.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    run: usize,
    held: usize,
}

impl Tally {
    /// Counts a case, and prints what is wrong with it.
    fn count(&mut self, name: &str, outcome: Result<(), String>) {
        self.run += 1;
        match outcome {
            Ok(()) => self.held += 1,
            Err(why) => println!("FAILED {name}: {why}"),
        }
    }

    fn add(&mut self, other: Tally) {
        self.run += other.run;
        self.held += other.held;
    }
}

fn folders(variable: &str) -> Vec<PathBuf> {
    std::env::var_os(variable).map(|paths| std::env::split_paths(&paths).collect()).unwrap_or_default()
}

fn main() -> ExitCode {
    let (mut suites, rules) = (folders("COLDTRAIL_SUITES"), folders("COLDTRAIL_RULES"));
    if suites.is_empty() && rules.is_empty() {
        suites.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/cases"));
    }
    let mut tally = Tally::default();
    for folder in &suites {
        tally.add(suite::run_folder(folder));
    }
    for folder in &rules {
        tally.add(rules::run_folder(folder));
    }
    println!("{} of {} cases hold", tally.held, tally.run);
    if tally.run > 0 && tally.held == tally.run { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
