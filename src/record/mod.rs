//! Decoded bytes to records and their places. Knows nothing of JSON beyond what tells a format and where
//! its values end.
//!
//! Lines may be cut anywhere and joined again; what every other framing holds must be read from front to
//! back by its [`Cutter`]. A new framing is one file here and one line in [`Framing::cutter`].

mod binxml;
mod chunk;
mod csv;
mod cut;
mod envelope;
mod evtx;
mod inner;
mod json;
mod lines;
mod location;
mod nesting;
mod resync;
mod sniff;
mod table;
mod torn;
mod wide;

pub use binxml::{Texts, whole_texts};
pub use chunk::{Mark, Place, Width};
pub use cut::{After, Cut, Cutter, Form, Loss, Piece};
pub use evtx::{CHUNK as EVTX_CHUNK, cut_chunks, has_chunks, whole_chunks};
pub use inner::inner;
pub use lines::{Edges, Fragment, Line, Lines, is_blank, split, without_return};
pub use location::Location;
pub use sniff::{Archive, Content, Encoding, Framing, Records, is_opaque, sniff};
pub use table::Table;
pub(crate) use torn::{is_whole, torn};
pub use wide::Transcoder;
