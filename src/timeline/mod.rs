//! Hits, in order, however many there are.

mod hit;
mod sorter;
pub(crate) mod time;

pub use hit::{Hit, HitOrder, Member};
pub use sorter::{Sortable, Sorted, Sorter};
