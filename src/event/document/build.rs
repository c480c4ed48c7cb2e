//! How a document is put together.

use serde_json::Number;

use super::super::walk::Visitor;
use super::super::{Value, tolerant};
use super::{Container, Content, Document, MAX_DEPTH, Span};

/// A record as it stands.
pub(in super::super) fn tree(record: &[u8]) -> Document {
    let mut builder = Builder::default();
    tolerant::parse(record, &mut builder);
    builder.document
}

/// A container that is still open.
enum Open {
    /// And the key whose value comes next.
    Object(Container, Option<Span>),
    Array(Container),
}

#[derive(Default)]
struct Builder {
    document: Document,
    open: Vec<Open>,
}

impl Builder {
    fn open(&mut self, container: fn(Container) -> Open) -> bool {
        if self.open.len() >= MAX_DEPTH {
            if let Some(Open::Object(_, key)) = self.open.last_mut() {
                *key = None;
            }
            return false;
        }
        let new = self.document.new_container();
        self.open.push(container(new));
        true
    }

    fn place(&mut self, value: Content) {
        match self.open.last_mut() {
            Some(Open::Array(array)) => self.document.append(*array, Span::default(), value),
            Some(Open::Object(object, key)) => {
                // A value without a key is broken JSON, and has no place.
                if let Some(key) = key.take() {
                    self.document.insert(*object, key, value);
                }
            }
            None => self.document.place_root(value),
        }
    }
}

impl Visitor for Builder {
    fn key(&mut self, key: &str) {
        if let Some(Open::Object(_, next)) = self.open.last_mut() {
            *next = Some(self.document.keep(key));
        }
    }

    fn scalar(&mut self, value: Value<'_>, token: &str) {
        let value = match value {
            Value::Str(text) if token.is_empty() => Content::Str(self.document.keep(text)),
            Value::Null | Value::Bool(_) => self.document.content(value),
            Value::Str(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_) => match token.parse::<Number>()
            {
                Ok(number) => Content::Number(self.document.keep(&number.to_string())),
                Err(_) => Content::Str(self.document.keep(token)),
            },
        };
        self.place(value);
    }

    fn open_object(&mut self) -> bool {
        self.open(|container| Open::Object(container, None))
    }

    fn open_array(&mut self) -> bool {
        self.open(Open::Array)
    }

    fn close(&mut self) {
        let value = match self.open.pop() {
            Some(Open::Object(object, _)) => Content::Object(object),
            Some(Open::Array(array)) => Content::Array(array),
            None => return,
        };
        self.place(value);
    }
}

impl Document {
    /// A value that was derived.
    fn content(&mut self, value: Value<'_>) -> Content {
        match value {
            Value::Null => Content::Null,
            Value::Bool(value) => Content::Bool(value),
            Value::Str(text) => Content::Str(self.keep(text)),
            Value::Int(value) => Content::Number(self.keep(&value.to_string())),
            Value::UInt(value) => Content::Number(self.keep(&value.to_string())),
            Value::Float(value) => match Number::from_f64(value) {
                Some(number) => Content::Number(self.keep(&number.to_string())),
                None => Content::Null,
            },
        }
    }

    /// The objects of an array that is a whole record are parts of one document.
    fn place_root(&mut self, value: Content) {
        match (value, self.root) {
            (Content::Object(object), None) => self.root = Some(object),
            (Content::Object(object), Some(root)) => self.merge(root, object),
            (Content::Array(array), _) => {
                for at in self.nodes_of(array).collect::<Vec<_>>() {
                    self.place_root(self.nodes[at as usize].content);
                }
            }
            _ => {}
        }
    }

    /// Puts `value` at the dotted `key`. A key that is no ECS path (`a..b`), or whose path is taken by a
    /// scalar, stays whole.
    fn insert(&mut self, object: Container, key: Span, value: Content) {
        match self.branch(object, key, self.height(value)) {
            Some((branch, last)) => self.put(branch, last, value),
            None => self.put(object, key, value),
        }
    }

    /// The object in which the last segment of `key` belongs, made on the way, and that segment; for a value of that
    /// height.
    fn branch(&mut self, object: Container, key: Span, height: u32) -> Option<(Container, Span)> {
        if !self.str(key).contains('.') {
            return None;
        }
        let mut segments = segments(self.str(key), key)?;
        let whole = height as usize + segments.len();
        let last = segments.pop()?;
        if whole > MAX_DEPTH || !self.is_free(object, &segments) {
            return None;
        }
        let mut at = object;
        for (above, segment) in segments.into_iter().enumerate() {
            self.raise(at, super::count(whole - above));
            at = match self.find(at, self.str(segment)).map(|node| self.nodes[node as usize].content) {
                Some(Content::Object(below)) => below,
                _ => self.new_member(at, segment),
            };
        }
        Some((at, last))
    }

    /// Whether objects, or nothing yet, stand along a path.
    fn is_free(&self, object: Container, path: &[Span]) -> bool {
        let mut at = object;
        for segment in path {
            match self.find(at, self.str(*segment)).map(|node| self.nodes[node as usize].content) {
                None => return true,
                Some(Content::Object(below)) => at = below,
                Some(_) => return false,
            }
        }
        true
    }

    fn new_member(&mut self, object: Container, key: Span) -> Container {
        let new = self.new_container();
        self.add(object, key, Content::Object(new));
        new
    }

    /// Puts `value` at `key`, beside what may be there already.
    fn put(&mut self, object: Container, key: Span, value: Content) {
        let Some(node) = self.find(object, self.str(key)) else { return self.add(object, key, value) };
        self.raise(object, 1 + self.height(value));
        match (self.nodes[node as usize].content, value) {
            (Content::Object(there), Content::Object(more)) => self.merge(there, more),
            (Content::Array(there), value) => self.append(there, Span::default(), value),
            (there, value) => {
                let both = self.new_container();
                self.append(both, Span::default(), there);
                self.append(both, Span::default(), value);
                self.nodes[node as usize].content = Content::Array(both);
            }
        }
    }

    fn merge(&mut self, there: Container, more: Container) {
        for at in self.nodes_of(more).collect::<Vec<_>>() {
            let node = self.nodes[at as usize];
            self.put(there, node.key, node.content);
        }
    }

    /// Puts `values` at `path` in the place of what stood there, as an array if they are not one. A scalar on the way
    /// (`"host": "collector"`) gives way to the object that ECS has there; the record itself still holds it.
    pub(in super::super) fn set<'v>(
        &mut self,
        path: &str,
        values: impl Iterator<Item = Value<'v>>,
        is_array: bool,
    ) {
        let root = self.root.unwrap_or_else(|| self.new_container());
        self.root = Some(root);
        let path = self.keep(path);
        let Some(mut segments) = segments(self.str(path), path) else { return };
        let Some(last) = segments.pop() else { return };
        let at = segments.into_iter().fold(root, |at, segment| self.object_at(at, segment));
        let contents: Vec<Content> = values.map(|value| self.content(value)).collect();
        let content = match contents.as_slice() {
            [] => Content::Absent,
            [one] if !is_array => *one,
            _ => {
                let array = self.new_container();
                contents.iter().for_each(|content| self.append(array, Span::default(), *content));
                Content::Array(array)
            }
        };
        match self.find(at, self.str(last)) {
            Some(node) => self.nodes[node as usize].content = content,
            None => self.add(at, last, content),
        }
    }

    /// The object at `key`, whatever stood there.
    fn object_at(&mut self, object: Container, key: Span) -> Container {
        let Some(node) = self.find(object, self.str(key)) else { return self.new_member(object, key) };
        if let Content::Object(there) = self.nodes[node as usize].content {
            return there;
        }
        let new = self.new_container();
        self.nodes[node as usize].content = Content::Object(new);
        new
    }
}

/// The segments of a dotted path whose text lies at `whole`; `None` if it is no ECS path.
fn segments(path: &str, whole: Span) -> Option<Vec<Span>> {
    let mut start = whole.start;
    let mut segments = Vec::new();
    for segment in path.split('.') {
        if segment.is_empty() || segments.len() >= MAX_DEPTH {
            return None;
        }
        let end = start + super::count(segment.len());
        segments.push(Span { start, end });
        start = end + 1;
    }
    Some(segments)
}
