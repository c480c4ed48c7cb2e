//! Cuts an archive of segments into units.

use crate::archive::{Codec, Extent};
use crate::limits;

use super::unit::{Reel, Segment, Work};

/// The next piece of an archive (none for padding), and where the one after it begins.
pub(super) fn cut_archive(
    codec: &'static dyn Codec,
    bytes: &[u8],
    from: usize,
    base: usize,
    chunk: usize,
) -> (Option<Work>, usize) {
    let segments = gather(codec, bytes, from, chunk);
    if let Some(last) = segments.last() {
        let next = last.range.end;
        return (Some(Work::Segments { segments, base }), next);
    }
    if let Some(padding) = padding(codec, &bytes[from..]) {
        return (None, from + padding);
    }
    // A segment that must be streamed, or damage: the stream finds its way through either.
    let next = match reach(codec, &bytes[from..]) {
        Some((length, _)) => from + length,
        None => bytes.len(),
    };
    // Where no segment follows, the stream goes on to the next one, and tells what lies between.
    let next = if is_boundary(codec, &bytes[next..]) {
        next
    } else {
        codec.find(&bytes[next..]).map_or(bytes.len(), |at| next + at)
    };
    (Some(Work::Stream(Box::new(Reel::of_lines(codec, from..next, base)))), next)
}

/// Segments from `from` on that say how large they are, until they make a chunk together.
fn gather(codec: &'static dyn Codec, bytes: &[u8], from: usize, chunk: usize) -> Vec<Segment> {
    let (mut segments, mut at, mut total) = (Vec::new(), from, 0);
    while total < chunk
        && let Some((length, Some(decoded))) = reach(codec, &bytes[at..])
        && total + decoded <= usize::try_from(limits::WHOLE_SEGMENT).unwrap_or(usize::MAX)
        && is_boundary(codec, &bytes[at + length..])
    {
        segments.push(Segment { codec, range: at..at + length, decoded });
        at += length;
        total += decoded;
    }
    segments
}

/// Length of the segment at the beginning of `bytes`, encoded and, if it says so, decoded.
fn reach(codec: &dyn Codec, bytes: &[u8]) -> Option<(usize, Option<usize>)> {
    if !codec.starts(bytes) {
        return None;
    }
    match codec.extent(bytes, limits::SEGMENT_WALK) {
        Extent::Known { encoded, decoded } => {
            let encoded = usize::try_from(encoded).ok().filter(|length| *length <= bytes.len())?;
            Some((encoded, decoded.and_then(|decoded| usize::try_from(decoded).ok())))
        }
        Extent::Unknown | Extent::Damaged => None,
    }
}

/// Whether a segment may end where `rest` begins: if not, its own framing is not to be trusted.
fn is_boundary(codec: &dyn Codec, rest: &[u8]) -> bool {
    rest.is_empty() || codec.starts(rest) || padding(codec, rest).is_some()
}

/// Length of the padding at the beginning of `bytes`, if all of it is there.
fn padding(codec: &dyn Codec, bytes: &[u8]) -> Option<usize> {
    let length = codec.padding(bytes).and_then(|length| usize::try_from(length).ok())?;
    (length <= bytes.len()).then_some(length)
}
