//! Elastic's Event Query Language.

pub mod ast;
pub mod diagnostic;
pub mod functions;
mod lexer;
mod parser;
mod print;
mod requirement;
mod span;
mod text_literal;

pub use ast::Query;
pub use diagnostic::{Colour, Diagnostic, render};
pub use parser::{MAX_DEPTH, parse};
pub use requirement::{Requirement, requirement};
pub use span::{Span, Spanned};
mod stub;
pub use stub::*;
