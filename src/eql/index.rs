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
use crate::event::{Event, FieldId, Value};

/// How many fields are looked up for each event: those that most filters demand something of.
const MOST_FIELDS: usize = 12;

/// What one filter demands: some value of the field is one of the words, in any ASCII case.
struct Demand<'f> {
    field: FieldId,
    words: Vec<&'f str>,
}

/// The index over some filters.
#[derive(Debug, Default)]
pub struct Index {
    filters: usize,
    fields: Vec<FieldIndex>,
}

#[derive(Debug)]
struct FieldIndex {
    field: FieldId,
    /// By word in lower case: the filters that accept it, or demand nothing of the field.
    by_word: HashMap<Box<str>, Candidates>,
    /// The filters that demand nothing of the field.
    undemanding: Candidates,
}

impl Index {
    /// The index over `filters`; candidates are numbered in their order.
    #[must_use]
    pub fn new(filters: &[&Filter]) -> Self {
        let mut by_field: HashMap<FieldId, Vec<(usize, Vec<&str>)>> = HashMap::new();
        for (number, filter) in filters.iter().enumerate() {
            let mut demands = Vec::new();
            collect(&filter.0, &mut demands);
            for demand in demands {
                by_field.entry(demand.field).or_default().push((number, demand.words));
            }
        }
        let mut by_field: Vec<_> = by_field.into_iter().collect();
        by_field.sort_by_key(|(field, demands)| (std::cmp::Reverse(demands.len()), *field));
        by_field.truncate(MOST_FIELDS);
        let fields =
            by_field.into_iter().map(|(field, demands)| FieldIndex::new(field, &demands, filters.len()));
        Self { filters: filters.len(), fields: fields.collect() }
    }

    /// An empty set for [`Index::candidates`] to fill.
    #[must_use]
    pub fn candidates_of_none(&self) -> Candidates {
        Candidates::new(self.filters)
    }

    /// Makes `candidates` the filters that `event` can match. `word` is scratch.
    pub fn candidates(&self, event: &Event, candidates: &mut Candidates, word: &mut String) {
        candidates.insert_all();
        for index in &self.fields {
            index.narrow(event, candidates, word);
            if candidates.is_empty() {
                return;
            }
        }
    }
}

impl FieldIndex {
    fn new(field: FieldId, demands: &[(usize, Vec<&str>)], filters: usize) -> Self {
        let mut undemanding = Candidates::new(filters);
        undemanding.insert_all();
        demands.iter().for_each(|(number, _)| undemanding.remove(*number));
        let mut by_word: HashMap<Box<str>, Candidates> = HashMap::new();
        for (number, words) in demands {
            // A filter may demand several things of a field: it accepts a word if one demand does.
            for word in words {
                let accepting =
                    by_word.entry(word.to_ascii_lowercase().into()).or_insert_with(|| undemanding.clone());
                accepting.insert(*number);
            }
        }
        Self { field, by_word, undemanding }
    }

    fn narrow(&self, event: &Event, candidates: &mut Candidates, word: &mut String) {
        let mut values = event.values(self.field).filter(|value| *value != Value::Null);
        match (values.next(), values.next()) {
            (None, _) => candidates.keep(&self.undemanding),
            (Some(Value::Str(text)), None) => candidates.keep(self.accepting(text, word)),
            _ => self.narrow_by_many(event, candidates, word),
        }
    }

    /// Several values, or one that is no text.
    fn narrow_by_many(&self, event: &Event, candidates: &mut Candidates, word: &mut String) {
        let mut all = self.undemanding.clone();
        for value in event.values(self.field) {
            match value {
                Value::Null => {}
                Value::Str(text) => all.add(self.accepting(text, word)),
                _ => return,
            }
        }
        candidates.keep(&all);
    }

    /// The filters that accept `text`.
    fn accepting(&self, text: &str, word: &mut String) -> &Candidates {
        word.clear();
        word.push_str(text);
        word.make_ascii_lowercase();
        self.by_word.get(word.as_str()).unwrap_or(&self.undemanding)
    }
}

/// What `node` demands: all that the parts of a conjunction do.
fn collect<'f>(node: &'f Node, demands: &mut Vec<Demand<'f>>) {
    match node {
        Node::All(parts) => parts.iter().for_each(|part| collect(part, demands)),
        Node::Any(parts) => demands.extend(union(parts)),
        Node::Leaf(reading, test) if reading.null_value.is_none() => {
            demands.extend(words(test).map(|words| Demand { field: reading.field, words }));
        }
        _ => {}
    }
}

/// What all parts of an alternative demand of one field together.
fn union<'f>(parts: &'f [Node]) -> Option<Demand<'f>> {
    let mut together: Option<Demand<'f>> = None;
    for part in parts {
        let Node::Leaf(reading, test) = part else { return None };
        let words = words(test).filter(|_| reading.null_value.is_none())?;
        match &mut together {
            None => together = Some(Demand { field: reading.field, words }),
            Some(demand) if demand.field == reading.field => demand.words.extend(words),
            Some(_) => return None,
        }
    }
    together
}

/// The only words that pass a test.
fn words(test: &Test) -> Option<Vec<&str>> {
    match test {
        Test::Text { words, wildcards } if wildcards.is_empty() => Some(words.iter().collect()),
        _ => None,
    }
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
        let index = Index::new(&filters.iter().collect::<Vec<_>>());
        let (mut event, mut set, mut word) = (Event::new(&fields), index.candidates_of_none(), String::new());
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
            index.candidates(&event, &mut set, &mut word);
            let can: Vec<usize> = set.iter().collect();
            for (number, filter) in filters.iter().enumerate() {
                assert!(!filter.matches(&event) || can.contains(&number), "{record} and {}", queries[number]);
            }
            left_out += filters.len() - can.len();
        }
        assert!(left_out > 15, "{left_out}");
    }
}
