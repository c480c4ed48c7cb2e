//! What a hunt was asked to do, whole: evidence, rules as text, how fields are read.
//!
//! An order stands in the manifest of a case folder, so that the hunt can be done again when the rule files
//! have long been changed or are elsewhere: by `coldtrail verify`, and by `coldtrail hunt --resume`.

mod path;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::eql::{self, Mapping, MappingError, Types};
use crate::event::Documents;
use crate::rule::{Origin, Rule, RuleError, RuleSet};

pub use path::AnyPath;

/// What a hunt was asked to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Files and folders as they were named.
    pub evidence: Vec<AnyPath>,
    /// The rules that were chosen, those of other languages among them.
    pub rules: Vec<RuleText>,
    /// Messages about rules that could not be loaded and were left out.
    pub rejected: Vec<String>,
    /// How fields are read.
    pub reading: Reading,
    /// Whether ECS documents are derived anew (`--renormalise`).
    pub renormalise: bool,
}

/// A rule as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleText {
    /// Where from.
    pub origin: Source,
    /// A rule file's text; of `--query` the query.
    pub text: String,
}

/// Where a rule's text came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// This program.
    Bundled(String),
    /// A file.
    File(AnyPath),
    /// `--query`.
    Query,
}

/// How fields are read, as in Elasticsearch's EQL search API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The field that the word before `where` names a value of.
    pub event_category_field: String,
    /// The field that orders the events of sequences.
    pub timestamp_field: String,
    /// The field that orders events of the same time.
    pub tiebreaker_field: Option<String>,
    /// An Elasticsearch index mapping, as JSON; the types of ECS without.
    pub mapping: Option<String>,
}

impl Default for Reading {
    fn default() -> Self {
        let options = eql::Options::default();
        Self {
            event_category_field: options.category_field,
            timestamp_field: options.timestamp_field,
            tiebreaker_field: options.tiebreaker_field,
            mapping: None,
        }
    }
}

impl Reading {
    /// As the compiler of queries wants it.
    ///
    /// # Errors
    /// When the mapping is none.
    pub fn options(&self) -> Result<eql::Options, MappingError> {
        let types = match &self.mapping {
            None => Types::Ecs,
            Some(text) => Types::Mapping(Mapping::parse(text)?),
        };
        Ok(eql::Options {
            category_field: self.event_category_field.clone(),
            timestamp_field: self.timestamp_field.clone(),
            tiebreaker_field: self.tiebreaker_field.clone(),
            types,
        })
    }
}

impl RuleText {
    fn of(rule: &Rule) -> Self {
        let origin = match &rule.source.origin {
            Origin::Bundled(name) => Source::Bundled((*name).to_owned()),
            Origin::File(path) => Source::File(path.clone().into()),
            Origin::CommandLine => Source::Query,
        };
        Self { origin, text: rule.source.text.to_string() }
    }

    fn rule(&self) -> Result<Rule, Vec<RuleError>> {
        match &self.origin {
            Source::Query => Ok(Rule::from_query(&self.text)),
            // It may be that of another version of this program; reports name it all the same.
            Source::Bundled(name) => Rule::from_text(PathBuf::from(format!("bundled:{name}")), &self.text),
            Source::File(path) => Rule::from_text(path.0.clone(), &self.text),
        }
    }
}

impl Order {
    /// The order for these rules.
    #[must_use]
    pub fn new(evidence: &[PathBuf], rules: &RuleSet, reading: Reading, renormalise: bool) -> Self {
        Self {
            evidence: evidence.iter().cloned().map(AnyPath).collect(),
            rules: rules.rules.iter().map(RuleText::of).collect(),
            rejected: Vec::new(),
            reading,
            renormalise,
        }
    }

    /// What happens to ECS documents.
    #[must_use]
    pub fn documents(&self) -> Documents {
        if self.renormalise { Documents::Rebuilt } else { Documents::AsTheyStand }
    }

    /// The rules, read again.
    ///
    /// # Errors
    /// All that is wrong with any of them.
    pub fn rules(&self) -> Result<RuleSet, Vec<RuleError>> {
        let mut errors = Vec::new();
        let mut rules = Vec::new();
        for text in &self.rules {
            match text.rule() {
                Ok(rule) => rules.push(rule),
                Err(problems) => errors.extend(problems),
            }
        }
        let (set, doubles) = RuleSet::new(rules);
        errors.extend(doubles);
        if errors.is_empty() { Ok(set) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_comes_back_from_json_with_the_same_rules() {
        let mut rules = RuleSet::bundled().rules;
        rules.push(Rule::from_query("process where true"));
        let (set, errors) = RuleSet::new(rules);
        assert!(errors.is_empty());
        let order = Order::new(&["a/b".into(), "-".into()], &set, Reading::default(), true);
        let text = serde_json::to_string(&order).expect("JSON");
        let again: Order = serde_json::from_str(&text).expect("an order");
        assert_eq!(again, order);
        assert_eq!(again.rules().expect("rules").digest(), set.digest());
    }
}
