//! Looks for what is right by the language and wrong all the same.

mod ecs;
mod provided;

use std::collections::HashSet;
use std::ops::Range;

use super::Rule;
use crate::eql::ast::{
    Body, CompareOp, EventFilter, Expr, ExprKind, Field, KeyedFilter, Literal, MatchOp, Query,
};
use crate::eql::functions::edit_distance;
use crate::eql::{Span, Spanned, Types, requirement};
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
    let expressions = expressions(query);
    for expr in &expressions {
        literals(expr).for_each(|(field, literal, span)| warnings.extend(odd_literal(field, literal, span)));
    }
    if matches!(types, Types::Ecs) {
        let read = expressions.iter().filter_map(|expr| match &expr.node {
            ExprKind::Field(field) => Some((field, expr.span)),
            _ => None,
        });
        warnings.extend(unprovided(rule, read.chain(keys(query)).collect()));
    }
    warnings.sort_by_key(|warning| warning.span.start);
    warnings
}

/// All expressions of all conditions.
fn expressions(query: &Query) -> Vec<&Expr> {
    let mut found: Vec<&Expr> = filters(query).map(|filter| &filter.condition).collect();
    let mut next = 0;
    while let Some(expr) = found.get(next).copied() {
        found.extend(expr.children());
        next += 1;
    }
    found
}

/// The join keys of a sequence or sample.
fn keys(query: &Query) -> impl Iterator<Item = (&Field, Span)> {
    let (common, own): (&[Spanned<Field>], Vec<&KeyedFilter>) = match &query.body {
        Body::Event(_) => (&[], Vec::new()),
        Body::Sequence(sequence) => {
            let items = sequence.items.iter().map(|item| &item.filter);
            (&sequence.by, items.chain(&sequence.until).collect())
        }
        Body::Sample(sample) => (&sample.by, sample.filters.iter().collect()),
    };
    let keys = common.iter().chain(own.into_iter().flat_map(|filter| &filter.by));
    keys.map(|key| (&key.node, key.span))
}

/// The fields that no source provides, each where it stands first.
fn unprovided(rule: &Rule, mut read: Vec<(&Field, Span)>) -> Vec<Warning> {
    read.sort_by_key(|(_, span)| span.start);
    let mut seen = HashSet::new();
    read.retain(|(field, _)| seen.insert(field.path.as_str()));
    let warnings = read.into_iter().filter_map(|(Field { path, .. }, span)| {
        Some(Warning {
            message: format!("`{path}` is a field of no source: neither ECS nor a vendor's own"),
            help: provided::remedy(path, &rule.index)?,
            span: span.range(),
        })
    });
    warnings.collect()
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

/// The name that is spelled most like `wrong`, if any is near.
fn nearest<N: AsRef<str>>(wrong: &str, names: impl Iterator<Item = N>) -> Option<N> {
    let wrong = wrong.to_ascii_lowercase();
    let limit = |name: &str| name.len().div_ceil(3);
    let near = names.filter_map(|name| {
        let folded = name.as_ref().to_ascii_lowercase();
        // Lengths alone rule out most, and all for a name as long as a rule file may hold.
        if folded.len().abs_diff(wrong.len()) > limit(&folded) {
            return None;
        }
        let distance = edit_distance(&folded, &wrong);
        (distance <= limit(&folded)).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
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

    #[test]
    fn a_field_of_no_source_is_told_once_and_where_it_stands_first() {
        let text = "sequence by proces.pid [any where proces.pid > 4 and host.name == \"host\"] \
                    [any where ?user.nam : \"name\" or event.cod == \"1\"]";
        let query = crate::eql::parse(text).unwrap();
        let warnings = lint(&Rule::from_query(text), &query, &Types::Ecs);
        let places = warnings.iter().filter(|warning| warning.message.contains("no source"));
        let places: Vec<&str> = places.map(|warning| &text[warning.span.clone()]).collect();
        assert_eq!(places, ["proces.pid", "?user.nam", "event.cod"]);
    }
}
