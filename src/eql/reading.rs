//! How a field is read from an event.

use super::ast::Literal;
use super::test::boolean;
use super::types::FieldType;
use super::value::{Number, Scalar};
use crate::event::{Event, FieldId, Value};

/// A field of the query, found in the evidence.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// Its place in the events.
    pub(super) field: FieldId,
    /// What its values are.
    pub(super) kind: FieldType,
    /// What an explicit null stands for.
    pub(super) null_value: Option<Literal>,
}

impl Reading {
    /// The field's values; a null is none unless the mapping gives it a value, and what is no number is none
    /// of a number's.
    pub(super) fn values<'e>(&'e self, event: &'e Event) -> impl Iterator<Item = Value<'e>> {
        let given = event.values(self.field).filter_map(|value| match (value, &self.null_value) {
            (Value::Null, None | Some(Literal::Null)) => None,
            (Value::Null, Some(Literal::Bool(value))) => Some(Value::Bool(*value)),
            (Value::Null, Some(Literal::Int(value))) => Some(Value::Int(*value)),
            (Value::Null, Some(Literal::Float(value))) => Some(Value::Float(*value)),
            (Value::Null, Some(Literal::Text(text))) => Some(Value::Str(text)),
            (value, _) => Some(value),
        });
        given.filter_map(|value| match self.kind {
            FieldType::Long => whole(value),
            FieldType::Double => Number::of(value).map(|_| value),
            _ => Some(value),
        })
    }

    /// Whether the field has a value.
    pub(super) fn exists(&self, event: &Event) -> bool {
        self.values(event).next().is_some()
    }

    /// The values as an index would hold them, for computing with.
    pub(super) fn scalars<'e>(&'e self, event: &'e Event) -> impl Iterator<Item = Scalar<'e>> {
        self.values(event).map(|value| match self.kind {
            FieldType::Long => Number::of(value).map_or(Scalar::Null, Scalar::Number),
            FieldType::Double => Number::of(value)
                .map_or(Scalar::Null, |number| Scalar::Number(Number::Float(number.as_f64()))),
            FieldType::Boolean => boolean(value).map_or(Scalar::Null, Scalar::Bool),
            FieldType::Keyword => match value {
                Value::Str(_) => Scalar::of(value),
                other => Scalar::Text(Scalar::of(other).as_text().unwrap_or_default().into_owned().into()),
            },
            FieldType::Unknown | FieldType::Date(_) | FieldType::Ip | FieldType::Version => Scalar::of(value),
        })
    }
}

/// A whole number, as Elasticsearch coerces it: without its fraction.
fn whole(value: Value<'_>) -> Option<Value<'_>> {
    Some(match Number::of(value)? {
        Number::Float(number) => {
            #[expect(clippy::cast_possible_truncation, reason = "what does not fit stays as it is")]
            let whole = number as i64;
            let fits = !number.is_nan() && whole != i64::MIN && whole != i64::MAX;
            if fits { Value::Int(whole) } else { value }
        }
        Number::Int(_) => value,
    })
}
