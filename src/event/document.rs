//! A record as a tree of ECS fields, for reports.

use std::collections::HashSet;

use serde_json::{Map, Number, Value as Json};

use super::walk::Visitor;
use super::{Documents, Flags, Value, overlay, tolerant};
use crate::record::inner;

/// Objects and arrays deeper than this are left out of the tree: what reads it recurses.
pub(super) const MAX_DEPTH: usize = 100;

/// The whole of a record, nested as ECS nests it. Built for hits only.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The fields, dotted keys unfolded into objects, in the record's order. A field that occurs more
    /// than once holds an array of its values.
    pub fields: Map<String, Json>,
    /// What was wrong with the record.
    pub flags: Flags,
}

impl Document {
    /// Reads a record with the tolerant parser; a vendor's raw event gets its ECS fields laid over its own.
    /// Never fails, see [`Document::flags`].
    #[must_use]
    pub fn read(record: &[u8]) -> Self {
        Self::read_with(record, Documents::AsTheyStand)
    }

    /// [`Document::read`], with a say on what happens to documents that are ECS already.
    #[must_use]
    pub fn read_with(record: &[u8], documents: Documents) -> Self {
        let record = inner(record);
        let mut document = tree(record);
        overlay::lay(record, documents, &mut document);
        document
    }

    /// What stands at a dotted path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Json> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let mut at = self.fields.get(first)?;
        for key in rest.into_iter().flat_map(|rest| rest.split('.')) {
            at = at.get(key)?;
        }
        Some(at)
    }

    /// What stands at a dotted path, as text: a string as it is, a number as it is spelled, several
    /// scalars joined by `, `; `None` for nothing, null and objects. Arrays on the way are gone through.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        text(self.fields.get(first)?, rest)
    }
}

/// A record as it stands.
pub(super) fn tree(record: &[u8]) -> Document {
    let mut builder = Builder::default();
    let mut flags = tolerant::parse(record, &mut builder).flags;
    if builder.saw_duplicate {
        flags.insert(Flags::DUPLICATE_KEY);
    }
    if builder.too_deep {
        flags.insert(Flags::DEEP_NESTING);
    }
    Document { fields: builder.root, flags }
}

/// What stands at `path` below `value`; at `value` itself if there is no path.
fn text(value: &Json, path: Option<&str>) -> Option<String> {
    match (value, path) {
        (Json::Array(values), path) => {
            let texts: Vec<String> = values.iter().filter_map(|value| text(value, path)).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        }
        (Json::Object(fields), Some(path)) => {
            let (first, rest) =
                path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
            text(fields.get(first)?, rest)
        }
        (Json::String(text), None) => Some(text.clone()),
        (Json::Number(number), None) => Some(number.to_string()),
        (Json::Bool(value), None) => Some(value.to_string()),
        _ => None,
    }
}

/// A container that is still open.
enum Open {
    Object(Fields),
    Array(Vec<Json>),
}

#[derive(Default)]
struct Fields {
    fields: Map<String, Json>,
    /// Every key so far, as it is spelled.
    seen: HashSet<String>,
    /// The key whose value comes next.
    key: Option<String>,
}

#[derive(Default)]
struct Builder {
    root: Map<String, Json>,
    open: Vec<Open>,
    saw_duplicate: bool,
    too_deep: bool,
}

impl Builder {
    fn open(&mut self, container: Open) -> bool {
        if self.open.len() >= MAX_DEPTH {
            self.too_deep = true;
            if let Some(Open::Object(object)) = self.open.last_mut() {
                object.key = None;
            }
            return false;
        }
        self.open.push(container);
        true
    }

    fn place(&mut self, value: Json) {
        match self.open.last_mut() {
            Some(Open::Array(values)) => values.push(value),
            Some(Open::Object(object)) => {
                // A value without a key is broken JSON, and has no place.
                if let Some(key) = object.key.take() {
                    insert(&mut object.fields, &key, value);
                }
            }
            None => self.place_root(value),
        }
    }

    /// The objects of an array that is a whole record are parts of one document.
    fn place_root(&mut self, value: Json) {
        match value {
            Json::Object(fields) => merge(&mut self.root, fields),
            Json::Array(values) => values.into_iter().for_each(|value| self.place_root(value)),
            _ => {}
        }
    }
}

impl Visitor for Builder {
    fn key(&mut self, key: &str) {
        if let Some(Open::Object(object)) = self.open.last_mut() {
            self.saw_duplicate |= !object.seen.insert(key.to_owned());
            object.key = Some(key.to_owned());
        }
    }

    fn scalar(&mut self, value: Value<'_>, token: &str) {
        let value = match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(value),
            Value::Str(text) if token.is_empty() => Json::String(text.to_owned()),
            Value::Str(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_) => match token.parse::<Number>()
            {
                Ok(number) => Json::Number(number),
                Err(_) => Json::String(token.to_owned()),
            },
        };
        self.place(value);
    }

    fn open_object(&mut self) -> bool {
        self.open(Open::Object(Fields::default()))
    }

    fn open_array(&mut self) -> bool {
        self.open(Open::Array(Vec::new()))
    }

    fn close(&mut self) {
        let value = match self.open.pop() {
            Some(Open::Object(object)) => Json::Object(object.fields),
            Some(Open::Array(values)) => Json::Array(values),
            None => return,
        };
        self.place(value);
    }
}

/// Puts `value` at the dotted `key`. A key that is no ECS path (`a..b`), or whose path is taken by a
/// scalar, stays whole.
fn insert(fields: &mut Map<String, Json>, key: &str, value: Json) {
    match branch(fields, key) {
        Some((branch, last)) => put(branch, last, value),
        None => put(fields, key, value),
    }
}

/// The object in which the last segment of `key` belongs, made on the way, and that segment.
fn branch<'f, 'k>(
    fields: &'f mut Map<String, Json>,
    key: &'k str,
) -> Option<(&'f mut Map<String, Json>, &'k str)> {
    let (path, last) = key.rsplit_once('.')?;
    let is_path = !key.split('.').any(str::is_empty) && key.split('.').count() <= MAX_DEPTH;
    if !is_path || !is_free(fields, path) {
        return None;
    }
    let mut at = fields;
    for segment in path.split('.') {
        at = at.entry(segment).or_insert_with(|| Json::Object(Map::new())).as_object_mut()?;
    }
    Some((at, last))
}

/// Whether objects, or nothing yet, stand along `path`.
fn is_free(fields: &Map<String, Json>, path: &str) -> bool {
    let mut at = fields;
    for segment in path.split('.') {
        match at.get(segment) {
            None => return true,
            Some(Json::Object(below)) => at = below,
            Some(_) => return false,
        }
    }
    true
}

/// Puts `value` at `key`, beside what may be there already.
fn put(fields: &mut Map<String, Json>, key: &str, value: Json) {
    match (fields.get_mut(key), value) {
        (None, value) => {
            fields.insert(key.to_owned(), value);
        }
        (Some(Json::Object(there)), Json::Object(more)) => merge(there, more),
        (Some(Json::Array(there)), value) => there.push(value),
        (Some(there), value) => *there = Json::Array(vec![there.take(), value]),
    }
}

fn merge(there: &mut Map<String, Json>, more: Map<String, Json>) {
    for (key, value) in more {
        put(there, &key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(record: &str) -> (String, Flags) {
        let document = Document::read(record.as_bytes());
        (Json::Object(document.fields).to_string(), document.flags)
    }

    #[test]
    fn dotted_keys_unfold_and_occurrences_gather() {
        for (record, expected, flags) in [
            (r#"{"a.b":1,"a":{"c":2}}"#, r#"{"a":{"b":1,"c":2}}"#, Flags::empty()),
            (r#"{"a":{"b":1},"a.b":2}"#, r#"{"a":{"b":[1,2]}}"#, Flags::empty()),
            (r#"{"a":1,"a":2}"#, r#"{"a":[1,2]}"#, Flags::DUPLICATE_KEY),
            (r#"{"a":{"b":1},"a":{"c":2}}"#, r#"{"a":{"b":1,"c":2}}"#, Flags::DUPLICATE_KEY),
            (r#"{"a":"x","a.b":2}"#, r#"{"a":"x","a.b":2}"#, Flags::empty()),
            (r#"{"a..b":1,"":2}"#, r#"{"a..b":1,"":2}"#, Flags::empty()),
            (r#"{"n":1.50e3}"#, r#"{"n":1.50e+3}"#, Flags::empty()),
            (r#"[{"a":1},{"b":2}]"#, r#"{"a":1,"b":2}"#, Flags::empty()),
        ] {
            assert_eq!(read(record), (expected.to_owned(), flags), "{record}");
        }
    }

    #[test]
    fn text_is_found_through_arrays() {
        let document =
            Document::read(br#"{"process":[{"name":"a"},{"name":["b",3]},{"parent":[{"name":"c"}]}]}"#);
        assert_eq!(document.text("process.name").as_deref(), Some("a, b, 3"));
        assert_eq!(document.text("process.parent.name").as_deref(), Some("c"));
        assert_eq!(document.text("process"), None);
    }

    #[test]
    fn depth_is_bounded_in_the_tree_and_said() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
        let document = Document::read(format!(r#"{{"deep":{deep},"x":1}}"#).as_bytes());
        assert_eq!(document.text("x").as_deref(), Some("1"));
        assert!(document.flags.contains(Flags::DEEP_NESTING));
        let dotted = format!(r#"{{"{}":1}}"#, "a.".repeat(100_000));
        assert_eq!(Document::read(dotted.as_bytes()).fields.len(), 1);
    }
}
