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
use std::hash::{BuildHasherDefault, Hasher};

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
    undemanding: Layers,
}

/// A set of filters for each layer, one behind the other.
#[derive(Clone, Debug, Default)]
struct Layers(Candidates);

/// What the values of one field meet.
#[derive(Debug)]
struct FieldIndex {
    field: FieldId,
    /// By word in lower case: for each layer the filters whose demand it meets.
    by_word: HashMap<Box<[u8]>, Layers, BuildHasherDefault<WordHasher>>,
    /// For each layer the filters that demand anything of the field.
    all: Layers,
    /// Longer values are no word.
    longest: usize,
}

/// What [`Index::candidates`] works with, kept from event to event.
#[derive(Debug, Default)]
pub struct Lookup {
    layers: Layers,
    word: Vec<u8>,
}

impl Layers {
    fn new(filters: usize) -> Self {
        Self(Candidates::new(LAYERS * Self::room(filters)))
    }

    /// How many numbers each layer takes: whole words of the set.
    fn room(filters: usize) -> usize {
        filters.next_multiple_of(Candidates::WORD)
    }
}

impl Index {
    /// The index over `filters`, which were compiled with `fields`; candidates are numbered in their order.
    #[must_use]
    pub fn new(filters: &[&Filter], fields: &FieldSet) -> Self {
        Self::over(filters, fields, &vec![true; fields.len()])
    }

    /// The index over what `filters` demand of those fields that are `seen`, by their numbers.
    pub(super) fn over(filters: &[&Filter], fields: &FieldSet, seen: &[bool]) -> Self {
        let empty = || Layers::new(filters.len());
        let room = Layers::room(filters.len());
        let mut by_field: HashMap<FieldId, FieldIndex> = HashMap::new();
        let mut undemanding = empty();
        undemanding.0.insert_all();
        for (filter, compiled) in filters.iter().enumerate() {
            let mut demands = demands(&compiled.0, fields, seen);
            demands.sort_by_key(|demand| cost(demand, fields));
            for (layer, demand) in demands.into_iter().take(LAYERS).enumerate() {
                let number = layer * room + filter;
                undemanding.0.remove(number);
                for (field, word) in demand {
                    let index = by_field.entry(field).or_insert_with(|| FieldIndex {
                        field,
                        by_word: HashMap::default(),
                        all: empty(),
                        longest: 0,
                    });
                    index.all.0.insert(number);
                    index.longest = index.longest.max(word.len());
                    let word = word.to_ascii_lowercase().into_bytes().into();
                    index.by_word.entry(word).or_insert_with(empty).0.insert(number);
                }
            }
        }
        let mut fields: Vec<_> = by_field.into_values().collect();
        fields.sort_by_key(|index| index.field);
        Self { filters: filters.len(), fields, undemanding }
    }

    /// Whether an event can be such that no filter is a candidate.
    pub(super) fn can_rule_out_all(&self) -> bool {
        !self.undemanding.0.iter().any(|number| number < self.filters)
    }

    /// An empty set for [`Index::candidates`] to fill.
    #[must_use]
    pub fn candidates_of_none(&self) -> Candidates {
        Candidates::new(self.filters)
    }

    /// Makes `candidates` the filters that `event` can match.
    pub fn candidates(&self, event: &Event, candidates: &mut Candidates, lookup: &mut Lookup) {
        lookup.layers.0.copy(&self.undemanding.0);
        for index in &self.fields {
            for value in event.values(index.field) {
                if let Some(met) = index.met_by(value, &mut lookup.word) {
                    lookup.layers.0.add(&met.0);
                }
            }
        }
        candidates.insert_all();
        candidates.keep_all_of(&lookup.layers.0);
    }
}

impl FieldIndex {
    /// For each layer, the filters whose demand `value` meets.
    fn met_by(&self, value: Value<'_>, word: &mut Vec<u8>) -> Option<&Layers> {
        match value {
            Value::Null => None,
            Value::Str(text) if text.len() > self.longest => None,
            Value::Str(text) => {
                word.clear();
                word.extend(text.bytes().map(|byte| byte.to_ascii_lowercase()));
                self.by_word.get(word.as_slice())
            }
            // What is not text is compared in ways of its own.
            Value::Bool(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_) => Some(&self.all),
        }
    }
}

/// Eight bytes a step. The words are the rules', so that no evidence can make them collide.
#[derive(Default)]
struct WordHasher(u64);

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks::<8>();
        let rest = rest.iter().fold(bytes.len() as u64, |sum, byte| sum << 8 | u64::from(*byte));
        let words = chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)).chain([rest]);
        self.0 =
            words.fold(self.0, |hash, word| (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// What `node` demands of the fields that are `seen`: all that the parts of a conjunction do.
fn demands<'f>(node: &'f Node, fields: &FieldSet, seen: &[bool]) -> Vec<Demand<'f>> {
    match node {
        Node::All(parts) => parts.iter().flat_map(|part| demands(part, fields, seen)).collect(),
        Node::Any(parts) => {
            let sorted = |part| {
                let mut demands = demands(part, fields, seen);
                demands.sort_by_key(|demand| cost(demand, fields));
                demands
            };
            together(&parts.iter().map(sorted).collect::<Vec<_>>())
        }
        Node::Leaf(reading, test) if reading.null_value.is_none() && seen[reading.field.index()] => {
            let words = words(test).into_iter();
            words.map(|words| words.into_iter().map(|word| (reading.field, word)).collect()).collect()
        }
        _ => Vec::new(),
    }
}

/// What a disjunction demands whose parts demand these: one demand of each part makes one together. The
/// first ones do, the second ones, and so on; of a part that has no more, its last.
fn together<'f>(parts: &[Vec<Demand<'f>>]) -> Vec<Demand<'f>> {
    let most = parts.iter().map(Vec::len).max().unwrap_or_default().min(LAYERS);
    let nth = |demands: &Vec<Demand<'f>>, rank: usize| demands.get(rank).or(demands.last()).cloned();
    let together = |rank| parts.iter().map(|demands| nth(demands, rank)).collect::<Option<Vec<_>>>();
    (0..most).filter_map(together).map(|demands| demands.concat()).collect()
}

/// The only words that pass a test.
fn words(test: &Test) -> Option<Vec<&str>> {
    match test {
        Test::Text { words, wildcards } if wildcards.is_empty() => Some(words.iter().collect()),
        _ => None,
    }
}

/// Whether a field tells what kind of event it is rather than what happened.
pub(super) fn is_of_kind(field: &str) -> bool {
    field == "host.os.type" || field.starts_with("event.")
}

/// Lower for a demand that fewer events are likely to meet: what most events of a kind have in common
/// comes last, then what has many words.
fn cost(demand: &Demand<'_>, fields: &FieldSet) -> (bool, usize) {
    let is_common = demand.iter().any(|(field, _)| {
        let name = fields.name(*field);
        is_of_kind(name) && !matches!(name, "event.code" | "event.category")
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
