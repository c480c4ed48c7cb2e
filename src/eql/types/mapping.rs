//! Elasticsearch index mappings.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use thiserror::Error;

use super::{FieldType, ResolvedField};
use crate::eql::ast::Literal;

/// How deep a mapping's objects may nest; Elasticsearch's own default limit is 20.
const MAX_DEPTH: usize = 64;

/// The fields of one or several indices.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    fields: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug)]
enum Entry {
    Field { kind: FieldType, null_value: Option<Literal> },
    Alias(String),
}

/// Why a text is no mapping.
#[derive(Debug, Error)]
pub enum MappingError {
    /// It is no JSON.
    #[error("the mapping is not JSON")]
    Json(#[from] serde_json::Error),
    /// It is JSON without `properties`.
    #[error("the mapping has no \"properties\", neither at the top nor below \"mappings\" or an index name")]
    NoProperties,
    /// It nests too deep.
    #[error("the mapping nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl Mapping {
    /// Reads `{"properties":…}`, alone or below `"mappings"` and an index name, as `GET index/_mapping`
    /// answers. With several indices their fields are put together.
    ///
    /// # Errors
    ///
    /// When the text is no JSON or holds no properties.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let json: Json = serde_json::from_str(text)?;
        let mut mapping = Mapping::default();
        let unwrapped = |json: &Json| json.get("mappings").unwrap_or(json).get("properties").cloned();
        let roots: Vec<Json> = match unwrapped(&json) {
            Some(properties) => vec![properties],
            None => json.as_object().into_iter().flat_map(Map::values).filter_map(unwrapped).collect(),
        };
        if roots.is_empty() {
            return Err(MappingError::NoProperties);
        }
        for properties in &roots {
            mapping.add(properties, "", 0)?;
        }
        Ok(mapping)
    }

    fn add(&mut self, properties: &Json, parent: &str, depth: usize) -> Result<(), MappingError> {
        if depth == MAX_DEPTH {
            return Err(MappingError::TooDeep);
        }
        for (name, field) in properties.as_object().into_iter().flatten() {
            let path = if parent.is_empty() { name.clone() } else { format!("{parent}.{name}") };
            match field.get("type").and_then(Json::as_str) {
                Some("alias") => {
                    if let Some(target) = field.get("path").and_then(Json::as_str) {
                        self.fields.insert(path, Entry::Alias(target.to_owned()));
                    }
                }
                Some("object" | "nested") | None => {}
                Some(name) => self.insert(path, kind(name, field), field.get("null_value").and_then(literal)),
            }
            if let Some(below) = field.get("properties") {
                let path = if parent.is_empty() { name.clone() } else { format!("{parent}.{name}") };
                self.add(below, &path, depth + 1)?;
            }
        }
        Ok(())
    }

    /// Adds a field, unless it is there; formats of dates are put together.
    pub fn insert(&mut self, path: String, kind: FieldType, null_value: Option<Literal>) {
        match (self.fields.get_mut(&path), kind) {
            (Some(Entry::Field { kind: FieldType::Date(formats), .. }), FieldType::Date(more)) => {
                formats.extend(more)
            }
            (Some(_), _) => {}
            (None, kind) => {
                self.fields.insert(path, Entry::Field { kind, null_value });
            }
        }
    }

    /// Puts another mapping's fields beside these.
    pub fn merge(&mut self, other: Mapping) {
        for (path, entry) in other.fields {
            match entry {
                Entry::Field { kind, null_value } => self.insert(path, kind, null_value),
                Entry::Alias(_) => {
                    self.fields.entry(path).or_insert(entry);
                }
            }
        }
    }

    /// The field at `path`, or the one it is an alias of.
    #[must_use]
    pub fn resolve(&self, path: &str) -> Option<ResolvedField> {
        let (path, entry) = match self.fields.get_key_value(path)? {
            (_, Entry::Alias(target)) => self.fields.get_key_value(target)?,
            found => found,
        };
        match entry {
            Entry::Field { kind, null_value } => {
                Some(ResolvedField { path: path.clone(), kind: kind.clone(), null_value: null_value.clone() })
            }
            // An alias of an alias is none; Elasticsearch refuses to create it.
            Entry::Alias(_) => None,
        }
    }
}

fn kind(name: &str, field: &Json) -> FieldType {
    match name {
        "byte" | "short" | "integer" | "long" | "unsigned_long" => FieldType::Long,
        "half_float" | "float" | "scaled_float" | "double" => FieldType::Double,
        "boolean" => FieldType::Boolean,
        "date" | "date_nanos" => {
            let formats = field.get("format").and_then(Json::as_str).unwrap_or_default();
            FieldType::Date(
                formats.split("||").filter(|format| !format.is_empty()).map(str::to_owned).collect(),
            )
        }
        "ip" => FieldType::Ip,
        "version" => FieldType::Version,
        _ => FieldType::Keyword,
    }
}

fn literal(json: &Json) -> Option<Literal> {
    match json {
        Json::Bool(value) => Some(Literal::Bool(*value)),
        Json::String(text) => Some(Literal::Text(text.clone())),
        Json::Number(number) => {
            number.as_i64().map(Literal::Int).or_else(|| number.as_f64().map(Literal::Float))
        }
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROPERTIES: &str = r#"{"properties": {
        "process": {"properties": {"pid": {"type": "long"}, "name": {"type": "text", "fields": {"raw": {"type": "keyword"}}}}},
        "pid": {"type": "alias", "path": "process.pid"},
        "seen": {"type": "date", "format": "dd-MM-yyyy||epoch_millis"},
        "note": {"type": "keyword", "null_value": "NONE"}
    }}"#;

    #[test]
    fn a_mapping_is_found_under_any_wrapping_and_aliases_are_followed() {
        let wrapped = format!(r#"{{"mappings": {PROPERTIES}}}"#);
        let answer = format!(r#"{{"logs-1": {wrapped}, "logs-2": {wrapped}}}"#);
        for text in [PROPERTIES, &wrapped, &answer] {
            let mapping = Mapping::parse(text).unwrap();
            let pid = mapping.resolve("pid").unwrap();
            assert_eq!((pid.path.as_str(), pid.kind), ("process.pid", FieldType::Long));
            assert_eq!(mapping.resolve("process.name").unwrap().kind, FieldType::Keyword);
            assert_eq!(mapping.resolve("note").unwrap().null_value, Some(Literal::Text("NONE".into())));
            assert!(
                matches!(mapping.resolve("seen").unwrap().kind, FieldType::Date(formats) if formats[0] == "dd-MM-yyyy")
            );
            assert!(mapping.resolve("process").is_none() && mapping.resolve("gone").is_none());
        }
    }

    #[test]
    fn what_is_no_mapping_is_refused() {
        let deep = format!("{}1{}", r#"{"properties":{"a":"#.repeat(100), "}}".repeat(100));
        for text in ["", "[]", "{}", "{\"a\": 1}", &deep] {
            assert!(Mapping::parse(text).is_err(), "{text}");
        }
    }
}
