//! What is wrong with a record as a whole, wanted or not.

use std::ops::Range;

use super::document::MAX_DEPTH;
use super::walk::Visitor;
use super::{Flags, Value, tolerant};

/// Goes through a whole record with the tolerant parser. Takes no more memory than the keys of one object need,
/// and of those around it.
pub(super) fn remarks(record: &[u8]) -> Flags {
    let mut keys = Keys::default();
    let mut flags = tolerant::parse(record, &mut keys).flags;
    flags.insert(keys.flags);
    flags
}

/// The keys of the objects that are open. Those of one object are sorted when it ends, and then stand beside their
/// likes: a set of them would take many times as much.
#[derive(Default)]
struct Keys {
    text: String,
    /// Where in the text each lies.
    places: Vec<Range<u32>>,
    /// Where the keys of each open container begin in `places`.
    open: Vec<usize>,
    flags: Flags,
}

impl Keys {
    fn open(&mut self) -> bool {
        if self.open.len() >= MAX_DEPTH {
            self.flags.insert(Flags::DEEP_NESTING);
            return false;
        }
        self.open.push(self.places.len());
        true
    }

    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).expect("a record is shorter than 4 GiB")
    }
}

impl Visitor for Keys {
    fn key(&mut self, key: &str) {
        let start = self.end();
        self.text.push_str(key);
        self.places.push(start..self.end());
    }

    fn scalar(&mut self, _value: Value<'_>, _token: &str) {}

    fn open_object(&mut self) -> bool {
        self.open()
    }

    fn open_array(&mut self) -> bool {
        self.open()
    }

    fn close(&mut self) {
        let Some(first) = self.open.pop() else { return };
        let Some(start) = self.places.get(first).map(|place| place.start) else { return };
        let key = |place: &Range<u32>| &self.text[place.start as usize..place.end as usize];
        let own = &mut self.places[first..];
        own.sort_unstable_by(|a, b| key(a).cmp(key(b)));
        if own.windows(2).any(|pair| key(&pair[0]) == key(&pair[1])) {
            self.flags.insert(Flags::DUPLICATE_KEY);
        }
        self.places.truncate(first);
        self.text.truncate(start as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_counts_as_it_is_spelled_and_in_its_own_object() {
        for (record, flags) in [
            (r#"{"a":1,"a":2}"#, Flags::DUPLICATE_KEY),
            (r#"{"a":{"b":1},"a":{"c":2}}"#, Flags::DUPLICATE_KEY),
            (r#"{"b":[{"a":1,"c":3,"\u0061":2}],"d":1}"#, Flags::DUPLICATE_KEY),
            (r#"{"a":{"b":1},"a.b":2}"#, Flags::empty()),
            (r#"{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":1},"":1}"#, Flags::empty()),
        ] {
            assert_eq!(remarks(record.as_bytes()), flags, "{record}");
        }
    }

    #[test]
    fn depth_is_said() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(101), "}".repeat(101));
        assert_eq!(remarks(deep.as_bytes()), Flags::DEEP_NESTING);
    }
}
