//! Typed picks from a TOML table; what is wrong is noted with its place, and reading goes on.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Problem;

/// Problems with their bytes in the file.
pub(super) type Faults = Vec<(Range<usize>, Problem)>;

/// A table under reading.
pub(super) struct Fields<'a> {
    /// What it is called in messages.
    pub(super) name: &'static str,
    pub(super) table: &'a DeTable<'a>,
    /// Where it stands.
    pub(super) span: Range<usize>,
}

impl<'a> Fields<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    /// Where a key's value stands; the table's own place when it is not there.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// Notes that a key is missing if `value` is.
    pub(super) fn required<T>(&self, key: &'static str, value: Option<T>, faults: &mut Faults) -> Option<T> {
        if value.is_none() && self.get(key).is_none() {
            faults.push((self.span.clone(), Problem::Missing { table: self.name, key }));
        }
        value
    }

    pub(super) fn text(&self, key: &'static str, faults: &mut Faults) -> Option<String> {
        let value = self.get(key)?;
        let text = value.get_ref().as_str().map(str::to_owned);
        text.or_else(|| wrong_type(key, "a string", value, faults))
    }

    /// A string that must be there.
    pub(super) fn required_text(&self, key: &'static str, faults: &mut Faults) -> Option<String> {
        let text = self.text(key, faults);
        self.required(key, text, faults)
    }

    /// An array of strings, or one string; empty when the key is not there.
    pub(super) fn texts(&self, key: &'static str, faults: &mut Faults) -> Vec<String> {
        let Some(value) = self.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::String(text) => vec![text.to_string()],
            DeValue::Array(values) => values.iter().filter_map(|value| element(key, value, faults)).collect(),
            _ => wrong_type(key, "an array of strings", value, faults).unwrap_or_default(),
        }
    }

    pub(super) fn table(&self, key: &'static str, faults: &mut Faults) -> Option<Fields<'a>> {
        let value = self.get(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(Fields { name: key, table, span: value.span() }),
            None => wrong_type(key, "a table", value, faults),
        }
    }

    /// An array of tables, or one table; empty when the key is not there.
    pub(super) fn tables(&self, key: &'static str, faults: &mut Faults) -> Vec<Fields<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let mut as_fields = |value: &'a Spanned<DeValue<'a>>| match value.get_ref().as_table() {
            Some(table) => Some(Fields { name: key, table, span: value.span() }),
            None => wrong_type(key, "an array of tables", value, faults),
        };
        match value.get_ref().as_array() {
            Some(values) => values.iter().filter_map(as_fields).collect(),
            None => as_fields(value).into_iter().collect(),
        }
    }
}

fn element(key: &'static str, value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Option<String> {
    let text = value.get_ref().as_str().map(str::to_owned);
    text.or_else(|| wrong_type(key, "an array of strings", value, faults))
}

/// Notes the fault; always `None`, for any type.
pub(super) fn wrong_type<T>(
    key: &'static str,
    wanted: &'static str,
    value: &Spanned<DeValue<'_>>,
    faults: &mut Faults,
) -> Option<T> {
    faults.push((value.span(), Problem::WrongType { key, wanted, found: value.get_ref().type_str() }));
    None
}
