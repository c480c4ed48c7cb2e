//! Documents and mappings.

use std::path::PathBuf;

use coldtrail::eql::{FieldType, Mapping};
use coldtrail::event::{Event, FieldSet, Value, parse_time};
use serde_json::{Deserializer, Map, Value as Json};

use crate::suite::read;

/// Where the 1601 of Windows' FILETIME lies before 1970, in milliseconds.
const FILETIME_EPOCH: i64 = 11_644_473_600_000;

/// What a suite is about.
pub(crate) struct Data {
    pub(crate) documents: Vec<Map<String, Json>>,
    pub(crate) mapping: Mapping,
    /// The field by which results are told, which is also the tiebreaker.
    pub(crate) id: &'static str,
}

impl Data {
    /// Reads documents and mappings; fields that no mapping names are typed by their values, as an index
    /// would do it.
    pub(crate) fn read(data: &[PathBuf], mappings: &[PathBuf]) -> Result<Self, String> {
        let mut documents = Vec::new();
        for file in data {
            let text = without_comments(&read(file)?);
            for json in Deserializer::from_str(&text).into_iter::<Json>() {
                let json = json.map_err(|error| format!("{}: {error}", file.display()))?;
                documents.extend(objects(json));
            }
        }
        documents.iter_mut().for_each(add_time);
        let mut mapping = Mapping::default();
        for file in mappings {
            let text = without_comments(&read(file)?);
            mapping.merge(Mapping::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?);
        }
        for document in &documents {
            leaves("", document, &mut |path, value| {
                if let Some(kind) = dynamic(value) {
                    mapping.insert(path.to_owned(), kind, None);
                }
            });
        }
        let ids = ["serial_event_id", "sequence", "id"];
        let id = ids.into_iter().find(|id| documents.iter().all(|document| document.contains_key(*id)));
        Ok(Self { documents, mapping, id: id.ok_or("the documents have no id")? })
    }
}

fn without_comments(text: &str) -> String {
    let kept = text.lines().filter(|line| !line.trim_start().starts_with("//") && !line.starts_with('#'));
    kept.collect::<Vec<_>>().join("\n")
}

fn objects(json: Json) -> Vec<Map<String, Json>> {
    match json {
        Json::Array(all) => all.into_iter().flat_map(objects).collect(),
        Json::Object(object) => vec![object],
        _ => Vec::new(),
    }
}

/// Gives a document with a FILETIME its `@timestamp`.
fn add_time(document: &mut Map<String, Json>) {
    let filetime = document.get("timestamp").and_then(Json::as_i64);
    if let (Some(filetime), false) = (filetime, document.contains_key("@timestamp")) {
        document.insert("@timestamp".to_owned(), Json::from(filetime / 10_000 - FILETIME_EPOCH));
    }
}

/// The type that an index gives to a field at its first value.
fn dynamic(value: &Json) -> Option<FieldType> {
    match value {
        Json::Bool(_) => Some(FieldType::Boolean),
        Json::Number(number) if number.is_f64() => Some(FieldType::Double),
        Json::Number(_) => Some(FieldType::Long),
        Json::String(text) if text.contains('-') && parse_time(Value::Str(text)).is_some() => {
            Some(FieldType::Date(Vec::new()))
        }
        Json::String(_) => Some(FieldType::Keyword),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Calls `each` with every scalar and its dotted path.
fn leaves(parent: &str, object: &Map<String, Json>, each: &mut impl FnMut(&str, &Json)) {
    for (key, value) in object {
        let path = if parent.is_empty() { key.clone() } else { format!("{parent}.{key}") };
        leaf(&path, value, each);
    }
}

fn leaf(path: &str, value: &Json, each: &mut impl FnMut(&str, &Json)) {
    match value {
        Json::Object(object) => leaves(path, object, each),
        Json::Array(values) => values.iter().for_each(|value| leaf(path, value, each)),
        scalar => each(path, scalar),
    }
}

/// Makes the paths of all documents known.
pub(crate) fn intern(documents: &[Map<String, Json>], fields: &mut FieldSet) {
    for document in documents {
        leaves("", document, &mut |path, _| {
            fields.intern(path);
        });
    }
}

/// A document as an event.
pub(crate) fn event(document: &Map<String, Json>, fields: &mut FieldSet) -> Event {
    let mut event = Event::new(fields);
    leaves("", document, &mut |path, value| {
        let field = fields.intern(path);
        event.push(field, scalar(value));
    });
    event
}

fn scalar(value: &Json) -> Value<'_> {
    match value {
        Json::Bool(value) => Value::Bool(*value),
        Json::String(text) => Value::Str(text),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(value), _, _) => Value::Int(value),
            (_, Some(value), _) => Value::UInt(value),
            (_, _, Some(value)) => Value::Float(value),
            _ => Value::Null,
        },
        Json::Null | Json::Array(_) | Json::Object(_) => Value::Null,
    }
}
