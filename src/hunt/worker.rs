//! Does one unit of work.

use std::ops::Range;
use std::sync::Arc;

use crate::archive::Tools;
use crate::evidence::digest;
use crate::ledger::{Integrity, Tally};
use crate::record::{Mark, Place, Width, cut_chunks};

use super::Context;
use super::engine::Examiner;
use super::recall::{leave_in_file, leave_in_segments};
use super::scan::{scan_cuts, scan_lines};
use super::stream;
use super::unit::{Part, Reel, Segment, Source, Work};

/// A worker's memory, kept from unit to unit.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) examiner: Examiner,
    tools: Tools,
    /// Decoded bytes. It only grows, so that no byte is cleared twice.
    buffer: Vec<u8>,
}

impl Bench {
    pub(super) fn new(context: &Context<'_>) -> Self {
        Self { examiner: context.engine.examiner(), tools: Tools::default(), buffer: Vec::new() }
    }
}

/// Does `work` on `source` and hands on the parts in the order of the bytes.
pub(super) fn work(context: &Context<'_>, source: &Arc<Source>, work: &Work, emit: &mut dyn FnMut(Part)) {
    match work {
        Work::Range { range, base } => {
            context.with_bench(|bench| scan_range(context, bench, source, range, *base, emit));
        }
        Work::Chunks { range, base } => {
            context.with_bench(|bench| scan_chunks(context, bench, source, range, *base, emit));
        }
        Work::Segments { segments, base } => {
            context.with_bench(|bench| decode_segments(context, bench, source, segments, *base, emit));
        }
        Work::Stream(reel) => stream::stream_file(context, source, reel, emit),
        Work::Stdin => stream::stream_stdin(context, source, emit),
        Work::Digest(kind) => {
            if let Some(mapping) = &source.mapping {
                emit(Part::Hashes(digest(mapping, *kind)));
            }
        }
    }
}

/// Which bytes of the file a unit covers.
pub(super) fn extent(work: &Work) -> Option<Range<usize>> {
    match work {
        Work::Range { range, .. } | Work::Chunks { range, .. } => Some(range.clone()),
        Work::Stream(reel) => Some(reel.range.clone()),
        Work::Segments { segments, .. } => Some(segments.first()?.range.start..segments.last()?.range.end),
        Work::Stdin | Work::Digest(_) => None,
    }
}

/// About how many bytes there are to be scanned in a unit: what is encoded may be several times as many.
pub(super) fn weight(source: &Source, work: &Work) -> usize {
    const RATIO: usize = 8;
    match work {
        Work::Range { range, .. } | Work::Chunks { range, .. } => range.len(),
        Work::Segments { segments, .. } => segments.iter().map(|segment| segment.decoded).sum(),
        Work::Stream(reel) => reel.range.len().saturating_mul(RATIO),
        Work::Digest(_) => source.bytes().len(),
        Work::Stdin => usize::MAX,
    }
}

fn scan_range(
    context: &Context<'_>,
    bench: &mut Bench,
    source: &Source,
    range: &Range<usize>,
    base: usize,
    emit: &mut dyn FnMut(Part),
) {
    let chunk = &source.bytes()[range.clone()];
    let marks = [Mark { at: 0, segment: 0, offset: (range.start - base) as u64 }];
    let place = Place { source: source.index, entry: 0, marks: &marks, bytes: chunk, width: Width::AsIs };
    let scanned = scan_lines(context.engine, &mut bench.examiner, chunk, &place);
    emit(leave_in_file(scanned, base));
    emit(Part::Tally(Tally { read: chunk.len() as u64, ..Tally::default() }));
    context.meter.read(chunk.len() as u64, chunk.len() as u64);
}

fn scan_chunks(
    context: &Context<'_>,
    bench: &mut Bench,
    source: &Source,
    range: &Range<usize>,
    base: usize,
    emit: &mut dyn FnMut(Part),
) {
    let bytes = &source.bytes()[range.clone()];
    let offset = (range.start - base) as u64;
    let marks = [Mark { at: 0, segment: 0, offset }];
    let place = Place { source: source.index, entry: 0, marks: &marks, bytes, width: Width::AsIs };
    emit(scan_cuts(context.engine, &mut bench.examiner, &cut_chunks(bytes), &place));
    emit(Part::Tally(Tally { read: bytes.len() as u64, ..Tally::default() }));
    context.meter.read(bytes.len() as u64, bytes.len() as u64);
}

/// Decodes segments side by side into one chunk. Where one fails, what stands before it is scanned, and
/// the segment is read again as a stream, which keeps what lies before the damage.
fn decode_segments(
    context: &Context<'_>,
    bench: &mut Bench,
    source: &Arc<Source>,
    segments: &[Segment],
    base: usize,
    emit: &mut dyn FnMut(Part),
) {
    let mut chunk = Chunk::new(segments, base);
    for segment in segments {
        let encoded = &source.bytes()[segment.range.clone()];
        let end = chunk.length + segment.decoded;
        if bench.buffer.len() < end {
            bench.buffer.resize(end, 0);
        }
        let room = &mut bench.buffer[chunk.length..end];
        match segment.codec.decode(encoded, room, &mut bench.tools) {
            Ok(integrity) => chunk.add(segment, integrity),
            Err(_) => {
                chunk.flush(context, bench, source, emit);
                stream::stream_file(
                    context,
                    source,
                    &Reel::of_lines(segment.codec, segment.range.clone(), base),
                    emit,
                );
            }
        }
    }
    chunk.flush(context, bench, source, emit);
}

/// Segments that lie decoded in a bench's buffer.
struct Chunk<'s> {
    /// All segments of the unit.
    segments: &'s [Segment],
    base: usize,
    length: usize,
    marks: Vec<Mark>,
    tally: Tally,
    integrity: Integrity,
}

impl<'s> Chunk<'s> {
    fn new(segments: &'s [Segment], base: usize) -> Self {
        Self {
            segments,
            base,
            length: 0,
            marks: Vec::new(),
            tally: Tally::default(),
            integrity: Integrity::default(),
        }
    }

    fn add(&mut self, segment: &Segment, integrity: Integrity) {
        let start = (segment.range.start - self.base) as u64;
        self.marks.push(Mark { at: self.length, segment: start, offset: 0 });
        self.length += segment.decoded;
        self.tally.read += segment.range.len() as u64;
        self.tally.segments += 1;
        self.integrity = self.integrity.max(integrity);
    }

    /// Scans what there is, hands it on, and begins anew.
    fn flush(
        &mut self,
        context: &Context<'_>,
        bench: &mut Bench,
        source: &Source,
        emit: &mut dyn FnMut(Part),
    ) {
        let chunk = std::mem::replace(self, Self::new(self.segments, self.base));
        if chunk.tally.segments == 0 {
            return;
        }
        let bytes = &bench.buffer[..chunk.length];
        let place = Place { source: source.index, entry: 0, marks: &chunk.marks, bytes, width: Width::AsIs };
        let scanned = scan_lines(context.engine, &mut bench.examiner, bytes, &place);
        emit(leave_in_segments(scanned, chunk.segments, chunk.base));
        emit(Part::Tally(chunk.tally));
        emit(Part::Integrity(chunk.integrity));
        context.meter.read(chunk.tally.read, chunk.length as u64);
    }
}
