//! What the two JSON parsers tell, and the visitor that keeps the wanted fields.

use super::fields::Place;
use super::{Event, FieldSet, Value};

/// Listens to a parser. Calls come in the order of the record; `open_*` and `close` nest.
pub(crate) trait Visitor {
    /// A key of the innermost object; its value comes next.
    fn key(&mut self, key: &str);
    /// A scalar; `token` is a number's own spelling where the parser knows it, else empty. A number that
    /// 64 bits cannot hold comes as a string with a token.
    fn scalar(&mut self, value: Value<'_>, token: &str);
    /// An object begins. `false`: nothing in it is wanted; no call comes until the value after it.
    fn open_object(&mut self) -> bool;
    /// An array begins. `false` as for [`Visitor::open_object`].
    fn open_array(&mut self) -> bool;
    /// The innermost container ends.
    fn close(&mut self);
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    place: Place,
    is_object: bool,
}

/// Puts the values of the wanted fields into an [`Event`].
pub(crate) struct Collector<'a> {
    fields: &'a FieldSet,
    event: &'a mut Event,
    frames: Vec<Frame>,
    /// Where the value that comes next stands.
    next: Option<Place>,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(fields: &'a FieldSet, event: &'a mut Event) -> Self {
        let next = Some(fields.root());
        Self { fields, event, frames: Vec::new(), next }
    }

    fn open(&mut self, is_object: bool) -> bool {
        let Some(place) = self.next else {
            self.settle();
            return false;
        };
        self.frames.push(Frame { place, is_object });
        self.next = if is_object { None } else { Some(place) };
        true
    }

    /// After a value: the next one in an array stands where this one did.
    fn settle(&mut self) {
        self.next = match self.frames.last() {
            Some(Frame { place, is_object: false }) => Some(*place),
            _ => None,
        };
    }
}

impl Visitor for Collector<'_> {
    fn key(&mut self, key: &str) {
        self.next = self.frames.last().and_then(|frame| self.fields.descend(frame.place, key.as_bytes()));
    }

    fn scalar(&mut self, value: Value<'_>, _token: &str) {
        if let Some(field) = self.next.and_then(|place| self.fields.field_at(place)) {
            self.event.push(field, value);
        }
        self.settle();
    }

    fn open_object(&mut self) -> bool {
        self.open(true)
    }

    fn open_array(&mut self) -> bool {
        self.open(false)
    }

    fn close(&mut self) {
        self.frames.pop();
        self.settle();
    }
}
