//! What stands somewhere in a document.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Number, Value as Json};

use super::{Container, Content, Document};

/// A value of a document.
#[derive(Clone, Copy)]
pub struct Item<'d> {
    document: &'d Document,
    content: Content,
}

impl fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.content.fmt(f)
    }
}

impl<'d> Item<'d> {
    pub(super) fn new(document: &'d Document, content: Content) -> Self {
        Self { document, content }
    }

    /// The member of an object.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        let Content::Object(object) = self.content else { return None };
        let found = self.document.item(self.document.find(object, key)?);
        (!matches!(found.content, Content::Absent)).then_some(found)
    }

    /// A string.
    #[must_use]
    pub fn as_str(self) -> Option<&'d str> {
        match self.content {
            Content::Str(span) => Some(self.document.str(span)),
            _ => None,
        }
    }

    /// The values in an array.
    #[must_use]
    pub fn elements(self) -> Option<impl Iterator<Item = Self>> {
        match self.content {
            Content::Array(array) => Some(self.document.members(array).map(|(_, item)| item)),
            _ => None,
        }
    }

    /// The members of an object with their keys.
    #[must_use]
    pub fn members(self) -> Option<impl Iterator<Item = (&'d str, Self)>> {
        match self.content {
            Content::Object(object) => Some(self.document.members(object)),
            _ => None,
        }
    }

    /// A tree of its own.
    pub(in super::super) fn to_json(self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What stands at `path` below it; itself if there is no path. See [`Document::text`].
    pub(super) fn text(self, path: Option<&str>) -> Option<String> {
        match (self.content, path) {
            (Content::Array(_), path) => {
                let texts: Vec<String> = self.elements()?.filter_map(|item| item.text(path)).collect();
                (!texts.is_empty()).then(|| texts.join(", "))
            }
            (Content::Object(_), Some(path)) => {
                let (first, rest) =
                    path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
                self.get(first)?.text(rest)
            }
            (Content::Str(span) | Content::Number(span), None) => Some(self.document.str(span).to_owned()),
            (Content::Bool(value), None) => Some(value.to_string()),
            _ => None,
        }
    }
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = |container: Container| self.document.members(container);
        match self.content {
            Content::Absent | Content::Null => serializer.serialize_unit(),
            Content::Bool(value) => serializer.serialize_bool(value),
            Content::Str(span) => serializer.serialize_str(self.document.str(span)),
            Content::Number(span) => {
                let number: Number = self.document.str(span).parse().map_err(serde::ser::Error::custom)?;
                number.serialize(serializer)
            }
            Content::Object(object) => serializer.collect_map(members(object)),
            Content::Array(array) => serializer.collect_seq(members(array).map(|(_, item)| item)),
        }
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(whole) => whole.serialize(serializer),
            None => Map::new().serialize(serializer),
        }
    }
}
