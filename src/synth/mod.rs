//! Writes a corpus of invented process events with known hits, of any size, to measure and to test
//! with.
//!
//! The events have the shape of Elastic Defend's (ECS): 2.1 to 3.6 KB a line, 2.7 on average, with a
//! ratio of 9.3 at zstd -3 in frames of 4 MiB (`coldtrail synth --size 512MiB`). The decoded bytes
//! follow from the [`Options`] alone, on any machine, with any number of threads and in any
//! container; the encoded bytes also depend on the version of the compressor.

mod catalogue;
mod corpus;
mod encode;
mod fleet;
mod plant;
mod record;
mod rng;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod truth;
mod workload;

use std::io::{self, Write};
use std::num::NonZeroUsize;

use rayon::prelude::*;
use thiserror::Error;

use corpus::{Corpus, Piece};
pub use encode::Codec;
use encode::{BGZIP_BLOCK, FrameEncoder, StreamEncoder};
pub use truth::{Planted, Totals, Verdict};

/// What to write.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bytes of NDJSON, exactly: the last line is filled up with spaces.
    pub size: u64,
    /// How many events the bundled rule matches.
    pub hits: u64,
    /// How many events it just does not match.
    pub near_misses: u64,
    /// Everything random follows from it.
    pub seed: u64,
    /// The time from the first event to the last, in hours.
    pub hours: u32,
    /// The container.
    pub codec: Codec,
    /// How the stream is cut into frames.
    pub framing: Framing,
    /// The compression level, in the codec's own scale.
    pub level: i32,
}

/// How the decoded stream is cut into zstd frames or gzip members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// One for everything.
    Single,
    /// One for every so many decoded bytes, wherever that cuts a record.
    Every(NonZeroUsize),
}

/// Why no corpus was written.
#[derive(Debug, Error)]
pub enum Error {
    /// The planted events need more room.
    #[error("{planted} planted events need at least {needed} bytes; the size is {size}")]
    TooSmall {
        /// The size asked for.
        size: u64,
        /// The least size that works.
        needed: u64,
        /// Hits and near misses together.
        planted: u64,
    },
    /// Writing or compressing failed.
    #[error("cannot write the corpus: {0}")]
    Io(#[from] io::Error),
}

/// Bytes handed to a streaming encoder at a time.
const STREAM_PIECE: usize = 1 << 20;
/// Decoded bytes in flight at a time, at least one frame for each thread.
const BATCH: usize = 32 << 20;

/// Writes the corpus to `output` and one line for each planted event to `truth`.
///
/// # Errors
/// [`Error::TooSmall`] before anything is written; [`Error::Io`] from either writer.
pub fn write(options: &Options, output: impl Write, mut truth: impl Write) -> Result<Totals, Error> {
    let corpus = Corpus::new(options)?;
    let mut output = Counted { inner: output, bytes: 0 };
    let mut totals = Totals {
        records: 0,
        hits: 0,
        companion_hits: 0,
        misses: 0,
        decoded_bytes: options.size,
        encoded_bytes: 0,
        ratio: 0.0,
    };
    let mut record_planted = |planted: &[Planted]| {
        planted.iter().for_each(|one| totals.count(one.verdict));
        truth::write_planted(&mut truth, planted)
    };
    totals.records = match (options.codec, options.framing) {
        (Codec::Bgzip, _) => write_frames(options, BGZIP_BLOCK, corpus, &mut output, &mut record_planted)?,
        (_, Framing::Every(size)) => {
            write_frames(options, size.get(), corpus, &mut output, &mut record_planted)?
        }
        (_, Framing::Single) => write_stream(options, corpus, &mut output, &mut record_planted)?,
    };
    output.write_all(options.codec.trailer())?;
    output.flush()?;
    totals.encoded_bytes = output.bytes;
    totals.ratio = (options.size as f64 / output.bytes as f64 * 100.0).round() / 100.0;
    truth::write_totals(&mut truth, &totals)?;
    truth.flush()?;
    Ok(totals)
}

/// Gives the number of records, as does [`write_frames`].
fn write_stream(
    options: &Options,
    mut corpus: Corpus,
    output: &mut impl Write,
    record_planted: &mut impl FnMut(&[Planted]) -> io::Result<()>,
) -> io::Result<u64> {
    let mut encoder = StreamEncoder::new(options.codec, options.level, options.size, output)?;
    loop {
        let piece = corpus.next_piece(STREAM_PIECE);
        record_planted(&piece.planted)?;
        if piece.bytes.is_empty() {
            break;
        }
        encoder.write(&piece.bytes)?;
    }
    encoder.finish()?;
    Ok(corpus.records())
}

/// Compresses one batch of frames on all threads while the next is being made up.
fn write_frames(
    options: &Options,
    size: usize,
    mut corpus: Corpus,
    output: &mut impl Write,
    record_planted: &mut impl FnMut(&[Planted]) -> io::Result<()>,
) -> io::Result<u64> {
    let count = (BATCH / size).max(rayon::current_num_threads());
    let mut batch = next_batch(&mut corpus, count, size);
    while !batch.is_empty() {
        let (next, frames) =
            rayon::join(|| next_batch(&mut corpus, count, size), || encode_batch(options, batch));
        for (frame, planted) in frames? {
            output.write_all(&frame)?;
            record_planted(&planted)?;
        }
        batch = next;
    }
    Ok(corpus.records())
}

fn next_batch(corpus: &mut Corpus, count: usize, size: usize) -> Vec<Piece> {
    let pieces = std::iter::repeat_with(|| corpus.next_piece(size));
    pieces.take_while(|piece| !piece.bytes.is_empty()).take(count).collect()
}

fn encode_batch(options: &Options, batch: Vec<Piece>) -> io::Result<Vec<(Vec<u8>, Vec<Planted>)>> {
    let encoder = || FrameEncoder::new(options.codec, options.level);
    let encode = |encoder: &mut io::Result<FrameEncoder>, piece: Piece| match encoder {
        Ok(encoder) => Ok((encoder.encode(piece.bytes)?, piece.planted)),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    };
    batch.into_par_iter().map_init(encoder, encode).collect()
}

/// Counts what passes.
struct Counted<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
