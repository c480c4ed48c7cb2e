//! The ECS fields of a vendor's raw event, laid over its document.

use std::sync::LazyLock;

use serde_json::{Map, Value as Json};

use super::walk::Collector;
use super::{Document, Documents, Event, FieldSet, Flags, Sources, Timestamp, Value, parse_time, tolerant};

/// The fields that ECS defines as arrays, of those that are derived.
const ARRAYS: [&str; 4] = ["event.category", "event.type", "process.args", "process.parent.args"];

/// Seconds between the time that came with an event and the source's own from which on it is said.
const TELLING_SECONDS: i64 = 60;

/// The maps of all sources for every field they fill: a constant that takes code to make.
static EVERYTHING: LazyLock<(FieldSet, Sources)> = LazyLock::new(|| {
    let mut fields = FieldSet::new();
    for target in Sources::targets() {
        fields.intern(target);
    }
    let sources = Sources::new(&mut fields);
    (fields, sources)
});

/// Lays over `document`, read from `record`, what its source's map derives.
pub(super) fn lay(record: &[u8], documents: Documents, document: &mut Document) {
    let (fields, sources) = &*EVERYTHING;
    let mut event = Event::new(fields);
    tolerant::parse(record, &mut Collector::new(fields, &mut event));
    let flags = sources.normalise(record, fields, documents, &mut event);
    document.flags.insert(flags);
    let came_with = document.text("@timestamp").and_then(|text| time(&text));
    for field in event.derived() {
        let values: Vec<Json> = event.values(field).filter_map(json).collect();
        set(&mut document.fields, fields.name(field), values);
    }
    let own = document.text("@timestamp").and_then(|text| time(&text));
    if let (Some(came_with), Some(own)) = (came_with, own)
        && (came_with.as_second() - own.as_second()).abs() > TELLING_SECONDS
    {
        document.flags.insert(Flags::TIME_FROM_SOURCE);
    }
}

fn time(text: &str) -> Option<Timestamp> {
    parse_time(Value::Str(text)).map(|(time, _)| time)
}

fn json(value: Value<'_>) -> Option<Json> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::UInt(value) => value.into(),
        Value::Float(value) => value.into(),
        Value::Str(text) => text.into(),
    })
}

/// Puts `values` at `path` in the place of what stood there. A scalar on the way (`"host": "collector"`) gives
/// way to the object that ECS has there; the record itself still holds it.
fn set(fields: &mut Map<String, Json>, path: &str, mut values: Vec<Json>) {
    let (branch, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut at = fields;
    for segment in branch.split('.').filter(|segment| !segment.is_empty()) {
        let below = at.entry(segment).or_insert_with(|| Json::Object(Map::new()));
        if !below.is_object() {
            *below = Json::Object(Map::new());
        }
        let Json::Object(below) = below else { return };
        at = below;
    }
    match values.len() {
        0 => {
            at.shift_remove(last);
        }
        1 if !ARRAYS.contains(&path) => {
            at.insert(last.to_owned(), values.remove(0));
        }
        _ => {
            at.insert(last.to_owned(), Json::Array(values));
        }
    }
}
