//! One rule file's text to one [`Rule`].

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::de::DeTable;

use super::fields::{Faults, Fields, wrong_type};
use super::{Origin, Problem, Reference, Rule, RuleError, Severity, Source, Technique, Threat};

/// The longest rule file that is read, in bytes.
pub const MAX_FILE: usize = 10 << 20;

/// The keys of `[rule]` that have a field in [`Rule`].
const KNOWN: [&str; 21] = [
    "rule_id",
    "name",
    "description",
    "severity",
    "risk_score",
    "language",
    "type",
    "query",
    "index",
    "tags",
    "references",
    "author",
    "license",
    "false_positives",
    "note",
    "setup",
    "threat",
    "timestamp_override",
    "event_category_override",
    "timestamp_field",
    "tiebreaker_field",
];

/// How many problems of one file are told.
const MOST_TOLD: usize = 20;

/// Reads a file. Its problems are told at once, if they are not too many.
pub(super) fn file(path: &Path) -> Result<Rule, Vec<RuleError>> {
    let origin = Origin::File(path.to_owned());
    match file_text(path) {
        Ok(text) => rule(origin, text.into()),
        Err(problem) => Err(vec![RuleError { origin, text: "".into(), span: 0..0, problem }]),
    }
}

/// Reads no more than the bound, whatever the path turns out to be.
fn file_text(path: &Path) -> Result<String, Problem> {
    let read = |path: &Path| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read(path).map_err(Problem::Unreadable)?;
    if bytes.len() > MAX_FILE {
        return Err(Problem::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| Problem::NotUtf8)
}

/// Reads a rule out of a file's text.
///
/// The toml crate refuses tables and arrays nested more than 80 deep, so nothing here recurses further.
pub(super) fn rule(origin: Origin, text: Arc<str>) -> Result<Rule, Vec<RuleError>> {
    let mut faults = Faults::new();
    let rule = parse(&origin, &text, &mut faults);
    match rule {
        Some(rule) if faults.is_empty() => Ok(rule),
        _ => Err(faults
            .into_iter()
            .take(MOST_TOLD)
            .map(|(span, problem)| RuleError {
                origin: origin.clone(),
                text: text.clone(),
                span: span.start.min(text.len())..span.end.min(text.len()),
                problem,
            })
            .collect()),
    }
}

fn parse(origin: &Origin, text: &Arc<str>, faults: &mut Faults) -> Option<Rule> {
    let syntax = |error: toml::de::Error| {
        (error.span().unwrap_or(0..0), Problem::Syntax(error.message().replace('\n', ", ")))
    };
    let tree = DeTable::parse(text).map_err(|error| faults.push(syntax(error))).ok()?;
    let mut owned: toml::Table = text.parse().map_err(|error| faults.push(syntax(error))).ok()?;
    let file = Fields { name: "the file", table: tree.get_ref(), span: 0..0 };
    let table = file.table("rule", faults);
    let fields = file.required("rule", table, faults)?;
    let metadata = file.table("metadata", faults);
    let maturity = metadata.and_then(|metadata| metadata.text("maturity", faults));
    let source = Source {
        origin: origin.clone(),
        text: text.clone(),
        rule_id: fields.span_of("rule_id"),
        query: query_span(&fields, text),
    };
    let rule = read_fields(&fields, maturity, source, faults)?;
    Some(Rule { metadata: take(&mut owned, "metadata"), other: unknown(take(&mut owned, "rule")), ..rule })
}

fn take(from: &mut toml::Table, key: &str) -> toml::Table {
    match from.remove(key) {
        Some(toml::Value::Table(table)) => table,
        _ => toml::Table::new(),
    }
}

fn unknown(mut rule: toml::Table) -> toml::Table {
    rule.retain(|key, _| !KNOWN.contains(&key));
    rule
}

fn read_fields(
    fields: &Fields<'_>,
    maturity: Option<String>,
    source: Source,
    faults: &mut Faults,
) -> Option<Rule> {
    let rule_id = fields.required_text("rule_id", faults);
    let name = fields.required_text("name", faults);
    let kind = fields.required_text("type", faults);
    let query = match kind.as_deref() {
        Some("eql") => fields.required_text("query", faults),
        _ => fields.text("query", faults),
    };
    let severity = severity(fields, faults);
    let risk_score = risk_score(fields, faults);
    let mut text = |key| fields.text(key, faults);
    let description = text("description");
    let language = text("language");
    let (license, note, setup) = (text("license"), text("note"), text("setup"));
    let (timestamp_override, timestamp_field) = (text("timestamp_override"), text("timestamp_field"));
    let event_category_override = text("event_category_override");
    let tiebreaker_field = text("tiebreaker_field");
    let mut texts = |key| fields.texts(key, faults);
    let (index, tags, references) = (texts("index"), texts("tags"), texts("references"));
    let (author, false_positives) = (texts("author"), texts("false_positives"));
    let threat = fields.tables("threat", faults).iter().map(|fields| threat(fields, faults)).collect();
    Some(Rule {
        rule_id: rule_id?,
        name: name?,
        description,
        severity: severity?,
        risk_score: risk_score?,
        language,
        kind: kind?,
        query,
        index,
        tags,
        references,
        author,
        license,
        false_positives,
        note,
        setup,
        threat,
        timestamp_override,
        event_category_override,
        timestamp_field,
        tiebreaker_field,
        maturity,
        metadata: toml::Table::new(),
        other: toml::Table::new(),
        source,
    })
}

fn severity(fields: &Fields<'_>, faults: &mut Faults) -> Option<Severity> {
    let word = fields.required_text("severity", faults)?;
    let severity = Severity::ALL.into_iter().find(|severity| severity.name() == word);
    if severity.is_none() {
        faults.push((fields.span_of("severity"), Problem::UnknownSeverity(word)));
    }
    severity
}

fn risk_score(fields: &Fields<'_>, faults: &mut Faults) -> Option<u8> {
    let value = fields.required("risk_score", fields.get("risk_score"), faults)?;
    let Some(integer) = value.get_ref().as_integer() else {
        return wrong_type("risk_score", "a whole number", value, faults);
    };
    let score = u8::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|score| *score <= 100);
    if score.is_none() {
        faults.push((value.span(), Problem::RiskOutOfRange(integer.as_str().to_owned())));
    }
    score
}

fn threat(fields: &Fields<'_>, faults: &mut Faults) -> Threat {
    let tactic = fields.table("tactic", faults);
    Threat {
        framework: fields.text("framework", faults).unwrap_or_else(|| "MITRE ATT&CK".to_owned()),
        tactic: tactic.map(|tactic| reference(&tactic, faults)).unwrap_or_default(),
        techniques: fields.tables("technique", faults).iter().map(|at| technique(at, faults)).collect(),
    }
}

fn technique(fields: &Fields<'_>, faults: &mut Faults) -> Technique {
    let subtechniques = fields.tables("subtechnique", faults);
    Technique {
        technique: reference(fields, faults),
        subtechniques: subtechniques.iter().map(|at| reference(at, faults)).collect(),
    }
}

fn reference(fields: &Fields<'_>, faults: &mut Faults) -> Reference {
    let mut required = |key| fields.required_text(key, faults).unwrap_or_default();
    let (id, name) = (required("id"), required("name"));
    Reference { id, name, reference: fields.text("reference", faults) }
}

/// Where the query's own text stands, if the file spells it letter by letter.
fn query_span(fields: &Fields<'_>, text: &str) -> Option<Range<usize>> {
    let value = fields.get("query")?;
    let query = value.get_ref().as_str()?;
    let literal = text.get(value.span())?;
    let start = value.span().start + literal.find(query)?;
    Some(start..start + query.len())
}
