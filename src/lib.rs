//! coldtrail hunts through cold evidence.
//!
//! Data flows one way: `evidence` walks folders and maps files, `archive` decodes them segment by
//! segment, `record` finds the records, `prefilter` throws out what cannot match, `event` parses what
//! is left, `eql` decides, `timeline` orders the hits, and `report` writes them. `ledger` accounts for
//! every byte on the way; `hunt` joins the rooms; `cli` is the only one that knows the terminal.

pub mod archive;
pub mod bench;
pub mod cli;
pub mod eql;
pub mod escape;
pub mod event;
pub mod evidence;
pub mod hunt;
pub mod ledger;
pub mod limits;
pub mod order;
pub mod prefilter;
pub mod record;
pub mod report;
pub mod rule;
pub mod synth;
pub mod timeline;
pub mod verify;
