//! What a codec must be able to do.

use std::fmt;

use super::{Budget, Input};
use crate::ledger::{Integrity, Reason};

/// Why decoding stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of damage.
    pub reason: Reason,
    /// What the decoder said, and the remedy if there is one.
    pub detail: String,
    /// How many bytes were decoded into the buffer of the call before it stopped; they are good.
    pub written: usize,
}

impl Fault {
    /// A fault before which nothing was decoded.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), written: 0 }
    }
}

/// How far a segment reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// It is `encoded` bytes long and holds `decoded` bytes, if it says so.
    Known {
        /// Length in the archive.
        encoded: u64,
        /// Length once decoded.
        decoded: Option<u64>,
    },
    /// Only decoding tells.
    Unknown,
    /// Its framing is damaged, or it runs past the end.
    Damaged,
}

/// Decoder memory that a worker keeps from segment to segment.
#[derive(Default)]
pub struct Tools {
    pub(super) zstd: Option<::zstd::zstd_safe::DCtx<'static>>,
    pub(super) inflate: Option<flate2::Decompress>,
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tools").finish_non_exhaustive()
    }
}

/// A compression format.
pub trait Codec: Sync + fmt::Debug {
    /// Its name, as its specification spells it.
    fn name(&self) -> &'static str;

    /// Version of the decoder.
    fn version(&self) -> String;

    /// Whether a segment starts at the beginning of `bytes`. 32 bytes are enough to tell.
    fn starts(&self, bytes: &[u8]) -> bool;

    /// Offset of the first place in `bytes` where a segment may start; for finding the way after damage.
    fn find(&self, bytes: &[u8]) -> Option<usize>;

    /// Whether all that can be decoded of some bytes comes out before more are taken.
    fn is_prompt(&self) -> bool {
        false
    }

    /// Whether its segment stands alone, and what follows is no business of the codec's.
    fn stands_alone(&self) -> bool {
        false
    }

    /// Length of what carries no data by design at the beginning of `bytes`: a skippable frame, padding.
    fn padding(&self, bytes: &[u8]) -> Option<u64>;

    /// How far the segment at the beginning of `bytes` reaches, walking at most `walk` bytes.
    fn extent(&self, bytes: &[u8], walk: u64) -> Extent {
        let _ = (bytes, walk);
        Extent::Unknown
    }

    /// Decodes the whole of `segment` into `out`, which has exactly the room that [`Codec::extent`]
    /// announced.
    ///
    /// # Errors
    /// A [`Fault`]; what `out` then holds is to be thrown away.
    fn decode(&self, segment: &[u8], out: &mut [u8], tools: &mut Tools) -> Result<Integrity, Fault>;

    /// Opens the segment at the input's position. Its window is taken from `memory`, which may mean to wait.
    fn open<'a>(&self, input: Input<'a>, memory: &Budget) -> Box<dyn SegmentReader<'a> + 'a>;
}

/// Reads one segment.
pub trait SegmentReader<'a> {
    /// Decodes into `out`; `Ok(0)` at the segment's end.
    ///
    /// # Errors
    /// A [`Fault`], after which only [`SegmentReader::input`] and [`SegmentReader::into_input`] make sense.
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault>;

    /// After the end: whether a checksum held.
    fn integrity(&self) -> Integrity;

    /// The input that it reads from.
    fn input(&self) -> &Input<'a>;

    /// Gives the input back, at the end of the segment or where reading failed.
    fn into_input(self: Box<Self>) -> Input<'a>;
}
