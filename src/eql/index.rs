//! Which of many filters an event can match, before any of them is asked.
//!
//! Most filters demand that some field hold one of a few words: the category, `event.type`,
//! `process.name`; the others at least that some field begin in one of a few ways, or have a value. The index
//! turns that round: from a field's value to the filters that accept it. A few look-ups then leave a handful of
//! hundreds of filters to be asked.
//!
//! # Soundness
//! A filter may only be left out if it demands a [`Mark`] of a field and no value of the field has one, in any
//! ASCII case. A number is not looked up: every filter is then taken to accept it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::candidates::Candidates;
use super::filter::{Filter, Node};
use super::test::Test;
use super::value::Head;
use crate::event::{Event, FieldId, FieldSet, Value};

/// How many demands of one filter are looked at: few have more, and any subset is sound.
const LAYERS: usize = 4;

/// That an event must have one of these marks in one of these fields.
type Demand<'f> = Vec<(FieldId, Mark<'f>)>;

/// What is demanded of one value. ASCII case does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark<'f> {
    /// To be this word; a truth value is `true` or `false`.
    Word(&'f str),
    /// To begin so.
    Head(Head),
    /// To be there, and not null.
    Value,
}

impl Mark<'_> {
    /// Lower for what fewer values have.
    fn rank(self) -> u8 {
        match self {
            Mark::Word(_) => 0,
            Mark::Head(_) => 1,
            Mark::Value => 2,
        }
    }
}

/// The index over some filters.
///
/// The demands of each filter are numbered, and those with one number make a *layer*: a set of filters
/// whose demand in it is met. A filter is a candidate if it is in every layer.
#[derive(Debug, Default)]
pub struct Index {
    filters: usize,
    /// By the number of the field.
    fields: Vec<Option<FieldIndex>>,
    /// For each layer, the filters that demand nothing in it.
    undemanding: Layers,
}

/// A set of filters for each layer, one behind the other.
#[derive(Clone, Debug, Default)]
struct Layers(Candidates);

/// What the values of one field meet.
#[derive(Debug)]
struct FieldIndex {
    /// By word in lower case: for each layer the filters whose demand it meets.
    by_word: HashMap<Box<[u8]>, Layers, BuildHasherDefault<WordHasher>>,
    /// Likewise by how it begins.
    by_head: HashMap<Head, Layers, BuildHasherDefault<WordHasher>>,
    /// Likewise for any value.
    by_value: Option<Layers>,
    /// For each layer the filters that demand anything of the field.
    all: Layers,
    /// Of the words.
    sketch: Sketch,
}

/// Tells most values that are no word by their length and their ends: a look-up costs more.
#[derive(Debug, Default)]
struct Sketch([u64; 8]);

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
        let room = Layers::room(filters.len());
        let mut indices: Vec<Option<FieldIndex>> = Vec::new();
        indices.resize_with(fields.len(), || None);
        let mut undemanding = Layers::new(filters.len());
        undemanding.0.insert_all();
        for (filter, compiled) in filters.iter().enumerate() {
            let mut demands = demands(&compiled.0, fields, seen);
            demands.sort_by_key(|demand| cost(demand, fields));
            // A word of what happened tells enough.
            if demands.iter().any(|demand| tells(demand, fields)) {
                demands.retain(|demand| demand.iter().all(|(_, mark)| matches!(mark, Mark::Word(_))));
            }
            for (layer, demand) in demands.into_iter().take(LAYERS).enumerate() {
                let number = layer * room + filter;
                undemanding.0.remove(number);
                for (field, mark) in demand {
                    let index = indices[field.index()].get_or_insert_with(|| FieldIndex::new(filters.len()));
                    index.add(mark, number, filters.len());
                }
            }
        }
        Self { filters: filters.len(), fields: indices, undemanding }
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
        let Lookup { layers, word } = lookup;
        for field in event.filled() {
            if let Some(index) = self.fields.get(field.index()).and_then(Option::as_ref) {
                event.values(field).for_each(|value| index.meet(value, word, layers));
                if let Some(met) = index.by_value.as_ref().filter(|_| event.has(field)) {
                    layers.0.add(&met.0);
                }
            }
        }
        candidates.insert_all();
        candidates.keep_all_of(&lookup.layers.0);
    }
}

impl FieldIndex {
    fn new(filters: usize) -> Self {
        Self {
            by_word: HashMap::default(),
            by_head: HashMap::default(),
            by_value: None,
            all: Layers::new(filters),
            sketch: Sketch::default(),
        }
    }

    /// Notes that `mark` meets the demand with this `number`, one of so many `filters`'.
    fn add(&mut self, mark: Mark<'_>, number: usize, filters: usize) {
        let empty = || Layers::new(filters);
        let layers = match mark {
            Mark::Word(word) => {
                self.sketch.insert(word);
                self.by_word.entry(word.to_ascii_lowercase().into_bytes().into()).or_insert_with(empty)
            }
            Mark::Head(head) => self.by_head.entry(head).or_insert_with(empty),
            Mark::Value => self.by_value.get_or_insert_with(empty),
        };
        layers.0.insert(number);
        self.all.0.insert(number);
    }

    /// Adds to each layer the filters whose demand `value` meets.
    fn meet(&self, value: Value<'_>, word: &mut Vec<u8>, layers: &mut Layers) {
        let text = match value {
            Value::Null => return,
            Value::Str(text) => text,
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            // Numbers are compared in ways of their own.
            Value::Int(_) | Value::UInt(_) | Value::Float(_) => {
                return layers.0.add(&self.all.0);
            }
        };
        let head = if self.by_head.is_empty() { None } else { Head::of(text) };
        let by_head = head.and_then(|head| self.by_head.get(&head));
        let by_word = self.sketch.may_hold(text).then(|| {
            word.clear();
            word.extend(text.bytes().map(|byte| byte.to_ascii_lowercase()));
            self.by_word.get(word.as_slice())
        });
        for met in by_word.flatten().into_iter().chain(by_head) {
            layers.0.add(&met.0);
        }
    }
}

impl Sketch {
    fn insert(&mut self, word: &str) {
        let bit = Self::bit(word);
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    fn may_hold(&self, text: &str) -> bool {
        let bit = Self::bit(text);
        self.0[bit / 64] & 1 << (bit % 64) != 0
    }

    fn bit(text: &str) -> usize {
        let end = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(byte | 0x20));
        let (first, last) = (end(text.as_bytes().first()), end(text.as_bytes().last()));
        ((first * 13) ^ (last * 5) ^ text.len().wrapping_mul(37)) % 512
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
        Node::Exists(reading) | Node::Leaf(reading, _)
            if reading.null_value.is_some() || !seen[reading.field.index()] =>
        {
            Vec::new()
        }
        Node::Exists(reading) => vec![vec![(reading.field, Mark::Value)]],
        Node::Leaf(reading, test) => {
            vec![marks(test).into_iter().map(|mark| (reading.field, mark)).collect()]
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

/// Every value that passes a test has one of these marks.
fn marks(test: &Test) -> Vec<Mark<'_>> {
    let (words, wildcards) = match test {
        Test::Text { words, wildcards } => (words, wildcards),
        // As `boolean` reads them.
        Test::Bools(wanted) => {
            let texts = |wanted: &bool| if *wanted { &["true"][..] } else { &["false", ""] };
            return wanted.iter().flat_map(texts).map(|text| Mark::Word(text)).collect();
        }
        _ => return vec![Mark::Value],
    };
    let heads = wildcards.iter().map(|wildcard| wildcard.head().map_or(Mark::Value, Mark::Head));
    let marks: Vec<_> = words.iter().map(Mark::Word).chain(heads).collect();
    if marks.contains(&Mark::Value) { vec![Mark::Value] } else { marks }
}

/// Whether a field tells what kind of event it is rather than what happened.
pub(super) fn is_of_kind(field: &str) -> bool {
    field == "host.os.type" || field.starts_with("event.")
}

/// Whether few events meet a demand: it wants words in fields that do not tell the kind of event.
fn tells(demand: &Demand<'_>, fields: &FieldSet) -> bool {
    demand.iter().all(|(field, mark)| matches!(mark, Mark::Word(_)) && !is_of_kind(fields.name(*field)))
}

/// Lower for a demand that fewer events are likely to meet: what most events of a kind have in common
/// comes last, then what has many words; and last of all what hardly any value fails.
fn cost(demand: &Demand<'_>, fields: &FieldSet) -> (u8, bool, usize) {
    let weakest = demand.iter().map(|(_, mark)| mark.rank()).max().unwrap_or_default();
    let is_common = demand.iter().any(|(field, _)| {
        let name = fields.name(*field);
        is_of_kind(name) && !matches!(name, "event.code" | "event.category")
    });
    (weakest, is_common, demand.len())
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
            r#"any where file.path : ("?:\\Win*.exe", "c:\\temp\\*")"#,
            r#"any where file.path : "c*" or file.path : "\\Device\\*""#,
            r#"any where file.path : "c:*" and not file.path : "c:\\*""#,
            r#"any where file.path like~ "\u{e9}:\\Win*""#,
            r#"any where process.code_signature.trusted == false"#,
            r#"any where process.pid != null"#,
            r#"any where process.pid > 3 or process.name like "A?*""#,
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
        let (mut left_out, mut matching) = (0, 0);
        for record in [
            r#"{"event":{"category":"process","type":["start"]},"process":{"name":"cmd.EXE"}}"#,
            r#"{"event":{"category":["file","x"]},"process":{"name":["y","z"]}}"#,
            r#"{"process":{"name":1}}"#,
            r#"{"process":{"name":["a","c"]}}"#,
            r#"{"process":{"name":[null,"b"]}}"#,
            r#"{"process":{"pid":[4,null],"code_signature":{"trusted":[true,"false"]}}}"#,
            r#"{"process":{"pid":null,"name":"Ab","code_signature":{"trusted":""}}}"#,
            r#"{"process":{"code_signature":{"trusted":false}},"file":{"path":"C:\\WINDOWS\\x.exe"}}"#,
            r#"{"file":{"path":["c:temp","\\DEVICE\\Mup","C:\\Temp\\"]}}"#,
            r#"{"file":{"path":"\u00e9:\\windows\\x.exe"}}"#,
            r#"{"file":{"path":["c:","c","\u00c9",""]}}"#,
            r#"{}"#,
        ] {
            Reader::default().read(record.as_bytes(), &fields, &mut event);
            index.candidates(&event, &mut set, &mut lookup);
            let can: Vec<usize> = set.iter().collect();
            for (number, filter) in filters.iter().enumerate() {
                assert!(!filter.matches(&event) || can.contains(&number), "{record} and {}", queries[number]);
                matching += usize::from(filter.matches(&event));
            }
            left_out += filters.len() - can.len();
        }
        assert!(left_out > 100 && matching > 20, "{left_out} {matching}");
    }
}
