//! The rules of one hunt.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Origin, Problem, Rule, RuleError, Severity, bundled, read};

/// Which rules of a set are wanted. Every list that is not empty must be met.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    /// One of these ids.
    pub ids: Vec<String>,
    /// At least this bad.
    pub severity: Option<Severity>,
    /// One of these tags, in any ASCII case.
    pub tags: Vec<String>,
    /// An index pattern that contains one of these texts.
    pub indices: Vec<String>,
}

impl Criteria {
    fn meets(&self, rule: &Rule) -> bool {
        let any =
            |wanted: &[String], met: &dyn Fn(&String) -> bool| wanted.is_empty() || wanted.iter().any(met);
        any(&self.ids, &|id| *id == rule.rule_id)
            && self.severity.is_none_or(|least| rule.severity >= least)
            && any(&self.tags, &|tag| rule.tags.iter().any(|has| has.eq_ignore_ascii_case(tag)))
            && any(&self.indices, &|index| rule.index.iter().any(|has| has.contains(index.as_str())))
    }
}

/// Rules in the order of their ids, so that the same rules give the same report however they were named.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleSet {
    /// The rules; [`crate::timeline::Hit::rule`] counts in here.
    pub rules: Vec<Rule>,
}

impl RuleSet {
    /// Orders rules by id; of two with one id, the first is kept and the second is an error.
    #[must_use]
    pub fn new(mut rules: Vec<Rule>) -> (Self, Vec<RuleError>) {
        rules.sort_by(|a, b| a.rule_id.cmp(&b.rule_id));
        let mut kept: Vec<Rule> = Vec::with_capacity(rules.len());
        let mut errors = Vec::new();
        for rule in rules {
            match kept.last() {
                Some(first) if first.rule_id == rule.rule_id => errors.push(duplicate(first, rule)),
                _ => kept.push(rule),
            }
        }
        (RuleSet { rules: kept }, errors)
    }

    /// The rules compiled into this program.
    #[must_use]
    pub fn bundled() -> Self {
        let rules = bundled::FILES
            .iter()
            .filter_map(|(name, text)| read::rule(Origin::Bundled(name), (*text).into()).ok())
            .collect();
        Self::new(rules).0
    }

    /// Reads rule files, and all `.toml` files in and below folders, sorted; symbolic links to folders
    /// are not followed. What can be read is read: whether errors end the hunt is the caller's choice.
    #[must_use]
    pub fn load<P: AsRef<Path>>(paths: &[P]) -> (Self, Vec<RuleError>) {
        let mut rules = Vec::new();
        let mut errors = Vec::new();
        for path in paths {
            for file in rule_files(path.as_ref(), &mut errors) {
                match read::file(&file) {
                    Ok(rule) => rules.push(rule),
                    Err(problems) => errors.extend(problems),
                }
            }
        }
        let (set, duplicates) = Self::new(rules);
        errors.extend(duplicates);
        (set, errors)
    }

    /// Keeps the rules that are wanted.
    #[must_use]
    pub fn select(mut self, criteria: &Criteria) -> Self {
        self.rules.retain(|rule| criteria.meets(rule));
        self
    }

    /// SHA-256, in lower-case hex, over what decides about hits and their rank.
    ///
    /// Hashed is `coldtrail-rules-1\n`, then for each rule in the order of ids: `rule_id`, `type`,
    /// `language`, `query`, `event_category_override`, `timestamp_field`, `tiebreaker_field`,
    /// `timestamp_override`, `severity`, `risk_score`; each as its length in bytes (decimal), `:`, the
    /// text and `\n`, or `-\n` where the rule has no such key. Prose does not count.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new_with_prefix(b"coldtrail-rules-1\n");
        for rule in &self.rules {
            for field in deciding_fields(rule) {
                match field {
                    Some(text) => hasher.update(format!("{}:{text}\n", text.len())),
                    None => hasher.update(b"-\n"),
                }
            }
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn deciding_fields(rule: &Rule) -> [Option<String>; 10] {
    [
        Some(rule.rule_id.clone()),
        Some(rule.kind.clone()),
        rule.language.clone(),
        rule.query.clone(),
        rule.event_category_override.clone(),
        rule.timestamp_field.clone(),
        rule.tiebreaker_field.clone(),
        rule.timestamp_override.clone(),
        Some(rule.severity.name().to_owned()),
        Some(rule.risk_score.to_string()),
    ]
}

fn duplicate(first: &Rule, second: Rule) -> RuleError {
    RuleError {
        origin: second.source.origin,
        span: second.source.rule_id,
        text: second.source.text,
        problem: Problem::DuplicateId { id: second.rule_id, first: first.source.origin.clone() },
    }
}

/// The path itself, or the rule files below it; folders that cannot be read are noted.
fn rule_files(path: &Path, errors: &mut Vec<RuleError>) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let noted = errors.len();
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        if let Err(error) = list(&folder, &mut folders, &mut found) {
            errors.push(at(&folder, Problem::Unreadable(error)));
        }
    }
    // A link to nothing, a FIFO, a device: left out in silence, it would shorten the set.
    for path in found.extract_if(.., |path| !path.is_file()) {
        errors.push(at(&path, Problem::NoFile));
    }
    if found.is_empty() && errors.len() == noted {
        errors.push(at(path, Problem::EmptyFolder));
    }
    found.sort();
    found
}

fn list(folder: &Path, folders: &mut Vec<PathBuf>, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            folders.push(path);
        } else if path.extension().is_some_and(|suffix| suffix == "toml") {
            files.push(path);
        }
    }
    Ok(())
}

fn at(path: &Path, problem: Problem) -> RuleError {
    RuleError { origin: Origin::File(path.to_owned()), text: "".into(), span: 0..0, problem }
}
