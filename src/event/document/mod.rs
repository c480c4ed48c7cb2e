//! A record as a tree of ECS fields, for reports.
//!
//! A record may hold millions of fields, so the tree is one text and one list: 28 bytes a value, beside its
//! text and an index of the keys.

mod build;
mod item;

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::{Documents, overlay};
use crate::record::inner;

pub(super) use build::tree;
pub use item::Item;

/// Objects and arrays deeper than this are left out of the tree: what reads it recurses. A dotted key is unfolded only
/// where what comes of it is no deeper either, so that no tree is deeper than twice this.
pub(super) const MAX_DEPTH: usize = 100;

/// The whole of a record, nested as ECS nests it: dotted keys unfolded into objects, in the record's order; a field
/// that occurs more than once holds an array of its values. Built for hits only.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Keys, strings and numbers.
    text: String,
    nodes: Vec<Node>,
    containers: Vec<Shape>,
    /// The nodes that are members of objects, by object and key.
    index: HashTable<Entry>,
    hasher: RandomState,
    root: Option<Container>,
}

/// Part of a document's text.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    end: u32,
}

/// A node in the index.
#[derive(Clone, Copy, Debug)]
struct Entry {
    node: u32,
    /// Of its object and key: to make it again whenever the index grows would take half the time of a document of a
    /// million fields.
    hash: u32,
}

/// An object or array, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Container(u32);

/// What is known of a container.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    /// Its first and its last node.
    ends: Option<(u32, u32)>,
    /// How many containers lie in one another here, itself too, at most.
    height: u32,
}

/// A value in its place.
#[derive(Clone, Copy, Debug)]
struct Node {
    key: Span,
    content: Content,
    within: Container,
    /// The node behind it in its container; itself for the last.
    next: u32,
}

#[derive(Clone, Copy, Debug)]
enum Content {
    /// It was taken away.
    Absent,
    Null,
    Bool(bool),
    Str(Span),
    /// As it is spelled.
    Number(Span),
    Object(Container),
    Array(Container),
}

impl Document {
    /// Reads a record with the tolerant parser; a vendor's raw event gets its ECS fields laid over its own.
    /// Never fails: what was wrong is for [`assess`](super::assess) to say.
    #[must_use]
    pub fn read(record: &[u8]) -> Self {
        Self::read_with(record, Documents::AsTheyStand)
    }

    /// [`Document::read`], with a say on what happens to documents that are ECS already.
    #[must_use]
    pub fn read_with(record: &[u8], documents: Documents) -> Self {
        let record = inner(record);
        let mut document = tree(record);
        overlay::lay(record, documents, &mut document);
        document
    }

    /// The top-level fields with their names.
    pub fn fields(&self) -> impl Iterator<Item = (&str, Item<'_>)> {
        self.root.into_iter().flat_map(|root| self.members(root))
    }

    /// What stands at a dotted path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Item<'_>> {
        path.split('.').try_fold(self.whole()?, Item::get)
    }

    /// What stands at a dotted path, as text: a string as it is, a number as it is spelled, several
    /// scalars joined by `, `; `None` for nothing, null and objects. Arrays on the way are gone through.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        self.whole()?.text(Some(path))
    }

    fn whole(&self) -> Option<Item<'_>> {
        Some(Item::new(self, Content::Object(self.root?)))
    }

    fn item(&self, node: u32) -> Item<'_> {
        Item::new(self, self.nodes[node as usize].content)
    }

    fn str(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// What a container holds, in order, with keys, which are empty in an array.
    fn members(&self, container: Container) -> impl Iterator<Item = (&str, Item<'_>)> {
        let nodes = self.nodes_of(container).map(|node| &self.nodes[node as usize]);
        let there = nodes.filter(|node| !matches!(node.content, Content::Absent));
        there.map(|node| (self.str(node.key), Item::new(self, node.content)))
    }

    fn nodes_of(&self, container: Container) -> impl Iterator<Item = u32> {
        let ends = self.containers[container.0 as usize].ends;
        std::iter::successors(ends.map(|(first, _)| first), move |at| {
            let next = self.nodes[*at as usize].next;
            (next != *at).then_some(next)
        })
    }

    /// The member of an object that has this key, or had it.
    fn find(&self, object: Container, key: &str) -> Option<u32> {
        let hash = self.hash(object, key);
        let is_it = |entry: &Entry| {
            let node = &self.nodes[entry.node as usize];
            entry.hash == hash && node.within == object && self.str(node.key) == key
        };
        self.index.find(spread(hash), is_it).map(|entry| entry.node)
    }

    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is one")]
    fn hash(&self, object: Container, key: &str) -> u32 {
        self.hasher.hash_one((object, key)) as u32
    }

    /// Adds text.
    fn keep(&mut self, text: &str) -> Span {
        let start = count(self.text.len());
        self.text.push_str(text);
        Span { start, end: count(self.text.len()) }
    }

    fn new_container(&mut self) -> Container {
        self.containers.push(Shape { ends: None, height: 1 });
        Container(count(self.containers.len() - 1))
    }

    /// Puts a value behind all others of a container.
    fn append(&mut self, within: Container, key: Span, content: Content) {
        let new = count(self.nodes.len());
        self.nodes.push(Node { key, content, within, next: new });
        let ends = &mut self.containers[within.0 as usize].ends;
        let (first, last) = ends.unwrap_or((new, new));
        *ends = Some((first, new));
        self.nodes[last as usize].next = new;
        self.raise(within, 1 + self.height(content));
    }

    /// How many containers lie in one another in a value.
    fn height(&self, content: Content) -> u32 {
        match content {
            Content::Object(container) | Content::Array(container) => {
                self.containers[container.0 as usize].height
            }
            _ => 0,
        }
    }

    /// A container is at least so high.
    fn raise(&mut self, container: Container, height: u32) {
        let known = &mut self.containers[container.0 as usize].height;
        *known = height.max(*known);
    }

    /// Adds a member to an object that has none of this key.
    fn add(&mut self, object: Container, key: Span, content: Content) {
        let hash = self.hash(object, self.str(key));
        let node = count(self.nodes.len());
        self.append(object, key, content);
        self.index.insert_unique(spread(hash), Entry { node, hash }, |entry| spread(entry.hash));
    }
}

/// The table looks at the lowest and the highest bits of 64.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// A number of something that a record holds.
fn count(number: usize) -> u32 {
    u32::try_from(number).expect("a record is shorter than 4 GiB")
}

#[cfg(test)]
mod tests;
