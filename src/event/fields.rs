//! The fields that the loaded rules read, as a trie over the segments of their dotted paths.
//!
//! Elasticsearch makes one field of `{"process":{"name":…}}`, `{"process.name":…}` and any mixture of
//! the two. A record is walked once; every key moves the walk down this trie, and whatever lies off
//! the trie is passed over without a look.

use std::num::NonZeroU32;

/// A field's number in its [`FieldSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(u32);

impl FieldId {
    /// The number, for indexing.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A place in the trie: how much of a path has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place(NonZeroU32);

impl Place {
    const ROOT: Self = Self(NonZeroU32::MIN);

    /// The node there; nodes are counted from 1.
    fn node(self) -> usize {
        self.0.get() as usize - 1
    }
}

#[derive(Debug, Default, Clone)]
struct Node {
    children: Children,
    field: Option<FieldId>,
}

/// A node's children by key: open addressing over a table that is at most half full. Every key of every
/// record that is parsed is looked up here, and most are not in it.
#[derive(Debug, Default, Clone)]
struct Children {
    slots: Vec<Option<Child>>,
    count: usize,
    /// A bit for each length of a key, as [`Ends::length_bit`] gives it.
    lengths: u64,
}

#[derive(Debug, Clone)]
struct Child {
    place: Place,
    ends: Ends,
    key: Box<[u8]>,
}

impl Children {
    #[inline]
    fn get(&self, ends: Ends, key: &[u8]) -> Option<Place> {
        let mut at = ends.slot();
        loop {
            // Half of the table is empty; a table without a slot holds nothing.
            let child = self.slots.get(at & self.slots.len().wrapping_sub(1))?.as_ref()?;
            if child.ends == ends && (key.len() <= Ends::WHOLE || *child.key == *key) {
                return Some(child.place);
            }
            at += 1;
        }
    }

    fn insert(&mut self, key: &[u8], place: Place) {
        self.count += 1;
        if self.slots.len() < 2 * self.count {
            let grown = vec![None; (4 * self.count).next_power_of_two()];
            for child in std::mem::replace(&mut self.slots, grown).into_iter().flatten() {
                self.put(child);
            }
        }
        let ends = Ends::of(key);
        self.lengths |= ends.length_bit();
        self.put(Child { place, ends, key: key.into() });
    }

    fn put(&mut self, child: Child) {
        let mask = self.slots.len() - 1;
        let mut at = child.ends.slot() & mask;
        while self.slots[at].is_some() {
            at = (at + 1) & mask;
        }
        self.slots[at] = Some(child);
    }
}

/// A key's length, and its first and last eight bytes: they may overlap, and of a key up to
/// [`Ends::WHOLE`] they leave nothing out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    first: u64,
    last: u64,
    len: usize,
}

impl Ends {
    const WHOLE: usize = 16;

    /// No loop: keys' lengths are not to be foreseen.
    #[inline]
    fn of(key: &[u8]) -> Self {
        let len = key.len();
        if let (Some(first), Some(last)) = (key.first_chunk(), key.last_chunk()) {
            return Self { first: u64::from_le_bytes(*first), last: u64::from_le_bytes(*last), len };
        }
        if let (Some(first), Some(last)) = (key.first_chunk(), key.last_chunk()) {
            let word = |bytes| u64::from(u32::from_le_bytes(bytes));
            return Self { first: word(*first), last: word(*last), len };
        }
        let byte = |at: usize| key.get(at).map_or(0, |byte| u64::from(*byte));
        Self { first: byte(0) | byte(1) << 8 | byte(2) << 16, last: 0, len }
    }

    #[inline]
    fn length_bit(self) -> u64 {
        1 << (self.len % 64)
    }

    /// Where a search begins. Keys come from rules, so that nobody can make them collide.
    #[inline]
    fn slot(self) -> usize {
        let mixed =
            (self.first ^ self.last.rotate_left(29) ^ self.len as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // The product's upper bits are the mixed ones.
        usize::try_from(mixed >> 40).unwrap_or_default()
    }

    /// Whether a byte of `key`, whose ends these are, is a dot.
    fn has_dot(self, key: &[u8]) -> bool {
        has_dot(self.first) || has_dot(self.last) || (key.len() > Self::WHOLE && key.contains(&b'.'))
    }
}

/// Whether a byte of `word` is a dot: the subtraction borrows from the top bit of a byte that is zero only
/// (Anderson, "Bit Twiddling Hacks": haszero).
fn has_dot(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let zeros = word ^ (ONES * b'.' as u64);
    zeros.wrapping_sub(ONES) & !zeros & (ONES << 7) != 0
}

/// A set of dotted field paths, each with a [`FieldId`].
#[derive(Debug, Clone)]
pub struct FieldSet {
    names: Vec<String>,
    nodes: Vec<Node>,
    has_escapable: bool,
}

impl Default for FieldSet {
    fn default() -> Self {
        Self::new()
    }
}

impl FieldSet {
    /// The empty set.
    #[must_use]
    pub fn new() -> Self {
        Self { names: Vec::new(), nodes: vec![Node::default()], has_escapable: false }
    }

    /// The id of `path` (`process.parent.name`), added if it is new.
    pub fn intern(&mut self, path: &str) -> FieldId {
        let place = self.place_or_new(path);
        if let Some(field) = self.field_at(place) {
            return field;
        }
        let field = FieldId(u32::try_from(self.names.len()).expect("fewer than 2^32 fields"));
        self.names.push(path.to_owned());
        self.has_escapable |= path.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\' | b'/'));
        self.nodes[place.node()].field = Some(field);
        field
    }

    /// These fields with the same ids, but only those whose names `keep` says are found.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut some = Self { names: self.names.clone(), ..Self::new() };
        some.has_escapable = self.has_escapable;
        for (index, name) in self.names.iter().enumerate().filter(|(_, name)| keep(name)) {
            let place = some.place_or_new(name);
            some.nodes[place.node()].field = u32::try_from(index).ok().map(FieldId);
        }
        some
    }

    fn place_or_new(&mut self, path: &str) -> Place {
        path.split('.').fold(Place::ROOT, |at, segment| self.child_or_new(at, segment.as_bytes()))
    }

    fn child_or_new(&mut self, at: Place, segment: &[u8]) -> Place {
        if let Some(child) = self.nodes[at.node()].children.get(Ends::of(segment), segment) {
            return child;
        }
        self.nodes.push(Node::default());
        let count = u32::try_from(self.nodes.len()).expect("fewer than 2^32 path segments");
        let new = Place(NonZeroU32::new(count).expect("one was added"));
        self.nodes[at.node()].children.insert(segment, new);
        new
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The dotted paths of all fields, in the order of their ids.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The dotted path of a field.
    #[must_use]
    pub fn name(&self, field: FieldId) -> &str {
        &self.names[field.index()]
    }

    /// The id of `path`, if it is in the set.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<FieldId> {
        self.field_at(self.descend(self.root(), path.as_bytes())?)
    }

    /// Where a walk begins.
    pub(crate) fn root(&self) -> Place {
        Place::ROOT
    }

    /// Where `key`, which may itself be dotted, leads from `from`; `None` when no field lies below it.
    #[inline]
    pub(crate) fn descend(&self, from: Place, key: &[u8]) -> Option<Place> {
        let ends = Ends::of(key);
        // No segment has a dot in it, so that a key which is found is whole; most keys have none.
        let children = &self.nodes[from.node()].children;
        let whole = if children.lengths & ends.length_bit() == 0 { None } else { children.get(ends, key) };
        if whole.is_none() && ends.has_dot(key) { self.descend_by_segments(from, key) } else { whole }
    }

    #[cold]
    fn descend_by_segments(&self, from: Place, key: &[u8]) -> Option<Place> {
        let child = |at: Place, segment| self.nodes[at.node()].children.get(Ends::of(segment), segment);
        key.split(|byte| *byte == b'.').try_fold(from, child)
    }

    /// Whether a name holds what JSON must or may escape, other than by `\u`.
    pub(crate) fn has_escapable(&self) -> bool {
        self.has_escapable
    }

    /// The field that ends exactly here.
    #[inline]
    pub(crate) fn field_at(&self, place: Place) -> Option<FieldId> {
        self.nodes[place.node()].field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_and_dotted_spellings_meet_in_one_field() {
        let mut fields = FieldSet::new();
        let name = fields.intern("process.parent.name");
        assert_eq!(fields.intern("process.parent.name"), name);
        let root = fields.root();
        for spelling in
            [&["process", "parent", "name"][..], &["process.parent", "name"], &["process.parent.name"]]
        {
            let mut place = root;
            for key in spelling {
                place = fields.descend(place, key.as_bytes()).expect("on the trie");
            }
            assert_eq!(fields.field_at(place), Some(name));
        }
        assert!(fields.descend(root, b"process.name").is_none());
    }
}
