//! The values of the wanted fields of one record.

use super::{FieldId, FieldSet, Value};

#[derive(Clone, Copy, Debug)]
enum Stored {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Str { start: usize, end: usize },
}

/// What a record holds for each field of a [`FieldSet`]: every value of every occurrence, in the order
/// of the record, arrays flattened. One is made per worker and filled again for each record.
#[derive(Debug, Default)]
pub struct Event {
    text: String,
    slots: Vec<Vec<Stored>>,
    filled: Vec<FieldId>,
}

impl Event {
    /// An event with room for the fields of `fields`.
    #[must_use]
    pub fn new(fields: &FieldSet) -> Self {
        Self { text: String::new(), slots: vec![Vec::new(); fields.len()], filled: Vec::new() }
    }

    /// Forgets the last record; keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        for field in self.filled.drain(..) {
            self.slots[field.index()].clear();
        }
    }

    /// Adds one value of `field`.
    pub fn push(&mut self, field: FieldId, value: Value<'_>) {
        let stored = match value {
            Value::Null => Stored::Null,
            Value::Bool(value) => Stored::Bool(value),
            Value::Int(value) => Stored::Int(value),
            Value::UInt(value) => Stored::UInt(value),
            Value::Float(value) => Stored::Float(value),
            Value::Str(value) => {
                let start = self.text.len();
                self.text.push_str(value);
                Stored::Str { start, end: self.text.len() }
            }
        };
        let slot = &mut self.slots[field.index()];
        if slot.is_empty() {
            self.filled.push(field);
        }
        slot.push(stored);
    }

    /// All values of `field`, explicit nulls among them; none when the record lacks it.
    pub fn values(&self, field: FieldId) -> impl Iterator<Item = Value<'_>> + Clone {
        self.slots[field.index()].iter().map(|stored| match *stored {
            Stored::Null => Value::Null,
            Stored::Bool(value) => Value::Bool(value),
            Stored::Int(value) => Value::Int(value),
            Stored::UInt(value) => Value::UInt(value),
            Stored::Float(value) => Value::Float(value),
            Stored::Str { start, end } => Value::Str(&self.text[start..end]),
        })
    }

    /// The first string of `field`.
    #[must_use]
    pub fn text(&self, field: FieldId) -> Option<&str> {
        self.values(field).find_map(|value| match value {
            Value::Str(text) => Some(text),
            _ => None,
        })
    }
}
