//! Records and their places.

mod location;

pub use location::Location;
