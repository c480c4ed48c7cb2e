//! Events inside strings, and event data given as lists of names and values.
//!
//! EvtxECmd keeps the event's data as JSON in a string, Log Analytics as JSON or XML, Splunk the whole event;
//! renderings of the event's XML give `Data` as `[{"@Name": …, "#text": …}]`. Such records are read once more,
//! slowly, and what is found is told as if it had stood in the record.

use serde_json::{Map, Value as Json};

use super::super::document::{self, MAX_DEPTH};
use super::super::walk::{Collector, Visitor};
use super::super::{Event, FieldId, FieldSet, Item, Value};
use super::{message, xml};

/// A string that holds an event.
#[derive(Clone, Copy, Debug)]
enum Inside {
    /// JSON, or XML with an `Event` at its root.
    Event,
    /// The event's data: JSON or XML.
    EventData,
    /// The event's text.
    Message,
}

/// Each with a field that must stand beside it: names as common as `Payload` and `Message` are others' too.
const STRINGS: [(&str, &str, Inside); 6] = [
    ("Payload", "EventId", Inside::Event),
    ("_raw", "_raw", Inside::Event),
    ("result._raw", "result._raw", Inside::Event),
    ("EventData", "EventData", Inside::EventData),
    ("Event.EventData", "Event.EventData", Inside::EventData),
    ("Message", "ProviderName", Inside::Message),
];

/// Where lists stand, each with its parent.
const LISTS: [&str; 3] = ["Event.EventData", "EventData", "winlog.event_data"];
/// How an item of a list calls its name and its value.
const NAMES: [&str; 3] = ["@Name", "Name", "#attributes.Name"];
const VALUES: [&str; 5] = ["#text", "value", "Value", "text", "$text"];

/// Tells records that must be unpacked.
#[derive(Debug)]
pub(super) struct Unpacker {
    strings: Vec<(FieldId, FieldId, Inside)>,
    /// With the parent of the list.
    lists: Vec<(FieldId, &'static str)>,
    original: FieldId,
}

impl Unpacker {
    pub(super) fn new(fields: &mut FieldSet) -> Self {
        let strings = STRINGS
            .map(|(path, beside, inside)| (fields.intern(path), fields.intern(beside), inside))
            .to_vec();
        let mut lists = Vec::new();
        for list in LISTS {
            for name in NAMES {
                lists.push((fields.intern(&format!("{list}.Data.{name}")), list));
            }
        }
        Self { strings, lists, original: fields.intern("event.original") }
    }

    /// Adds to `event` what lies deeper in `record`; what `event.original` holds only for a `rebuild`.
    pub(super) fn unpack(&self, record: &[u8], fields: &FieldSet, rebuild: bool, event: &mut Event) {
        for (field, beside, inside) in &self.strings {
            let Some(text) = event.text(*field).filter(|_| event.has(*beside)) else { continue };
            let tree = match inside {
                Inside::Event => whole(text),
                Inside::EventData => data(text),
                Inside::Message => under("EventData", message::read(text)),
            };
            tell(tree, fields, event);
        }
        if rebuild && let Some(text) = event.text(self.original) {
            tell(whole(text), fields, event);
        }
        if self.lists.iter().any(|(field, _)| event.has(*field)) {
            let tree = document::tree(record);
            let lists = named_lists(|path| tree.get(path).map(Item::to_json));
            tell_branches(&lists, fields, event);
        }
    }
}

/// Tells `event` of what stands in `tree`, its lists of names and values unfolded.
fn tell(tree: Map<String, Json>, fields: &FieldSet, event: &mut Event) {
    let lists = named_lists(|path| {
        let mut keys = path.split('.');
        let first = tree.get(keys.next()?)?;
        keys.try_fold(first, |below, key| below.get(key)).cloned()
    });
    visit(&Json::Object(tree), 0, &mut Collector::new(fields, event));
    tell_branches(&lists, fields, event);
}

fn tell_branches(branches: &[(&str, Map<String, Json>)], fields: &FieldSet, event: &mut Event) {
    for (path, data) in branches {
        let mut collector = Collector::new(fields, event);
        collector.open_object();
        collector.key(path);
        for_object(data, 0, &mut collector);
        collector.close();
    }
}

fn whole(text: &str) -> Map<String, Json> {
    match xml::read(text) {
        Some(event) => under("Event", event),
        None => json(text),
    }
}

fn data(text: &str) -> Map<String, Json> {
    match xml::read(text) {
        Some(mut event) => under(
            "EventData",
            match event.remove("EventData") {
                Some(Json::Object(data)) => data,
                _ => Map::new(),
            },
        ),
        None => under("EventData", json(text)),
    }
}

fn json(text: &str) -> Map<String, Json> {
    if !text.trim_start().starts_with('{') {
        return Map::new();
    }
    let tree = document::tree(text.as_bytes());
    tree.fields().map(|(key, item)| (key.to_owned(), item.to_json())).collect()
}

fn under(name: &str, fields: Map<String, Json>) -> Map<String, Json> {
    Map::from_iter([(name.to_owned(), Json::Object(fields))])
}

/// What the lists say, each with its parent's path; `at` gives what stands at a path.
fn named_lists(at: impl Fn(&str) -> Option<Json>) -> Vec<(&'static str, Map<String, Json>)> {
    LISTS.iter().map(|path| (*path, named_list(at(&format!("{path}.Data"))))).collect()
}

fn named_list(list: Option<Json>) -> Map<String, Json> {
    let mut data = Map::new();
    let items = match list {
        Some(Json::Array(items)) => items,
        one => one.into_iter().collect(),
    };
    for item in &items {
        let Some(Json::String(name)) = first_of(item, &NAMES) else { continue };
        let value = first_of(item, &VALUES).cloned().unwrap_or_default();
        match data.get_mut(name) {
            None => {
                data.insert(name.clone(), value);
            }
            Some(Json::Array(values)) => values.push(value),
            Some(there) => *there = Json::Array(vec![there.take(), value]),
        }
    }
    data
}

fn first_of<'a>(item: &'a Json, paths: &[&str]) -> Option<&'a Json> {
    paths.iter().find_map(|path| path.split('.').try_fold(item, |below, key| below.get(key)))
}

/// Tells `visitor` of a tree that is no deeper than twice [`MAX_DEPTH`] by how it was built.
fn visit(value: &Json, depth: usize, visitor: &mut Collector<'_>) {
    match value {
        _ if depth > 2 * MAX_DEPTH => visitor.scalar(Value::Null, ""),
        Json::Null => visitor.scalar(Value::Null, ""),
        Json::Bool(value) => visitor.scalar(Value::Bool(*value), ""),
        Json::Number(number) => {
            let value = number.as_i64().map(Value::Int).or_else(|| number.as_u64().map(Value::UInt));
            visitor.scalar(value.or_else(|| number.as_f64().map(Value::Float)).unwrap_or(Value::Null), "");
        }
        Json::String(text) => visitor.scalar(Value::Str(text), ""),
        Json::Array(values) => {
            if visitor.open_array() {
                values.iter().for_each(|value| visit(value, depth + 1, visitor));
                visitor.close();
            }
        }
        Json::Object(fields) => for_object(fields, depth, visitor),
    }
}

fn for_object(fields: &Map<String, Json>, depth: usize, visitor: &mut Collector<'_>) {
    if visitor.open_object() {
        for (key, value) in fields {
            visitor.key(key);
            visit(value, depth + 1, visitor);
        }
        visitor.close();
    }
}
