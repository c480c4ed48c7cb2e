//! `coldtrail rules explain`.

use std::io::{self, Write};

use clap::Parser;

use super::super::report::Colouring;
use super::super::selection::Selection;
use super::{Exit, Strength, kind, message};
use crate::eql::{self, Options};
use crate::escape::escape;
use crate::event::FieldSet;
use crate::rule::{Reference, Rule, Threat, lint};

/// Explain a rule: its query as it is understood, what the prefilter looks for, its fields, its ATT&CK
/// mapping.
#[derive(Debug, Parser)]
pub(super) struct Args {
    /// The rule's id, or part of its name in any letter case.
    rule: String,

    #[command(flatten)]
    selection: Selection,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let Some(loaded) = args.selection.load(Colouring::detect().stderr) else { return Ok(Exit::Usage) };
    let named = args.rule.to_lowercase();
    let is_meant = |rule: &&Rule| rule.rule_id == args.rule || rule.name.to_lowercase().contains(&named);
    let Some(rule) = loaded.set.rules.iter().find(is_meant) else {
        let wrong = format!("no rule has the id or name {}; `coldtrail rules list` shows all", args.rule);
        return Ok(message::fail(Exit::Usage, &wrong));
    };
    explain(rule, &loaded.options, out)?;
    Ok(Exit::Complete)
}

fn explain(rule: &Rule, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let query = rule.eql().and_then(|text| eql::parse(text).ok());
    writeln!(out, "{}", escape(&rule.name))?;
    let mut entry = |name: &str, text: &str| {
        let mut lines = text.lines();
        writeln!(out, "  {name:<12}{}", escape(lines.next().unwrap_or_default()))?;
        lines.try_for_each(|line| writeln!(out, "  {:<12}{}", "", escape(line)))
    };
    entry("id", &rule.rule_id)?;
    entry("severity", &format!("{}, risk score {}", rule.severity.name(), rule.risk_score))?;
    entry("kind", &kind(rule, query.as_ref()))?;
    entry("from", &rule.source.origin.to_string())?;
    if let Some(description) = &rule.description {
        entry("meaning", description.trim())?;
    }
    entry("indices", &rule.index.join("\n"))?;
    entry("ATT&CK", &rule.threat.iter().map(technique_ids).collect::<Vec<_>>().join("\n"))?;
    let Some(query) = query else { return entry("query", "is not EQL, and is not run here") };
    entry("query", &query.to_string())?;
    entry("fields", &fields(&query, options))?;
    let strength = Strength::of(&query, &options.types);
    let needles: Vec<_> =
        strength.needles.iter().map(|needle| String::from_utf8_lossy(needle.bytes())).collect();
    entry("prefilter", &format!("{} ({:.4} % of records, about)", strength.word(), 100.0 * strength.share))?;
    entry("looks for", &needles.join("\n"))?;
    for warning in lint(rule, &query, &options.types) {
        entry("warning", &format!("{}: {}", warning.message, warning.help))?;
    }
    Ok(())
}

/// `TA0002 Execution: T1059 Command and Scripting Interpreter, T1059.001 PowerShell`
fn technique_ids(threat: &Threat) -> String {
    let named = |reference: &Reference| format!("{} {}", reference.id, reference.name);
    let techniques = threat.techniques.iter().flat_map(|technique| {
        std::iter::once(named(&technique.technique)).chain(technique.subtechniques.iter().map(named))
    });
    format!("{}: {}", named(&threat.tactic), techniques.collect::<Vec<_>>().join(", "))
}

/// The fields that the query reads, one a line.
fn fields(query: &eql::Query, options: &Options) -> String {
    let mut fields = FieldSet::new();
    match eql::compile(query, options, &mut fields) {
        Ok(_) => fields.names().collect::<Vec<_>>().join("\n"),
        Err(_) => "the query does not compile: see `coldtrail rules check`".to_owned(),
    }
}
