//! Hits, in order.

mod hit;

pub use hit::{Hit, Member};
