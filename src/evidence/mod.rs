//! Paths to sources: walks folders, maps files read-only.
//!
//! Nothing here or after it writes to evidence, and nothing looks at a file's name to tell what it is.

mod digest;
mod guard;
mod mapping;
mod walk;

pub(crate) use digest::hex;
pub use digest::{Digest, digest, digest_of_program};
pub use mapping::Mapping;
pub use walk::{Found, Outcome, STDIN, Walk, walk};
