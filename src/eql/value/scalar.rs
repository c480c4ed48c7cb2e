//! One computed value.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Number;
use crate::eql::ast::Literal;
use crate::event::Value;

/// What an expression yields for one choice of its fields' values.
#[derive(Clone, Debug)]
pub(in crate::eql) enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
}

impl<'a> Scalar<'a> {
    /// A field's value as it came.
    pub(in crate::eql) fn of(value: Value<'a>) -> Self {
        match value {
            Value::Null => Scalar::Null,
            Value::Bool(value) => Scalar::Bool(value),
            Value::Str(text) => Scalar::Text(Cow::Borrowed(text)),
            Value::Int(_) | Value::UInt(_) | Value::Float(_) => {
                Number::of(value).map_or(Scalar::Null, Scalar::Number)
            }
        }
    }

    pub(in crate::eql) fn constant(literal: &'a Literal) -> Self {
        match literal {
            Literal::Null => Scalar::Null,
            Literal::Bool(value) => Scalar::Bool(*value),
            Literal::Int(value) => Scalar::Number(Number::Int((*value).into())),
            Literal::Float(value) => Scalar::Number(Number::Float(*value)),
            Literal::Text(text) => Scalar::Text(Cow::Borrowed(text)),
        }
    }

    pub(in crate::eql) fn is_null(&self) -> bool {
        matches!(self, Scalar::Null)
    }

    pub(in crate::eql) fn as_bool(&self) -> Option<bool> {
        match self {
            Scalar::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(in crate::eql) fn as_number(&self) -> Option<Number> {
        match self {
            Scalar::Number(number) => Some(*number),
            Scalar::Text(text) => Number::parse(text),
            Scalar::Null | Scalar::Bool(_) => None,
        }
    }

    /// A whole number that fits a position in a text.
    pub(in crate::eql) fn as_index(&self) -> Option<i64> {
        self.as_number()?.as_int().and_then(|value| i64::try_from(value).ok())
    }

    /// As text; numbers and booleans as they are spelled, nothing for null.
    pub(in crate::eql) fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Scalar::Null => None,
            Scalar::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            Scalar::Number(number) => Some(Cow::Owned(number.to_string())),
            Scalar::Text(text) => Some(Cow::Borrowed(text)),
        }
    }

    /// As a field's value, to be put to the tests that fields are put to.
    pub(in crate::eql) fn as_value(&self) -> Value<'_> {
        match self {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(*value),
            Scalar::Number(number) => match number {
                Number::Int(value) => i64::try_from(*value)
                    .map(Value::Int)
                    .or_else(|_| u64::try_from(*value).map(Value::UInt))
                    .unwrap_or_else(|_| Value::Float(number.as_f64())),
                Number::Float(value) => Value::Float(*value),
            },
            Scalar::Text(text) => Value::Str(text),
        }
    }

    /// The order of two values of one type; none for other pairs.
    pub(in crate::eql) fn compare(&self, other: &Scalar<'_>) -> Option<Ordering> {
        match (self, other) {
            (Scalar::Bool(a), Scalar::Bool(b)) => Some(a.cmp(b)),
            (Scalar::Text(a), Scalar::Text(b)) => Some(a.cmp(b)),
            (Scalar::Number(a), Scalar::Number(b)) => a.compare(*b),
            (Scalar::Number(a), Scalar::Text(b)) => a.compare(Number::parse(b)?),
            (Scalar::Text(a), Scalar::Number(b)) => Number::parse(a)?.compare(*b),
            _ => None,
        }
    }
}
