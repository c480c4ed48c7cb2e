//! Looks for what is right by the language and wrong all the same.

use std::ops::Range;

use super::Rule;
use crate::eql::ast::{Body, CompareOp, EventFilter, Expr, ExprKind, Literal, MatchOp, Query};
use crate::eql::{Span, Types, requirement};
use crate::prefilter::best_clause;

/// A remark about a rule's query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What is odd.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Where in the query, in bytes.
    pub span: Range<usize>,
}

/// `OriginalFileName` as Windows' own programs carry it, where its letter case is not all lower: what
/// Sysmon wrote for them in OTRF's Security-Datasets.
const ORIGINAL_FILE_NAMES: &[&str] = &[
    "AM_Delta.exe",
    "backgroundTaskHost.exe",
    "BackgroundTransferHost.exe",
    "Cmd.Exe",
    "CompatTelRunner.exe",
    "CONHOST.EXE",
    "Dumpcap.exe",
    "MpSigStub.exe",
    "PowerShell.EXE",
    "RuntimeBroker.exe",
    "SearchFilterHost.exe",
    "SearchProtocolHost.exe",
    "TiWorker.exe",
    "TrustedInstaller.exe",
    "USOCoreWorker.exe",
    "Wmiprvse.exe",
];

/// Everything odd about `query`, which is that of `rule`.
#[must_use]
pub fn lint(rule: &Rule, query: &Query, types: &Types) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if best_clause(&requirement(query, types)).is_none() {
        warnings.push(Warning {
            message: format!("`{}` has no literal that every match contains", rule.name),
            help: "every record is parsed for its sake: demand a name or a path, or hunt with it alone"
                .to_owned(),
            span: 0..rule.query.as_deref().map_or(0, |query| query.trim_end().len().min(1)),
        });
    }
    let mut pending: Vec<&Expr> = filters(query).map(|filter| &filter.condition).collect();
    while let Some(expr) = pending.pop() {
        literals(expr).for_each(|(field, literal, span)| warnings.extend(odd_literal(field, literal, span)));
        pending.extend(expr.children());
    }
    warnings.sort_by_key(|warning| warning.span.start);
    warnings
}

fn filters(query: &Query) -> impl Iterator<Item = &EventFilter> {
    let filters: Vec<&EventFilter> = match &query.body {
        Body::Event(filter) => vec![filter],
        Body::Sequence(sequence) => {
            let items = sequence.items.iter().map(|item| &item.filter);
            items.chain(&sequence.until).map(|item| &item.event.node).collect()
        }
        Body::Sample(sample) => sample.filters.iter().map(|filter| &filter.event.node).collect(),
    };
    filters.into_iter()
}

/// The texts that a field is compared with, case and all, in `expr` itself.
fn literals(expr: &Expr) -> impl Iterator<Item = (&str, &str, Span)> {
    let (subject, values): (Option<&Expr>, Vec<(&Literal, Span)>) = match &expr.node {
        ExprKind::Compare { op: CompareOp::Equal, left, right } => match &right.node {
            ExprKind::Literal(literal) => (Some(left), vec![(literal, right.span)]),
            _ => (None, Vec::new()),
        },
        ExprKind::Match { op: MatchOp::In, subject, values } => {
            (Some(subject), values.iter().map(|value| (&value.node, value.span)).collect())
        }
        _ => (None, Vec::new()),
    };
    let field = subject.and_then(|subject| match &subject.node {
        ExprKind::Field(field) => Some(field.path.as_str()),
        _ => None,
    });
    values.into_iter().filter_map(move |(literal, span)| match (field, literal) {
        (Some(field), Literal::Text(text)) => Some((field, text.as_str(), span)),
        _ => None,
    })
}

fn odd_literal(field: &str, literal: &str, span: Span) -> Option<Warning> {
    if field.ends_with("pe.original_file_name") {
        let real = ORIGINAL_FILE_NAMES
            .iter()
            .find(|name| name.eq_ignore_ascii_case(literal) && **name != literal)?;
        return Some(Warning {
            message: format!(
                "\"{literal}\" never matches: the program's own name is \"{real}\", and `==` and `in` mind the case"
            ),
            help: format!("write \"{real}\", or compare with `:` or `in~`"),
            span: span.range(),
        });
    }
    literal.contains('*').then(|| Warning {
        message: format!("\"{literal}\" holds a `*`, which `==` and `in` take as an ordinary character"),
        help: "compare with `:` or `like` if it is meant as a wildcard".to_owned(),
        span: span.range(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let rule = Rule::from_query(text);
        let query = crate::eql::parse(text).unwrap();
        lint(&rule, &query, &Types::Ecs).into_iter().map(|warning| warning.message).collect()
    }

    #[test]
    fn literals_that_never_match_and_rules_that_open_the_prefilter_are_told() {
        let of = |query| messages(query).join("; ");
        assert!(
            of(r#"any where ?process.pe.original_file_name in ("cmd.exe", "pwsh.dll")"#).contains("Cmd.Exe")
        );
        assert!(of(r#"any where process.name == "a*b.exe""#).contains("ordinary character"));
        assert!(of("process where process.pid == 4").contains("no literal"));
        assert_eq!(
            messages(r#"any where process.name : "a*b.exe" and process.pe.original_file_name == "Cmd.Exe""#),
            [""; 0]
        );
    }
}
