//! One value of a field, typed as it came in the record.

use std::fmt;

/// A scalar as the record spells it. Types are the record's own: what an index mapping would make of
/// them is decided where they are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// An explicit `null`. Counts as missing, unless a mapping names a `null_value`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that fits `i64`.
    Int(i64),
    /// An integer above `i64::MAX` that fits `u64`.
    UInt(u64),
    /// Any other number.
    Float(f64),
    /// A string, unescaped; bytes that were not UTF-8 are U+FFFD.
    Str(&'a str),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => value.fmt(f),
            Value::Int(value) => value.fmt(f),
            Value::UInt(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Str(value) => f.write_str(value),
        }
    }
}
