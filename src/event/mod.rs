//! A record's fields, as ECS names them.

#[cfg(test)]
mod agreement;
mod document;
mod fields;
mod flags;
mod number;
mod overlay;
mod reader;
mod remarks;
mod skim;
mod sources;
mod structure;
mod tape;
mod time;
mod tolerant;
mod unescaped;
mod value;
mod verbatim;
mod view;
mod walk;
mod when;

pub use document::{Document, Item};
pub use fields::{FieldId, FieldSet};
pub use flags::Flags;
pub use reader::{Reader, Reading};
pub use sources::{Documents, Sources};
pub use time::{Timestamp, parse_time};
pub use value::Value;
pub use verbatim::is_verbatim;
pub use view::Event;
pub use when::{assess, event_time};
