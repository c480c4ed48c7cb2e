//! Decoded bytes to records and their places. Knows nothing of JSON beyond what tells a format.

mod chunk;
mod lines;
mod location;
mod sniff;

pub use chunk::{Mark, Place};
pub use lines::{Edges, Fragment, Line, Lines, is_blank, split, without_return};
pub use location::Location;
pub use sniff::{Content, sniff};
