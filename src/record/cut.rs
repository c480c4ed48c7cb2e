//! What a framing other than lines must be able to do: cut decoded bytes into records, from front to back.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::Table;

/// How a record becomes the JSON that is evaluated.
#[derive(Clone, Debug)]
pub enum Form {
    /// It is JSON.
    Json,
    /// It is a row of this table.
    Row(Arc<Table>),
    /// It is a chunk of a Windows event log, which holds many records.
    EvtxChunk,
}

/// A record that was cut out.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Where it lies in the bytes that were presented.
    pub range: Range<usize>,
    /// What it is.
    pub form: Form,
    /// Whether bytes are missing before or behind it.
    pub beside_gap: bool,
}

/// What a cutter tells.
#[derive(Clone, Debug)]
pub enum Cut {
    /// A record.
    Record(Piece),
    /// Bytes that cannot be a record, and why.
    Lost {
        /// Where they begin in the bytes that were presented.
        at: usize,
        /// How long they are, as far as they were seen.
        length: usize,
        /// Why.
        loss: Loss,
    },
}

/// Why bytes hold no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A record that is longer than the limit.
    TooLong,
    /// No chunk of a Windows event log, where one must be.
    NoChunk,
}

/// What comes behind the bytes that a cutter is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// More bytes.
    More,
    /// Bytes that could not be had, and then more.
    Gap,
    /// Nothing.
    Nothing,
}

/// Cuts bytes into records. Where it cuts depends on the bytes alone, never on how they are presented.
pub trait Cutter: fmt::Debug + Send {
    /// Looks at `bytes` and appends what it finds to `cuts`, in order. Returns how many bytes are done
    /// with: the next call gets the others again, with what follows them.
    fn cut(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) -> usize;
}
