//! Which rules are loaded, and how their fields are read: the options that `hunt` and `rules` share.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use super::message;
use crate::eql;
use crate::hunt::{BadQuery, Engine, Filtering};
use crate::order::Reading;
use crate::rule::{Criteria, Gravity, Rule, RuleSet, Severity};

/// Severities by their names on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Least {
    /// Low and above: all.
    Low,
    /// Medium and above.
    Medium,
    /// High and critical.
    High,
    /// Critical.
    Critical,
}

/// The options that choose rules.
#[derive(Debug, Clone, Parser)]
pub(super) struct Selection {
    /// An Elastic rule file or a folder of them; may be given again [default: the bundled ScreenConnect
    /// rules].
    #[arg(short, long, value_name = "FILE|FOLDER")]
    rules: Vec<PathBuf>,

    /// An EQL query as a rule of its own.
    #[arg(long, value_name = "EQL")]
    query: Option<String>,

    /// Only the rule with this id; may be given again.
    #[arg(long, value_name = "ID")]
    rule_id: Vec<String>,

    /// Only rules at least this severe.
    #[arg(long, value_enum)]
    severity: Option<Least>,

    /// Only rules with this tag; may be given again.
    #[arg(long)]
    tag: Vec<String>,

    /// Only rules for an index whose pattern contains this; may be given again.
    #[arg(long, value_name = "TEXT")]
    index: Vec<String>,

    /// Go on without rules that cannot be read or do not compile; the report names them.
    #[arg(long)]
    skip_bad_rules: bool,

    #[command(flatten)]
    reading: ReadingArgs,
}

/// The options that say how fields are read, as in Elasticsearch's EQL search API.
#[derive(Debug, Clone, Parser)]
struct ReadingArgs {
    /// An Elasticsearch index mapping (JSON): types, aliases and null values as the index has them
    /// [default: the types of ECS].
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,

    /// The field that the word before `where` names a value of.
    #[arg(long, value_name = "FIELD", default_value = "event.category")]
    event_category_field: String,

    /// The field that orders the events of sequences.
    #[arg(long, value_name = "FIELD", default_value = "@timestamp")]
    timestamp_field: String,

    /// The field that orders events of the same time.
    #[arg(long, value_name = "FIELD")]
    tiebreaker_field: Option<String>,
}

/// The rules of a run, and the messages about those that were left out.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) set: RuleSet,
    pub(super) reading: Reading,
    pub(super) options: eql::Options,
    pub(super) rejected: Vec<String>,
}

impl Selection {
    /// Loads the rules; `None` when something is wrong, and then it has been said what and where.
    pub(super) fn load(&self, colour: bool) -> Option<Loaded> {
        let (reading, options) = match self.reading.read() {
            Ok(read) => read,
            Err(error) => {
                message::say(&format!("coldtrail: {error}"));
                return None;
            }
        };
        if self.rules.is_empty() && self.query.is_none() {
            let set = RuleSet::bundled().select(&self.criteria());
            return self.unless_empty(Loaded { set, reading, options, rejected: Vec::new() });
        }
        let (set, mut errors) = RuleSet::load(&self.rules);
        let rules = set.rules.into_iter().chain(self.query.as_deref().map(Rule::from_query)).collect();
        let (set, doubles) = RuleSet::new(rules);
        errors.extend(doubles);
        for error in &errors {
            message::show(&error.draw(colour));
        }
        if !errors.is_empty() && !self.skip_bad_rules {
            say_how_to_skip(errors.len());
            return None;
        }
        let rejected = errors.iter().map(ToString::to_string).collect();
        self.unless_empty(Loaded { set: set.select(&self.criteria()), reading, options, rejected })
    }

    /// No rule at all is a mistake, and not a hunt without hits.
    fn unless_empty(&self, loaded: Loaded) -> Option<Loaded> {
        if loaded.set.rules.is_empty() {
            message::say("coldtrail: no rule is left: look at --rule-id, --severity, --tag and --index");
            return None;
        }
        Some(loaded)
    }

    fn criteria(&self) -> Criteria {
        Criteria {
            ids: self.rule_id.clone(),
            severity: self.severity.map(|least| match least {
                Least::Low => Severity::Low,
                Least::Medium => Severity::Medium,
                Least::High => Severity::High,
                Least::Critical => Severity::Critical,
            }),
            tags: self.tag.clone(),
            indices: self.index.clone(),
        }
    }

    /// Compiles the rules; `None` when a query is wrong, and then it has been said what and where. With
    /// `--skip-bad-rules` the wrong ones go from `loaded` into its rejected.
    pub(super) fn compile(&self, loaded: &mut Loaded, filtering: Filtering, colour: bool) -> Option<Engine> {
        loop {
            let bad = match Engine::new(&loaded.set, &loaded.options, filtering) {
                Ok(engine) => return Some(engine),
                Err(bad) => bad,
            };
            bad.iter().for_each(|bad| draw(&loaded.set, bad, colour));
            if !self.skip_bad_rules {
                say_how_to_skip(bad.len());
                return None;
            }
            for bad in bad.iter().rev() {
                let rule = loaded.set.rules.remove(bad.rule);
                let why = bad.diagnostics.first().map_or("", |first| first.message.as_str());
                loaded.rejected.push(format!("{}: {why}", rule.source.origin));
            }
        }
    }
}

impl ReadingArgs {
    /// The options, and as the compiler of queries wants them.
    fn read(&self) -> Result<(Reading, eql::Options), String> {
        let failed = |error: String| {
            let path = self.mapping.as_deref().unwrap_or(Path::new(""));
            format!("the mapping {}: {error}", path.display())
        };
        let mapping = self.mapping.as_ref().map(fs::read_to_string).transpose();
        let reading = Reading {
            event_category_field: self.event_category_field.clone(),
            timestamp_field: self.timestamp_field.clone(),
            tiebreaker_field: self.tiebreaker_field.clone(),
            mapping: mapping.map_err(|error| failed(error.to_string()))?,
        };
        let options = reading.options().map_err(|error| failed(error.to_string()))?;
        Ok((reading, options))
    }
}

/// Errors of one query that are drawn; of more only the number is told.
const MOST_DRAWN: usize = 20;

fn say_how_to_skip(count: usize) {
    let what = if count == 1 { "a rule is".to_owned() } else { format!("{count} rules are") };
    message::say(&format!("coldtrail: {what} wrong, see above; --skip-bad-rules goes on without"));
}

/// Draws what is wrong with a query on the lines of its rule's file.
pub(super) fn draw(set: &RuleSet, bad: &BadQuery, colour: bool) {
    let rule = &set.rules[bad.rule];
    for diagnostic in bad.diagnostics.iter().take(MOST_DRAWN) {
        let help = diagnostic.help.as_deref().unwrap_or(&diagnostic.label);
        let excerpt = rule.excerpt(diagnostic.span.range());
        message::show(&excerpt.draw(Gravity::Error, &diagnostic.message, help, colour));
    }
    let more = bad.diagnostics.len().saturating_sub(MOST_DRAWN);
    if more > 0 {
        message::say(&format!("{}: and {more} more", rule.source.origin));
    }
}
