//! `coldtrail rules`: looks at rules without hunting.

mod check;
mod explain;
mod list;

use std::io::{self, Write};

use clap::{Parser, Subcommand};

use super::{Exit, message};
use crate::eql::{self, Query, Types};
use crate::prefilter::{Needle, best_clause};
use crate::rule::Rule;

/// List, check and explain rules.
#[derive(Debug, Parser)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Check(check::Args),
    Explain(explain::Args),
}

/// Does what was asked of rules.
#[must_use]
pub(super) fn run(args: &Args) -> Exit {
    let mut out = io::stdout().lock();
    let outcome = match &args.command {
        Command::List(args) => list::run(args, &mut out),
        Command::Check(args) => check::run(args, &mut out),
        Command::Explain(args) => explain::run(args, &mut out),
    };
    let flushed = outcome.and_then(|exit| out.flush().map(|()| exit));
    flushed.unwrap_or_else(|error| message::fail_stdout(&error))
}

/// What the prefilter can do for a rule.
struct Strength {
    /// The needles of which a match holds at least one; none if every record must be parsed.
    needles: Vec<Needle>,
    /// The share of records that hold one, about.
    share: f64,
}

impl Strength {
    fn of(query: &Query, types: &Types) -> Self {
        match best_clause(&eql::requirement(query, types)) {
            None => Self { needles: Vec::new(), share: 1.0 },
            Some(needles) => {
                let share = needles.iter().map(Needle::share).sum::<f64>().min(1.0);
                Self { needles, share }
            }
        }
    }

    /// In one word.
    fn word(&self) -> &'static str {
        match self.share {
            _ if self.needles.is_empty() => "none",
            share if share < 0.001 => "strong",
            share if share < 0.1 => "fair",
            _ => "weak",
        }
    }
}

/// `event`, `sequence` or `sample`, and for rules that do not run here their type.
fn kind(rule: &Rule, query: Option<&Query>) -> String {
    match query.map(|query| &query.body) {
        Some(eql::ast::Body::Event(_)) => "event".to_owned(),
        Some(eql::ast::Body::Sequence(_)) => "sequence".to_owned(),
        Some(eql::ast::Body::Sample(_)) => "sample".to_owned(),
        None => rule.kind.clone(),
    }
}
