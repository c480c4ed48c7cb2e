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
    /// Sorted by key.
    children: Vec<(Box<str>, u32)>,
    field: Option<FieldId>,
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
        match self.nodes[at].children.binary_search_by(|(key, _)| (**key).cmp(segment)) {
            Ok(found) => self.nodes[at].children[found].1 as usize,
            Err(place) => {
                let new = self.nodes.len();
                let id = u32::try_from(new).expect("fewer than 2^32 path segments");
                self.nodes.push(Node::default());
                self.nodes[at].children.insert(place, (segment.into(), id));
                new
            }
        }
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

    /// Every field with its path, in the order of ids.
    pub fn iter(&self) -> impl Iterator<Item = (FieldId, &str)> {
        (0..).map(FieldId).zip(self.names.iter().map(String::as_str))
    }

    /// Where a walk begins.
    pub(crate) fn root(&self) -> Place {
        Place(0)
    }

    /// Where `key`, which may itself be dotted, leads from `from`; `None` when no field lies below it.
    pub(crate) fn descend(&self, from: Place, key: &str) -> Option<Place> {
        let mut at = from.0;
        for segment in key.split('.') {
            let children = &self.nodes[at as usize].children;
            let found = children.binary_search_by(|(name, _)| (**name).cmp(segment)).ok()?;
            at = children[found].1;
        }
        Some(Place(at))
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
