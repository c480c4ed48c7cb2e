//! Bytes of a file that no segment and no member holds, or that damage leaves of one. They are in a gap, and are
//! scanned as lines all the same: somebody may have written records behind an archive, or the archive may lie in
//! something else.

use std::ops::Range;

use memchr::memchr;

use crate::limits;
use crate::record::{Mark, Place, Width};

use super::Context;
use super::scan::scan_stray;
use super::unit::{Part, Source};

/// Scans the bytes of a gap, whose offsets count from `base` in the file. Standard input keeps none to be scanned.
pub(super) fn scan_gap(
    context: &Context<'_>,
    source: &Source,
    base: u64,
    gap: &Range<u64>,
    emit: &mut dyn FnMut(Part),
) {
    let Some(mapping) = &source.mapping else { return };
    let offset = |at: u64| usize::try_from(base + at).unwrap_or(usize::MAX).min(mapping.bytes().len());
    let (start, end) = (offset(gap.start), offset(gap.end));
    let mut at = start;
    while at < end && !context.cancel.is_set() {
        let bytes = &mapping.bytes()[at..end];
        let bytes = &bytes[..whole_lines(bytes, context.chunk)];
        // A record that is too long needs no gap of its own here.
        if bytes.len() as u64 <= limits::RECORD + context.chunk as u64 {
            let marks = [Mark { at: 0, segment: gap.start, offset: (at - start) as u64 }];
            let place = Place { source: source.index, entry: 0, marks: &marks, bytes, width: Width::AsIs };
            emit(context.with_bench(|bench| scan_stray(context.engine, &mut bench.examiner, &place)));
        }
        at += bytes.len();
        mapping.release(at - bytes.len()..at);
    }
}

/// Length of the lines at the beginning of `bytes` that make `least` bytes together, or of all.
fn whole_lines(bytes: &[u8], least: usize) -> usize {
    let least = least.min(bytes.len());
    memchr(b'\n', &bytes[least..]).map_or(bytes.len(), |feed| least + feed + 1)
}
