//! Elastic detection rules, as their TOML files spell them.

mod bundled;
mod draw;
mod error;
mod fields;
mod lint;
mod read;
mod set;
mod threat;

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

pub use draw::{Excerpt, Gravity};
pub use error::{Problem, RuleError};
pub use lint::{Warning, lint};
pub use read::MAX_FILE;
pub use set::{Criteria, RuleSet};
pub use threat::{Reference, Technique, Threat};

/// How bad a match is, in Elastic's four words, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a look when nothing else is.
    Low,
    /// Worth a look.
    Medium,
    /// Look today.
    High,
    /// Look now.
    Critical,
}

impl Severity {
    /// All four, mildest first.
    pub const ALL: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// The word that rule files and reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// Where a rule came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Compiled into this program; the name of its file.
    Bundled(&'static str),
    /// A rule file.
    File(PathBuf),
    /// `--query`.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Bundled(name) => write!(f, "bundled:{name}"),
            Origin::File(path) => path.display().fmt(f),
            Origin::CommandLine => f.write_str("--query"),
        }
    }
}

/// The text that a rule was read from, kept so that errors can be drawn on its own lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where the text came from.
    pub origin: Origin,
    /// The whole text.
    pub text: Arc<str>,
    /// Which bytes of it are the `rule_id`'s value.
    pub rule_id: Range<usize>,
    /// Which bytes of it are the query, where the file spells the query without escapes.
    pub query: Option<Range<usize>>,
}

/// One detection rule. Field names are Elastic's; keys without a field here are in [`Rule::other`].
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The rule's UUID, the same over all its versions (`query` for `--query`).
    pub rule_id: String,
    /// Its name.
    pub name: String,
    /// What a match means.
    pub description: Option<String>,
    /// How bad a match is.
    pub severity: Severity,
    /// 0 (harmless) to 100.
    pub risk_score: u8,
    /// `eql`, `esql`, `kuery`, `lucene`; machine-learning rules have none.
    pub language: Option<String>,
    /// The `type` key: `eql`, `query`, `threshold`, `esql`, `machine_learning`, …
    pub kind: String,
    /// The query; some types have none.
    pub query: Option<String>,
    /// Index patterns the rule is meant for.
    pub index: Vec<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Links for whoever reads a hit.
    pub references: Vec<String>,
    /// Who wrote it.
    pub author: Vec<String>,
    /// Under what terms.
    pub license: Option<String>,
    /// What matches and is harmless.
    pub false_positives: Vec<String>,
    /// The investigation guide, Markdown.
    pub note: Option<String>,
    /// What the logs must carry for the rule to work, Markdown.
    pub setup: Option<String>,
    /// Where it stands in ATT&CK.
    pub threat: Vec<Threat>,
    /// The field Elastic orders by instead of `@timestamp` (`event.ingested`, mostly).
    pub timestamp_override: Option<String>,
    /// The field that the word before `where` is compared with; `event.category` unless set.
    pub event_category_override: Option<String>,
    /// The time that sequences count in; `@timestamp` unless set.
    pub timestamp_field: Option<String>,
    /// Decides between events of one time.
    pub tiebreaker_field: Option<String>,
    /// `metadata.maturity`: `production`, `development`, `deprecated`.
    pub maturity: Option<String>,
    /// The `[metadata]` table, whole.
    pub metadata: toml::Table,
    /// The keys of `[rule]` that have no field here.
    pub other: toml::Table,
    /// The text it was read from.
    pub source: Source,
}

impl Rule {
    /// Reads the text of a rule file, which came from `origin`.
    ///
    /// # Errors
    /// All that is wrong with it, each problem with its place in the text.
    pub fn read(origin: Origin, text: Arc<str>) -> Result<Self, Vec<RuleError>> {
        read::rule(origin, text)
    }

    /// A rule made of a bare query, for `--query`: medium severity and risk 47, which is what Elastic
    /// proposes for a rule that says nothing else, and no mapping.
    #[must_use]
    pub fn from_query(text: &str) -> Self {
        Rule {
            rule_id: "query".to_owned(),
            name: "Query from the command line".to_owned(),
            description: None,
            severity: Severity::Medium,
            risk_score: 47,
            language: Some("eql".to_owned()),
            kind: "eql".to_owned(),
            query: Some(text.to_owned()),
            index: Vec::new(),
            tags: Vec::new(),
            references: Vec::new(),
            author: Vec::new(),
            license: None,
            false_positives: Vec::new(),
            note: None,
            setup: None,
            threat: Vec::new(),
            timestamp_override: None,
            event_category_override: None,
            timestamp_field: None,
            tiebreaker_field: None,
            maturity: None,
            metadata: toml::Table::new(),
            other: toml::Table::new(),
            source: Source {
                origin: Origin::CommandLine,
                text: text.into(),
                rule_id: 0..0,
                query: Some(0..text.len()),
            },
        }
    }

    /// Reads the text of a rule file.
    ///
    /// # Errors
    /// All that is wrong with it; `path` says where.
    pub fn from_text(path: PathBuf, text: &str) -> Result<Self, Vec<RuleError>> {
        read::rule(Origin::File(path), text.into())
    }

    /// The query, if the rule is one that runs here: `type = "eql"`, and no other language named.
    #[must_use]
    pub fn eql(&self) -> Option<&str> {
        let other = self.language.as_deref().is_some_and(|language| language != "eql");
        self.query.as_deref().filter(|_| self.kind == "eql" && !other)
    }

    /// A place in the query as a place in the rule's file, so that it can be drawn there; on the query
    /// alone where the file spells it with escapes.
    #[must_use]
    pub fn excerpt(&self, in_query: Range<usize>) -> Excerpt<'_> {
        let name = self.source.origin.to_string();
        match &self.source.query {
            Some(query) => {
                let span = query.start + in_query.start..query.start + in_query.end;
                Excerpt { name, text: &self.source.text, span }
            }
            None => Excerpt { name, text: self.query.as_deref().unwrap_or_default(), span: in_query },
        }
    }
}

#[cfg(test)]
mod tests;
