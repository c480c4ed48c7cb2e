//! `coldtrail rules check`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Parser;

use super::super::report::Colouring;
use super::super::{message, selection};
use super::{Exit, kind};
use crate::eql::{self, Types};
use crate::event::FieldSet;
use crate::hunt::BadQuery;
use crate::rule::{Gravity, RuleSet, Warning, lint};

/// Read and compile rule files; each error and each oddity is shown on the file's own lines.
///
/// Exit code 0 if all rules are sound, 2 if one is not. Warnings change nothing.
#[derive(Debug, Parser)]
pub(super) struct Args {
    /// Rule files, and folders of them.
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,

    /// Show errors only.
    #[arg(long)]
    no_warnings: bool,
}

/// What the check counted.
#[derive(Default)]
struct Counts {
    sound: usize,
    wrong: usize,
    not_run: usize,
    warnings: usize,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let colour = Colouring::detect().stderr;
    let (set, errors) = RuleSet::load(&args.paths);
    errors.iter().for_each(|error| message::show(&error.draw(colour)));
    let mut counts = Counts { wrong: errors.len(), ..Counts::default() };
    for rule in 0..set.rules.len() {
        check(&set, rule, args, colour, &mut counts);
    }
    let Counts { sound, wrong, not_run, warnings } = counts;
    writeln!(
        out,
        "{sound} rules are sound, {wrong} are wrong, {not_run} are not EQL and do not run; {warnings} warnings"
    )?;
    Ok(if wrong == 0 { Exit::Complete } else { Exit::Usage })
}

fn check(set: &RuleSet, index: usize, args: &Args, colour: bool, counts: &mut Counts) {
    let rule = &set.rules[index];
    let Some(text) = rule.eql() else {
        counts.not_run += 1;
        if !args.no_warnings {
            let (origin, kind) = (&rule.source.origin, kind(rule, None));
            message::say(&format!("{origin}: not run: a rule of type {kind}, not eql"));
        }
        return;
    };
    let compiled = eql::parse(text).and_then(|query| {
        eql::compile(&query, &eql::Options::default(), &mut FieldSet::new()).map(|_| query)
    });
    match compiled {
        Err(diagnostics) => {
            counts.wrong += 1;
            selection::draw(set, &BadQuery { rule: index, diagnostics }, colour);
        }
        Ok(query) => {
            counts.sound += 1;
            let warnings = lint(rule, &query, &Types::Ecs);
            counts.warnings += warnings.len();
            if !args.no_warnings {
                warnings.into_iter().for_each(|Warning { message, help, span }| {
                    message::show(&rule.excerpt(span).draw(Gravity::Warning, &message, &help, colour));
                });
            }
        }
    }
}
