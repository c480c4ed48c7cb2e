//! The types of fields: what an index mapping would make of a value.

mod ecs;
mod mapping;

pub use mapping::{Mapping, MappingError};

use super::ast::Literal;

/// What a field's values are compared as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Not known: strings, numbers and booleans as they come, and whatever the query compares them with.
    Unknown,
    /// Text, whole. `text` with a keyword below it, `wildcard` and `constant_keyword` are the same here.
    Keyword,
    /// Whole numbers of any width.
    Long,
    /// Numbers with a fraction.
    Double,
    /// `true` and `false`, also in quotes.
    Boolean,
    /// A time, with the formats that the mapping names beside ISO 8601 and epoch milliseconds.
    Date(Vec<String>),
    /// An IPv4 or IPv6 address.
    Ip,
    /// A software version.
    Version,
}

impl FieldType {
    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            FieldType::Unknown => "of unknown type",
            FieldType::Keyword => "a keyword",
            FieldType::Long | FieldType::Double => "a number",
            FieldType::Boolean => "a boolean",
            FieldType::Date(_) => "a date",
            FieldType::Ip => "an IP address",
            FieldType::Version => "a version",
        }
    }
}

/// A field as the evidence has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedField {
    /// The path to read, with aliases followed.
    pub path: String,
    /// What its values are.
    pub kind: FieldType,
    /// What an explicit `null` stands for.
    pub null_value: Option<Literal>,
}

/// Where types come from.
#[derive(Clone, Debug, Default)]
pub enum Types {
    /// ECS's own definition; any other field exists and is of unknown type.
    #[default]
    Ecs,
    /// An index mapping; any other field does not exist.
    Mapping(Mapping),
}

impl Types {
    /// The field at `path`; `None` if a mapping is given and has no such field.
    #[must_use]
    pub fn resolve(&self, path: &str) -> Option<ResolvedField> {
        match self {
            Types::Ecs => {
                Some(ResolvedField { path: path.to_owned(), kind: ecs::kind(path), null_value: None })
            }
            Types::Mapping(mapping) => mapping.resolve(path),
        }
    }
}
