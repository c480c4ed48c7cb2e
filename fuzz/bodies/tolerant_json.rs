//! The tolerant parser against serde_json, and against nothing where that refuses.

use coldtrail::event::{Document, Event, FieldId, FieldSet, Reader, Reading, Value};
use serde_json::Value as Json;

/// Any record is read without a panic; each value that serde_json reads in an object is among those that the
/// tolerant parser reads at the same path.
pub(super) fn check(data: &[u8]) {
    serde_json::to_string(&Document::read(data)).expect("a document is JSON");
    let Ok(object @ Json::Object(_)) = serde_json::from_slice(data) else { return };
    let mut fields = FieldSet::new();
    let mut leaves = Vec::new();
    collect(&object, None, &mut |path, leaf| leaves.push((fields.intern(path), leaf)));
    let mut event = Event::new(&fields);
    assert_eq!(Reader::read_tolerantly(data, &fields, &mut event), Reading::Tolerated);
    for (field, leaf) in leaves {
        assert!(has(&event, field, leaf), "{}: {leaf} not in {event:?}", fields.name(field));
    }
}

/// Every scalar below `value` with its dotted path.
pub(super) fn collect<'j>(value: &'j Json, path: Option<&str>, found: &mut impl FnMut(&str, &'j Json)) {
    match value {
        Json::Object(members) => {
            for (key, value) in members {
                let path = path.map_or_else(|| key.clone(), |path| format!("{path}.{key}"));
                collect(value, Some(&path), found);
            }
        }
        Json::Array(values) => values.iter().for_each(|value| collect(value, path, found)),
        scalar => path.into_iter().for_each(|path| found(path, scalar)),
    }
}

fn has(event: &Event, field: FieldId, leaf: &Json) -> bool {
    event.values(field).any(|value| match (value, leaf) {
        (Value::Null, Json::Null) => true,
        (Value::Bool(value), Json::Bool(leaf)) => value == *leaf,
        (Value::Str(value), Json::String(leaf)) => value == leaf,
        (Value::Int(value), Json::Number(leaf)) => leaf.as_i64() == Some(value),
        (Value::UInt(value), Json::Number(leaf)) => leaf.as_u64() == Some(value),
        (Value::Float(value), Json::Number(leaf)) => leaf.as_f64() == Some(value),
        // What 64 bits cannot hold keeps its spelling; serde_json puts a sign before every exponent.
        (Value::Str(value), Json::Number(leaf)) => {
            let plain = |number: &str| number.replace('+', "").to_ascii_lowercase();
            plain(value) == plain(&leaf.to_string())
        }
        _ => false,
    })
}
