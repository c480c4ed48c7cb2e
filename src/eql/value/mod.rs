//! What values are compared as, and how.

mod date;
mod ip;
mod number;
mod pattern;
mod scalar;
mod version;
mod wildcard;
mod words;

pub(super) use date::{Period, time_of};
pub(super) use ip::{Block, address};
pub(super) use number::Number;
pub(super) use pattern::{PATTERN_ROOM, PatternError, compile_pattern};
pub(super) use scalar::Scalar;
pub(super) use version::Version;
pub(super) use wildcard::{Head, Wildcard};
pub(super) use words::Words;
