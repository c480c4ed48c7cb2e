//! A query to a program: names resolved, types checked, tests built.

mod condition;
mod operand;
mod tests_of;

use super::ast::{Body, Category, EventFilter, Field, KeyedFilter, Query, SampleQuery, SequenceQuery};
use super::diagnostic::Diagnostic;
use super::filter::{Filter, Node};
use super::join::Keys;
use super::pipes::Pipes;
use super::reading::Reading;
use super::sample::Sample;
use super::sequence::Sequence;
use super::span::{Span, Spanned};
use super::test::Test;
use super::types::{FieldType, Types};
use super::value::PATTERN_ROOM;
use crate::event::FieldSet;

/// What a rule says beside its query.
#[derive(Clone, Debug)]
pub struct Options {
    /// The field that `process where` asks (`event_category_field`).
    pub category_field: String,
    /// The field that orders events (`timestamp_field`).
    pub timestamp_field: String,
    /// The field that orders events of the same time (`tiebreaker_field`).
    pub tiebreaker_field: Option<String>,
    /// The types of fields.
    pub types: Types,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            category_field: "event.category".to_owned(),
            timestamp_field: "@timestamp".to_owned(),
            tiebreaker_field: None,
            types: Types::Ecs,
        }
    }
}

/// A compiled query.
#[derive(Clone, Debug)]
pub struct Program {
    /// What to look for.
    pub search: Search,
    /// What to keep of the results.
    pub pipes: Pipes,
}

/// The three kinds of program.
#[derive(Clone, Debug)]
pub enum Search {
    /// Each matching event is a result.
    Event(Filter),
    /// Events in order are.
    Sequence(Box<Sequence>),
    /// Events with the same keys are.
    Sample(Sample),
}

impl Search {
    /// All filters that an event is asked for it.
    pub fn filters(&self) -> impl Iterator<Item = &Filter> {
        let filters: Vec<&Filter> = match self {
            Search::Event(filter) => vec![filter],
            Search::Sequence(sequence) => sequence.filters().collect(),
            Search::Sample(sample) => sample.filters().collect(),
        };
        filters.into_iter()
    }
}

/// Compiles a query. The fields it reads are added to `fields`.
///
/// # Errors
///
/// All that is wrong with the query's types, its patterns and, when a mapping is given, its fields.
pub fn compile(query: &Query, options: &Options, fields: &mut FieldSet) -> Result<Program, Vec<Diagnostic>> {
    let mut compiler = Compiler { options, fields, problems: Vec::new(), pattern_room: PATTERN_ROOM };
    let search = match &query.body {
        Body::Event(event) => Search::Event(compiler.filter(event)),
        Body::Sequence(sequence) => Search::Sequence(Box::new(compiler.sequence(sequence))),
        Body::Sample(sample) => Search::Sample(compiler.sample(sample)),
    };
    let pipes = Pipes::new(query.pipes.iter().map(|pipe| pipe.node));
    if compiler.problems.is_empty() { Ok(Program { search, pipes }) } else { Err(compiler.problems) }
}

struct Compiler<'c> {
    options: &'c Options,
    fields: &'c mut FieldSet,
    problems: Vec<Diagnostic>,
    /// How many bytes its patterns may still take.
    pattern_room: usize,
}

impl Compiler<'_> {
    fn filter(&mut self, event: &EventFilter) -> Filter {
        Filter::new(self.event(event))
    }

    fn event(&mut self, event: &EventFilter) -> Node {
        let condition = self.condition(&event.condition);
        let Category::Named(name) = &event.category else { return condition };
        let path = self.options.category_field.clone();
        let category = self.reading(&path).unwrap_or_else(|| self.unmapped(&path));
        let named = Test::words(std::iter::once(name.as_str()), super::ast::Case::Sensitive);
        Node::All(Box::new([Node::Leaf(category, named), condition]))
    }

    fn sequence(&mut self, query: &SequenceQuery) -> Sequence {
        let tiebreaker = self.options.tiebreaker_field.clone().map(|path| self.own(&path));
        let timestamp = self.own(&self.options.timestamp_field.clone());
        let mut sequence = Sequence::new(timestamp, tiebreaker, query.maxspan);
        for item in &query.items {
            let (filter, keys) = self.keyed(&query.by, &item.filter);
            if item.missing {
                sequence.add_missing(filter, keys, item.runs);
            } else {
                sequence.add_present(filter, keys, item.runs);
            }
        }
        if let Some(until) = &query.until {
            let (filter, keys) = self.keyed(&query.by, until);
            sequence.set_until(filter, keys);
        }
        sequence
    }

    fn sample(&mut self, query: &SampleQuery) -> Sample {
        Sample::new(query.filters.iter().map(|filter| self.keyed(&query.by, filter)).collect())
    }

    fn keyed(&mut self, by: &[Spanned<Field>], filter: &KeyedFilter) -> (Filter, Keys) {
        let keys: Vec<_> = by.iter().chain(&filter.by).map(|key| self.key(key)).collect();
        // An event without a key that must be there joins nothing; asked early, it is not even a candidate.
        let needed = keys.iter().filter(|(_, optional)| !optional);
        let needed = needed.filter_map(|(reading, _)| reading.clone()).map(Node::Exists);
        let event = self.event(&filter.event);
        (Filter::new(Node::All(needed.chain([event]).collect())), Keys::new(keys))
    }

    /// A join key; none for an optional field that no mapping has, which is null everywhere.
    fn key(&mut self, key: &Spanned<Field>) -> (Option<Reading>, bool) {
        let reading = self.reading(&key.path);
        if reading.is_none() && !key.optional {
            self.report_unmapped(&key.node, key.span);
        }
        (reading, key.optional)
    }

    /// The field at `path`; `None` when a mapping is given and has it not.
    fn reading(&mut self, path: &str) -> Option<Reading> {
        let found = self.options.types.resolve(path)?;
        Some(Reading {
            field: self.fields.intern(&found.path),
            kind: found.kind,
            null_value: found.null_value,
        })
    }

    /// A field that the rule's options name, whether a mapping has it or not.
    fn own(&mut self, path: &str) -> Reading {
        self.reading(path).unwrap_or_else(|| self.unmapped(path))
    }

    fn unmapped(&mut self, path: &str) -> Reading {
        Reading { field: self.fields.intern(path), kind: FieldType::Unknown, null_value: None }
    }

    fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    fn report_unmapped(&mut self, field: &Field, span: Span) {
        let problem =
            Diagnostic::new(format!("the mapping has no field `{}`", field.path), span, "unknown field");
        self.report(problem.with_help(format!("write `?{}` if it may be unknown", field.path)));
    }
}

#[cfg(test)]
mod tests;
