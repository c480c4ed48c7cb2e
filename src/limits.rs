//! Every bound in one place. Input is hostile; nothing grows without one of these.

/// Longest record in bytes; a longer one is a gap, and the next record is still read.
pub const RECORD: u64 = 64 << 20;

/// Largest segment, decoded, that a worker decodes in one go; larger ones are streamed.
pub const WHOLE_SEGMENT: u64 = 16 << 20;

/// How many compressed bytes the search for a segment's end may walk before the segment is streamed.
pub const SEGMENT_WALK: u64 = 64 << 20;

/// How deep archives may lie in archives.
pub const NESTING: usize = 4;

/// How many decoded bytes are looked at to tell what a source holds.
pub const SNIFF: usize = 64 << 10;

/// How far the first segment of an archive is looked for whose beginning is damaged: in a file, and in what a codec
/// decodes.
pub const SEARCH: usize = 64 << 20;
/// See there.
pub const SEARCH_DECODED: usize = 1 << 20;

/// How many bad records of one source are listed one by one; the rest are listed as one gap.
pub const LISTED_BAD_RECORDS: u64 = 1000;

/// Default size of the pieces that plain files are cut into and that streams hand on.
pub const CHUNK: usize = 1 << 20;

/// Smallest and largest piece that may be asked for.
pub const CHUNK_RANGE: std::ops::RangeInclusive<usize> = (4 << 10)..=(256 << 20);

/// Least memory budget that may be asked for, in bytes.
pub const LEAST_MEMORY: u64 = 64 << 20;

const _: () = assert!(SNIFF as u64 <= WHOLE_SEGMENT && WHOLE_SEGMENT <= RECORD);
