//! Which of many filters an event can match, before any of them is asked.
//!
//! Most filters demand that some field hold one of a few words: the category, `event.type`,
//! `process.name`. The index turns that round: from a field's value to the filters that accept it. A few
//! look-ups then leave a handful of hundreds of filters to be asked.
//!
//! # Soundness
//! A filter may only be left out if it demands a word of a field and no value of the field is one of its
//! words, in any ASCII case. What is not text is not looked up: every filter is then taken to accept it.

use std::collections::HashMap;

use super::candidates::Candidates;
use super::filter::{Filter, Node};
use super::test::Test;
use crate::event::{Event, FieldId, FieldSet, Value};

/// How many demands of one filter are looked at: few have more, and any subset is sound.
const LAYERS: usize = 6;

/// That an event must have one of these words in one of these fields, in any ASCII case.
type Demand<'f> = Vec<(FieldId, &'f str)>;

/// The index over some filters.
///
/// The demands of each filter are numbered, and those with one number make a *layer*: a set of filters
/// whose demand in it is met. A filter is a candidate if it is in every layer.
#[derive(Debug, Default)]
pub struct Index {
    filters: usize,
    fields: Vec<FieldIndex>,
    /// For each layer, the filters that demand nothing in it.
    undemanding: Vec<Candidates>,
}

/// What the values of one field meet.
#[derive(Debug)]
struct FieldIndex {
    field: FieldId,
    /// By word in lower case: for each layer the filters whose demand it meets.
    by_word: HashMap<Box<str>, Vec<Candidates>>,
    /// For each layer the filters that demand anything of the field.
    all: Vec<Candidates>,
}

/// What [`Index::candidates`] works with, kept from event to event.
#[derive(Debug, Default)]
pub struct Lookup {
    layers: Vec<Candidates>,
    word: String,
}

impl Index {
    /// The index over `filters`, which were compiled with `fields`; candidates are numbered in their order.
    #[must_use]
    pub fn new(filters: &[&Filter], fields: &FieldSet) -> Self {
        let empty = || vec![Candidates::new(filters.len()); LAYERS];
        let mut by_field: HashMap<FieldId, FieldIndex> = HashMap::new();
        let mut undemanding = empty();
        undemanding.iter_mut().for_each(Candidates::insert_all);
        for (filter, compiled) in filters.iter().enumerate() {
            let mut demands = demands(&compiled.0, fields);
            demands.sort_by_key(|demand| cost(demand, fields));
            for (layer, demand) in demands.into_iter().take(LAYERS).enumerate() {
                undemanding[layer].remove(filter);
                for (field, word) in demand {
                    let index = by_field.entry(field).or_insert_with(|| FieldIndex {
                        field,
                        by_word: HashMap::new(),
                        all: empty(),
                    });
                    index.all[layer].insert(filter);
                    let word = word.to_ascii_lowercase().into();
                    index.by_word.entry(word).or_insert_with(empty)[layer].insert(filter);
                }
            }
        }
        let mut fields: Vec<_> = by_field.into_values().collect();
        fields.sort_by_key(|index| index.field);
        Self { filters: filters.len(), fields, undemanding }
    }

    /// An empty set for [`Index::candidates`] to fill.
    #[must_use]
    pub fn candidates_of_none(&self) -> Candidates {
        Candidates::new(self.filters)
    }

    /// Makes `candidates` the filters that `event` can match.
    pub fn candidates(&self, event: &Event, candidates: &mut Candidates, lookup: &mut Lookup) {
        lookup.layers.clone_from(&self.undemanding);
        for index in &self.fields {
            for value in event.values(index.field) {
                if let Some(met) = index.met_by(value, &mut lookup.word) {
                    lookup.layers.iter_mut().zip(met).for_each(|(layer, met)| layer.add(met));
                }
            }
        }
        candidates.insert_all();
        lookup.layers.iter().for_each(|layer| candidates.keep(layer));
    }
}

impl FieldIndex {
    /// For each layer, the filters whose demand `value` meets.
    fn met_by(&self, value: Value<'_>, word: &mut String) -> Option<&Vec<Candidates>> {
        match value {
            Value::Null => None,
            Value::Str(text) => {
                word.clear();
                word.push_str(text);
                word.make_ascii_lowercase();
                self.by_word.get(word.as_str())
            }
            // What is not text is compared in ways of its own.
            Value::Bool(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_) => Some(&self.all),
        }
    }
}

/// What `node` demands: all that the parts of a conjunction do.
fn demands<'f>(node: &'f Node, fields: &FieldSet) -> Vec<Demand<'f>> {
    match node {
        Node::All(parts) => parts.iter().flat_map(|part| demands(part, fields)).collect(),
        Node::Any(parts) => {
            // One demand of each part, the best, makes one together.
            let best = |part| demands(part, fields).into_iter().min_by_key(|demand| cost(demand, fields));
            let together: Option<Vec<Demand<'f>>> = parts.iter().map(best).collect();
            together.map(|demands| demands.concat()).into_iter().collect()
        }
        Node::Leaf(reading, test) if reading.null_value.is_none() => {
            let words = words(test).into_iter();
            words.map(|words| words.into_iter().map(|word| (reading.field, word)).collect()).collect()
        }
        _ => Vec::new(),
    }
}

/// The only words that pass a test.
fn words(test: &Test) -> Option<Vec<&str>> {
    match test {
        Test::Text { words, wildcards } if wildcards.is_empty() => Some(words.iter().collect()),
        _ => None,
    }
}

/// Lower for a demand that fewer events are likely to meet: what most events of a kind have in common
/// comes last, then what has many words.
fn cost(demand: &Demand<'_>, fields: &FieldSet) -> (bool, usize) {
    let is_common = demand.iter().any(|(field, _)| {
        let name = fields.name(*field);
        name == "host.os.type"
            || (name.starts_with("event.") && !matches!(name, "event.code" | "event.category"))
    });
    (is_common, demand.len())
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Search, compile, parse};
    use super::*;
    use crate::event::{FieldSet, Reader};

    #[test]
    fn a_filter_that_can_match_is_never_left_out() {
        let queries = [
            r#"process where process.name : ("CMD.exe", "a") and event.type == "start""#,
            r#"file where true"#,
            r#"any where process.name == "x" or process.name == "y""#,
            r#"any where process.name : "c*""#,
            r#"any where not process.name : "cmd.exe""#,
            r#"any where process.name == "1""#,
            r#"any where process.name : ("a", "b") and process.name : ("b", "c")"#,
            r#"process where process.name == "z" or (process.pid == 3 and file.name : "q")"#,
        ];
        let mut fields = FieldSet::new();
        let filters: Vec<Filter> = queries
            .iter()
            .map(|query| {
                match compile(&parse(query).unwrap(), &Options::default(), &mut fields).unwrap().search {
                    Search::Event(filter) => filter,
                    other => panic!("{other:?}"),
                }
            })
            .collect();
        let index = Index::new(&filters.iter().collect::<Vec<_>>(), &fields);
        let (mut event, mut set, mut lookup) =
            (Event::new(&fields), index.candidates_of_none(), Lookup::default());
        let mut left_out = 0;
        for record in [
            r#"{"event":{"category":"process","type":["start"]},"process":{"name":"cmd.EXE"}}"#,
            r#"{"event":{"category":["file","x"]},"process":{"name":["y","z"]}}"#,
            r#"{"process":{"name":1}}"#,
            r#"{"process":{"name":["a","c"]}}"#,
            r#"{"process":{"name":[null,"b"]}}"#,
            r#"{}"#,
        ] {
            Reader::default().read(record.as_bytes(), &fields, &mut event);
            index.candidates(&event, &mut set, &mut lookup);
            let can: Vec<usize> = set.iter().collect();
            for (number, filter) in filters.iter().enumerate() {
                assert!(!filter.matches(&event) || can.contains(&number), "{record} and {}", queries[number]);
            }
            left_out += filters.len() - can.len();
        }
        assert!(left_out > 15, "{left_out}");
    }
}
