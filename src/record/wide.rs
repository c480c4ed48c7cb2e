//! UTF-16 to UTF-8, piece by piece.

use std::fmt;

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};

/// Most bytes of UTF-8 that a byte of UTF-16 becomes, and what a decoder may hold back.
const GROWTH: usize = 2;
const HELD_BACK: usize = 16;

/// Transcodes a source whose text is UTF-16. Each half surrogate becomes U+FFFD, so that the length of the
/// text in UTF-16 code units stays what it was.
pub struct Transcoder {
    decoder: Decoder,
}

impl fmt::Debug for Transcoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcoder").field("encoding", &self.decoder.encoding()).finish()
    }
}

impl Transcoder {
    /// Of UTF-16, the high byte first or last.
    #[must_use]
    pub fn utf16(big_endian: bool) -> Self {
        let encoding = if big_endian { UTF_16BE } else { UTF_16LE };
        Self { decoder: encoding.new_decoder_without_bom_handling() }
    }

    /// How many bytes may be given at once for their text to fit into `room`.
    #[must_use]
    pub fn takes(room: usize) -> usize {
        room.saturating_sub(HELD_BACK) / GROWTH
    }

    /// Transcodes `raw` into `out`, which has room for it; how many bytes came out.
    pub fn transcode(&mut self, raw: &[u8], out: &mut [u8], is_last: bool) -> usize {
        self.decoder.decode_to_utf8(raw, out, is_last).2
    }
}
