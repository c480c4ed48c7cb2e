//! The fastest parser: reads the wanted values and passes over the rest.
//!
//! It steps from operator to operator ([`super::structure`]) and looks at nothing between them but keys on the
//! way to a wanted field, wanted values, numbers and literals. Of an object or array in which nothing is wanted it
//! only sees that each bracket has its other one: what else may be wrong in there, the tolerant parser reads the rest
//! alike. What this one refuses is simd-json's to judge.

use std::slice;

use super::fields::Place;
use super::number::{is_number, number};
use super::structure::{BLOCK, Found, Structure};
use super::unescaped::Unescaped;
use super::{Event, FieldSet, Value};

/// Deeper records are left to simd-json; not more than the bits in [`Walk::skip`].
const DEEPEST: usize = 128;

/// What the structure wants behind a record.
const PADDING: &str = match str::from_utf8(&[b' '; BLOCK]) {
    Ok(spaces) => spaces,
    Err(_) => "",
};

/// The parser's memory, kept from record to record.
#[derive(Default)]
pub(super) struct Skimmer {
    structure: Structure,
    open: Vec<Container>,
    unescaped: Unescaped,
    /// Of the record whose structure this is; 0 without one.
    len: usize,
}

#[derive(Clone, Copy)]
struct Container {
    is_object: bool,
    /// `None`: nothing in it is wanted.
    place: Option<Place>,
}

impl Skimmer {
    /// Puts the values of `fields` that `record` holds into `event`, which is empty; there are no blanks around
    /// the record. `false` when the record is for another parser; `event` may hold part of it then.
    pub(super) fn read(&mut self, record: &[u8], fields: &FieldSet, event: &mut Event) -> bool {
        self.len = 0;
        if fields.has_escapable() {
            return false;
        }
        let Ok(record) = simdutf8::basic::from_utf8(record) else { return false };
        let mut text = event.take_text();
        text.push_str(record);
        text.push_str(PADDING);
        let is_whole = self.structure.find(text.as_bytes(), record.len()).is_some();
        event.put_text(text);
        if is_whole {
            self.len = record.len();
        }
        is_whole && self.reread(fields, event)
    }

    /// Reads the record again of which [`Skimmer::read`] put other fields into `event`.
    pub(super) fn reread(&mut self, fields: &FieldSet, event: &mut Event) -> bool {
        event.clear_values();
        let mut text = event.take_text();
        text.truncate(self.len + BLOCK);
        self.unescaped.begin(text.len());
        let found = self.structure.found();
        let walk = Walk {
            text: text.as_bytes(),
            found,
            operators: found.operators.iter(),
            fields,
            event,
            unescaped: &mut self.unescaped,
        };
        let is_read = self.len > 0 && walk.run(&mut self.open).is_some();
        text.push_str(self.unescaped.text().unwrap_or_default());
        event.put_text(text);
        is_read
    }
}

/// `None` from any of its steps: this record is for another parser.
struct Walk<'r, 'm> {
    text: &'r [u8],
    found: Found<'r>,
    /// Those to come.
    operators: slice::Iter<'r, u32>,
    fields: &'r FieldSet,
    event: &'m mut Event,
    unescaped: &'m mut Unescaped,
}

impl Walk<'_, '_> {
    fn run(mut self, open: &mut Vec<Container>) -> Option<()> {
        open.clear();
        if self.operator()? != 0 {
            return None;
        }
        let mut inner = container(self.text[0], Some(self.fields.root()))?;
        let mut at = 1;
        let mut is_new = true;
        loop {
            // An empty container holds no value.
            if !(is_new && matches!(self.text[at], b'}' | b']')) {
                let mut place = inner.place;
                if inner.is_object {
                    (place, at) = self.key(at, place)?;
                }
                match container(self.text[at], place) {
                    Some(Container { place: None, .. }) => self.skip()?,
                    Some(opened) => {
                        if open.len() == DEEPEST {
                            return None;
                        }
                        open.push(inner);
                        inner = opened;
                        // The bracket itself.
                        at = self.operator()? + 1;
                        is_new = true;
                        continue;
                    }
                    None => self.scalar(at, place)?,
                }
            }
            is_new = false;
            let mut operator = self.operator()?;
            while self.text[operator] != b',' {
                if self.text[operator] != if inner.is_object { b'}' } else { b']' } {
                    return None;
                }
                let Some(outer) = open.pop() else { return self.is_end(operator + 1) };
                inner = outer;
                let behind = operator + 1;
                operator = self.operator()?;
                if operator != behind {
                    return None;
                }
            }
            at = operator + 1;
        }
    }

    /// Passes over the container whose bracket is the next operator; it ends right before another one.
    fn skip(&mut self) -> Option<()> {
        // A bit for each container that is open, set for an object.
        let (mut kinds, mut depth) = (0_u128, 0);
        loop {
            let at = self.operator()?;
            match self.text[at] {
                bracket @ (b'{' | b'[') => {
                    if depth == DEEPEST {
                        return None;
                    }
                    depth += 1;
                    kinds = kinds << 1 | u128::from(bracket == b'{');
                }
                bracket @ (b'}' | b']') => {
                    if (kinds & 1 == 1) != (bracket == b'}') {
                        return None;
                    }
                    kinds >>= 1;
                    depth -= 1;
                    if depth == 0 {
                        return (self.operators.as_slice().first().map(|next| *next as usize)
                            == Some(at + 1))
                        .then_some(());
                    }
                }
                _ => {}
            }
        }
    }

    /// The next operator.
    #[inline]
    fn operator(&mut self) -> Option<usize> {
        self.operators.next().map(|operator| *operator as usize)
    }

    /// The key at `at` of an object at `place`: where it leads, and where its value begins.
    #[inline]
    fn key(&mut self, at: usize, place: Option<Place>) -> Option<(Option<Place>, usize)> {
        let colon = self.operator()?;
        // A string ends right before an operator, and this is the first behind the quote.
        if self.text[at] != b'"' || self.text[colon] != b':' {
            return None;
        }
        let place = match place {
            Some(place) => self.fields.descend(place, self.text.get(at + 1..colon - 1)?),
            None => None,
        };
        Some((place, colon + 1))
    }

    /// The scalar at `at`.
    #[inline]
    fn scalar(&mut self, at: usize, place: Option<Place>) -> Option<()> {
        let end = *self.operators.as_slice().first()? as usize;
        let field = place.and_then(|place| self.fields.field_at(place));
        if self.text[at] == b'"' {
            if let Some(field) = field {
                let part = at + 1..end - 1;
                let part = match self.found.escape(part.start, part.end) {
                    Some(escape) => self.unescaped.push(self.text, self.found, escape, part),
                    None => part,
                };
                self.event.push_part(field, part);
            }
            return Some(());
        }
        let value = match self.text.get(at..end)? {
            b"true" => Value::Bool(true),
            b"false" => Value::Bool(false),
            b"null" => Value::Null,
            word if field.is_none() && is_small(word) => return is_number(word).then_some(()),
            word => number(word)?,
        };
        if let Some(field) = field {
            self.event.push(field, value);
        }
        Some(())
    }

    /// Whether the record ends at `at`.
    fn is_end(&self, at: usize) -> Option<()> {
        (self.operators.as_slice() == [u32::try_from(at).ok()?]).then_some(())
    }
}

/// Whether `word`, if it is a number at all, is one that 64 bits can hold.
fn is_small(word: &[u8]) -> bool {
    word.len() <= 18 && !word.iter().any(|byte| matches!(byte, b'e' | b'E'))
}

/// What `bracket` opens.
#[inline]
fn container(bracket: u8, place: Option<Place>) -> Option<Container> {
    matches!(bracket, b'{' | b'[').then_some(Container { is_object: bracket == b'{', place })
}
