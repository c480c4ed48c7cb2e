//! Elastic's Event Query Language: text to [`Query`], [`Query`] to [`Program`], [`Event`] to verdict.
//!
//! [`parse`] goes through `lexer` (with `text_literal`) and `parser` to the tree in [`ast`], which
//! `print` turns back into text. [`compile`] resolves fields by `types` and builds a [`Filter`] for each
//! condition: a `test` per leaf, over the ways of comparing in `value`, and a `script` for what is more
//! than a leaf, over [`functions`]. [`Sequence`] and [`Sample`] say which items an event matches with
//! which `join` keys; [`Machine`] and [`Sampler`] put the answers together after the scan, and [`Pipes`]
//! cut the result. What is wrong with a text is a [`Diagnostic`], which `rule::Excerpt` draws.
//!
//! Semantics are Elasticsearch's, as its own acceptance tests pin them (`scripts/conformance`). Decided
//! here, where offline evidence differs from an index:
//!
//! * Without a mapping every field exists, so a leaf on a missing field fails and its negation holds,
//!   `?` or not. With one, an unknown field is an error, or null if it is optional.
//! * Fields that ECS does not type otherwise take the type of what they are compared with.
//! * `ignore_above` is not modelled: a value too long to be indexed matches here.
//! * Case is folded in ASCII only, in functions too, where Elasticsearch's scripts fold Unicode.
//! * What fails a query in Elasticsearch for one event (dividing by zero) is null for that event.
//! * There is no limit of ten results.
//!
//! [`Event`]: crate::event::Event

pub mod ast;
mod candidates;
mod compile;
mod diagnostic;
mod filter;
pub mod functions;
mod glance;
mod index;
mod join;
mod lexer;
mod parser;
mod pipes;
mod print;
mod reading;
mod requirement;
mod sample;
mod script;
mod sequence;
mod span;
mod test;
mod text_literal;
mod types;
mod value;

pub use ast::Query;
pub use candidates::Candidates;
pub use compile::{Options, Program, Search, compile};
pub use diagnostic::Diagnostic;
pub use filter::Filter;
pub use glance::Glance;
pub use index::{Index, Lookup};
pub use join::{Double, JoinKeys, Key};
pub use parser::{MAX_DEPTH, parse};
pub use pipes::Pipes;
pub use requirement::{Requirement, requirement};
pub use sample::{Sample, Sampler};
pub use sequence::{Found, ItemMatch, Machine, Occurrence, Sequence};
pub use span::{Span, Spanned};
pub use types::{FieldType, Mapping, MappingError, ResolvedField, Types};

#[cfg(test)]
mod tests;
