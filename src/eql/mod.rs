//! Elastic's Event Query Language.

pub mod ast;
mod compile;
mod diagnostic;
mod filter;
pub mod functions;
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
pub use compile::{Options, Program, Search, compile};
pub use diagnostic::{Colour, Diagnostic, render};
pub use filter::Filter;
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
