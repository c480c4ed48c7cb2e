//! The fields that the loaded rules read, as a trie over the segments of their dotted paths.
//!
//! Elasticsearch makes one field of `{"process":{"name":…}}`, `{"process.name":…}` and any mixture of
//! the two. A record is walked once; every key moves the walk down this trie, and whatever lies off
//! the trie is passed over without a look.

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
pub(crate) struct Place(u32);

#[derive(Debug, Default, Clone)]
struct Node {
    children: Children,
    field: Option<FieldId>,
}

/// A node's children by key: open addressing over a table that is at most half full. Every key of every
/// record that is parsed is looked up here, and most are not in it; those end at an empty slot, without a
/// comparison of texts.
#[derive(Debug, Default, Clone)]
struct Children {
    slots: Vec<Option<(Box<str>, u32)>>,
    count: usize,
}

impl Children {
    fn get(&self, key: &str) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash(key.as_bytes()) & mask;
        while let Some((there, child)) = &self.slots[at] {
            if **there == *key {
                return Some(*child);
            }
            at = (at + 1) & mask;
        }
        None
    }

    fn insert(&mut self, key: Box<str>, child: u32) {
        self.count += 1;
        if self.slots.len() < 2 * self.count {
            let grown = vec![None; (4 * self.count).next_power_of_two()];
            for (key, child) in std::mem::replace(&mut self.slots, grown).into_iter().flatten() {
                self.place(key, child);
            }
        }
        self.place(key, child);
    }

    fn place(&mut self, key: Box<str>, child: u32) {
        let mask = self.slots.len() - 1;
        let mut at = hash(key.as_bytes()) & mask;
        while self.slots[at].is_some() {
            at = (at + 1) & mask;
        }
        self.slots[at] = Some((key, child));
    }
}

/// Mixes length, first and last bytes; keys come from rules, so nobody can make them collide.
fn hash(key: &[u8]) -> usize {
    let short = || key.iter().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
    let first = key.first_chunk().map_or_else(short, |chunk| u64::from_le_bytes(*chunk));
    let last = key.last_chunk().map_or(first, |chunk| u64::from_le_bytes(*chunk));
    let mixed = (first ^ last.rotate_left(29) ^ key.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> 40).unwrap_or_default()
}

/// A set of dotted field paths, each with a [`FieldId`].
#[derive(Debug, Clone)]
pub struct FieldSet {
    names: Vec<String>,
    nodes: Vec<Node>,
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
        Self { names: Vec::new(), nodes: vec![Node::default()] }
    }

    /// The id of `path` (`process.parent.name`), added if it is new.
    pub fn intern(&mut self, path: &str) -> FieldId {
        let mut at = 0;
        for segment in path.split('.') {
            at = self.child_or_new(at, segment);
        }
        if let Some(field) = self.nodes[at].field {
            return field;
        }
        let field = FieldId(u32::try_from(self.names.len()).expect("fewer than 2^32 fields"));
        self.names.push(path.to_owned());
        self.nodes[at].field = Some(field);
        field
    }

    fn child_or_new(&mut self, at: usize, segment: &str) -> usize {
        if let Some(child) = self.nodes[at].children.get(segment) {
            return child as usize;
        }
        let new = self.nodes.len();
        let id = u32::try_from(new).expect("fewer than 2^32 path segments");
        self.nodes.push(Node::default());
        self.nodes[at].children.insert(segment.into(), id);
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
        self.field_at(self.descend(self.root(), path)?)
    }

    /// Where a walk begins.
    pub(crate) fn root(&self) -> Place {
        Place(0)
    }

    /// Where `key`, which may itself be dotted, leads from `from`; `None` when no field lies below it.
    pub(crate) fn descend(&self, from: Place, key: &str) -> Option<Place> {
        let child = |at: u32, segment| self.nodes[at as usize].children.get(segment);
        // Most keys have no dot, and then there is nothing to split.
        if memchr::memchr(b'.', key.as_bytes()).is_none() {
            return child(from.0, key).map(Place);
        }
        key.split('.').try_fold(from.0, child).map(Place)
    }

    /// The field that ends exactly here.
    pub(crate) fn field_at(&self, place: Place) -> Option<FieldId> {
        self.nodes[place.0 as usize].field
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
                place = fields.descend(place, key).expect("on the trie");
            }
            assert_eq!(fields.field_at(place), Some(name));
        }
        assert!(fields.descend(root, "process.name").is_none());
    }
}
