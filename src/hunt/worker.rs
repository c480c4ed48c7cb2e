//! Does one unit of work.

use std::ops::Range;

use crate::archive::{Step, Tools};
use crate::evidence::digest;
use crate::ledger::{Integrity, Tally};
use crate::record::{Mark, Place};

use super::Context;
use super::engine::Examiner;
use super::scan::scan;
use super::stream;
use super::unit::{Chain, Part, Segment, Source, Work};

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
pub(super) fn work(context: &Context<'_>, source: &Source, work: &Work, emit: &mut dyn FnMut(Part)) {
    match work {
        Work::Range(range) => context.with_bench(|bench| scan_range(context, bench, source, range, emit)),
        Work::Segments(segments) => {
            context.with_bench(|bench| decode_segments(context, bench, source, segments, emit));
        }
        Work::Stream(range, chain) => stream::stream_file(context, source, range.clone(), chain, emit),
        Work::Stdin => stream::stream_stdin(context, source, emit),
        Work::Digest(kind) => emit(Part::Hashes(digest(source.bytes(), *kind))),
    }
    if let (Some(range), Some(mapping)) = (extent(work), &source.mapping) {
        mapping.release(range);
    }
}

/// Which bytes of the file a unit covers.
pub(super) fn extent(work: &Work) -> Option<Range<usize>> {
    match work {
        Work::Range(range) | Work::Stream(range, _) => Some(range.clone()),
        Work::Segments(segments) => Some(segments.first()?.range.start..segments.last()?.range.end),
        Work::Stdin | Work::Digest(_) => None,
    }
}

fn scan_range(
    context: &Context<'_>,
    bench: &mut Bench,
    source: &Source,
    range: &Range<usize>,
    emit: &mut dyn FnMut(Part),
) {
    let chunk = &source.bytes()[range.clone()];
    let marks = [Mark { at: 0, segment: 0, offset: range.start as u64 }];
    let place = Place { source: source.index, entry: 0, marks: &marks };
    emit(scan(context.engine, &mut bench.examiner, chunk, &place));
    emit(Part::Tally(Tally { read: chunk.len() as u64, ..Tally::default() }));
    context.meter.read(chunk.len() as u64, chunk.len() as u64);
}

/// Decodes segments side by side into one chunk. Where one fails, what stands before it is scanned, and
/// the segment is read again as a stream, which keeps what lies before the damage.
fn decode_segments(
    context: &Context<'_>,
    bench: &mut Bench,
    source: &Source,
    segments: &[Segment],
    emit: &mut dyn FnMut(Part),
) {
    let mut chunk = Chunk::default();
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
                let chain: Chain = vec![segment.codec];
                stream::stream_file(context, source, segment.range.clone(), &chain, emit);
            }
        }
    }
    chunk.flush(context, bench, source, emit);
}

/// Segments that lie decoded in a bench's buffer.
#[derive(Default)]
struct Chunk {
    length: usize,
    marks: Vec<Mark>,
    tally: Tally,
    integrity: Integrity,
}

impl Chunk {
    fn add(&mut self, segment: &Segment, integrity: Integrity) {
        self.marks.push(Mark { at: self.length, segment: segment.range.start as u64, offset: 0 });
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
        let chunk = std::mem::take(self);
        if chunk.tally.segments == 0 {
            return;
        }
        let place = Place { source: source.index, entry: 0, marks: &chunk.marks };
        emit(scan(context.engine, &mut bench.examiner, &bench.buffer[..chunk.length], &place));
        emit(Part::Tally(chunk.tally));
        emit(Part::Integrity(chunk.integrity));
        context.meter.read(chunk.tally.read, chunk.length as u64);
    }
}

/// Numbers of one step of the outermost container.
pub(super) fn tally_of(step: &Step) -> Tally {
    let length = |range: &Range<u64>| range.end - range.start;
    match step {
        Step::Segment(_) => Tally { segments: 1, ..Tally::default() },
        Step::Padding(range) => Tally { framing: length(range), ..Tally::default() },
        Step::Gap { bytes, .. } => Tally { unread: length(bytes), ..Tally::default() },
        Step::Data(_) | Step::End(_) | Step::Finished => Tally::default(),
    }
}
