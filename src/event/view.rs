//! The values of the wanted fields of one record.

use std::ops::Range;

use super::{FieldId, FieldSet, Value};

/// What is derived from one value.
#[derive(Debug)]
pub(crate) enum Made {
    /// Nothing.
    Nothing,
    /// The value itself.
    Same,
    /// Part of its text.
    Piece(Range<usize>),
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// Texts.
    Texts(Vec<String>),
}

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
    derived: Vec<FieldId>,
    /// Memory for a slot that is being made anew.
    spare: Vec<Stored>,
}

impl Event {
    /// An event with room for the fields of `fields`.
    #[must_use]
    pub fn new(fields: &FieldSet) -> Self {
        Self { slots: vec![Vec::new(); fields.len()], ..Self::default() }
    }

    /// Forgets the last record; keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.clear_values();
    }

    /// Forgets the values; keeps the text that they were part of.
    pub(super) fn clear_values(&mut self) {
        self.derived.clear();
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
            Value::Str(value) => self.keep(value),
        };
        self.store(field, stored);
    }

    /// Lends out the text whose parts are values, until [`Event::put_text`].
    pub(super) fn take_text(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// Takes the text back.
    pub(super) fn put_text(&mut self, text: String) {
        self.text = text;
    }

    /// Adds part of the text as a value of `field`; the part ends where characters do.
    pub(super) fn push_part(&mut self, field: FieldId, part: Range<usize>) {
        self.store(field, Stored::Str { start: part.start, end: part.end });
    }

    fn store(&mut self, field: FieldId, stored: Stored) {
        let slot = &mut self.slots[field.index()];
        if slot.is_empty() {
            self.filled.push(field);
        }
        slot.push(stored);
    }

    /// All values of `field`, explicit nulls among them; none when the record lacks it.
    pub fn values(&self, field: FieldId) -> impl Iterator<Item = Value<'_>> + Clone {
        self.slots[field.index()].iter().map(|stored| self.value(*stored))
    }

    /// The fields that have values, and perhaps some that have none; some may come twice.
    pub(crate) fn filled(&self) -> impl Iterator<Item = FieldId> {
        self.filled.iter().copied()
    }

    /// Whether `field` has a value other than null.
    #[must_use]
    pub fn has(&self, field: FieldId) -> bool {
        self.slots[field.index()].iter().any(|stored| !matches!(stored, Stored::Null))
    }

    /// The fields that were derived from others, each once.
    pub(crate) fn derived(&self) -> impl Iterator<Item = FieldId> {
        let is_first = |at: usize| !self.derived[..at].contains(&self.derived[at]);
        (0..self.derived.len()).filter(move |at| is_first(*at)).map(|at| self.derived[at])
    }

    /// Puts what `make` makes of the values of `from` in the place of what `to` held; leaves that if it is
    /// nothing, and then says `false`.
    pub(crate) fn derive(&mut self, to: FieldId, from: FieldId, make: impl Fn(Value<'_>) -> Made) -> bool {
        let mut values = std::mem::take(&mut self.spare);
        values.clear();
        for at in 0..self.slots[from.index()].len() {
            let stored = self.slots[from.index()][at];
            match make(self.value(stored)) {
                Made::Nothing => {}
                Made::Same => values.push(stored),
                Made::Piece(range) => values.extend(piece(stored, &range)),
                Made::Int(number) => values.push(Stored::Int(number)),
                Made::Text(text) => values.push(self.keep(&text)),
                Made::Texts(texts) => values.extend(texts.iter().map(|text| self.keep(text))),
            }
        }
        let is_made = !values.is_empty();
        self.spare = if is_made { self.replace(to, values) } else { values };
        is_made
    }

    /// Puts `texts` in the place of what `to` held.
    pub(crate) fn derive_constant(&mut self, to: FieldId, texts: &[&str]) {
        let mut values = std::mem::take(&mut self.spare);
        values.clear();
        values.extend(texts.iter().map(|text| self.keep(text)));
        self.spare = self.replace(to, values);
    }

    /// Gives `field` these values, and gives back those it had.
    fn replace(&mut self, field: FieldId, values: Vec<Stored>) -> Vec<Stored> {
        self.filled.push(field);
        self.derived.push(field);
        std::mem::replace(&mut self.slots[field.index()], values)
    }

    fn keep(&mut self, text: &str) -> Stored {
        let start = self.text.len();
        self.text.push_str(text);
        Stored::Str { start, end: self.text.len() }
    }

    fn value(&self, stored: Stored) -> Value<'_> {
        match stored {
            Stored::Null => Value::Null,
            Stored::Bool(value) => Value::Bool(value),
            Stored::Int(value) => Value::Int(value),
            Stored::UInt(value) => Value::UInt(value),
            Stored::Float(value) => Value::Float(value),
            Stored::Str { start, end } => Value::Str(&self.text[start..end]),
        }
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

/// Part of a stored text; it shares the text's bytes.
fn piece(stored: Stored, range: &Range<usize>) -> Option<Stored> {
    let Stored::Str { start, end } = stored else { return None };
    let piece = start + range.start..start + range.end;
    (piece.end <= end).then_some(Stored::Str { start: piece.start, end: piece.end })
}
