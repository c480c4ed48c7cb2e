//! `coldtrail rules list`.

use std::io::{self, Write};

use clap::Parser;

use super::super::report::Colouring;
use super::super::selection::Selection;
use super::{Exit, Strength, kind};
use crate::eql;
use crate::escape::escape;

/// List rules: id, severity, kind, what the prefilter can do, name.
#[derive(Debug, Parser)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let Some(loaded) = args.selection.load(Colouring::detect().stderr) else { return Ok(Exit::Usage) };
    let row = |out: &mut dyn Write, cells: [&str; 5]| {
        let [id, severity, kind, prefilter, name] = cells;
        writeln!(out, "{id:<36}  {severity:<12}  {kind:<10}  {prefilter:<9}  {name}")
    };
    row(out, ["ID", "SEVERITY", "KIND", "PREFILTER", "NAME"])?;
    for rule in &loaded.set.rules {
        let query = rule.eql().map(eql::parse);
        let parsed = query.as_ref().and_then(|query| query.as_ref().ok());
        let prefilter = match &query {
            None => "not run",
            Some(Err(_)) => "bad query",
            Some(Ok(query)) => Strength::of(query, &loaded.options.types).word(),
        };
        let severity = format!("{} {}", rule.severity.name(), rule.risk_score);
        row(
            out,
            [&escape(&rule.rule_id), &severity, &escape(&kind(rule, parsed)), prefilter, &escape(&rule.name)],
        )?;
    }
    Ok(Exit::Complete)
}
