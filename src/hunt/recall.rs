//! Records that sightings leave where they lie, and how they are read again.
//!
//! Many events may be part of a sequence, and few are. To keep all their records would fill memory, spilled runs and the
//! journal with a good part of the evidence. So a record that one segment holds whole, or that lies in the file as it
//! is, is left there, with a hash by which it is known again; of what comes out of a stream the record is kept.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use crate::archive::{self, Tools};
use crate::event::Flags;
use crate::evidence::Mapping;
use crate::record::Location;
use crate::timeline::{Hit, Member};

use super::engine::judge;
use super::unit::{Part, Segment};

/// The record of an event of which a hit may be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Witness {
    /// It is kept.
    Held(Arc<Member>),
    /// It is read again if it is needed.
    Left(Arc<Left>),
}

/// Where a record lies that is read again if it is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Left {
    location: Location,
    flags: Flags,
    /// Its bytes in the file, or those of the segment that holds it.
    bytes: Range<usize>,
    /// How many bytes the segment holds; `None` for a record that lies in the file as it is.
    decoded: Option<usize>,
    /// XXH3 of the record, 64 bits.
    hash: u64,
}

impl Witness {
    pub(super) fn location(&self) -> Location {
        match self {
            Self::Held(member) => member.location,
            Self::Left(left) => left.location,
        }
    }

    pub(super) fn location_mut(&mut self) -> &mut Location {
        match self {
            Self::Held(member) => &mut Arc::make_mut(member).location,
            Self::Left(left) => &mut Arc::make_mut(left).location,
        }
    }

    /// About how many bytes it takes in memory.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Held(member) => member.weight(),
            Self::Left(_) => size_of::<Left>(),
        }
    }

    fn left(&self) -> Option<&Left> {
        match self {
            Self::Held(_) => None,
            Self::Left(left) => Some(left),
        }
    }

    fn member(self, records: &HashMap<Location, Vec<u8>>) -> Result<Member, Location> {
        match self {
            Self::Held(member) => Ok(Arc::unwrap_or_clone(member)),
            Self::Left(left) => {
                let Left { location, flags, .. } = *left;
                let original = records.get(&location).ok_or(location)?.clone();
                Ok(Member { location, original, rendered: None, flags })
            }
        }
    }
}

/// Leaves the records of sightings that lie in a file as they are; offsets count from `base`.
pub(super) fn leave_in_file(scanned: Part, base: usize) -> Part {
    leave(scanned, |location| {
        let start = base + usize::try_from(location.offset).ok()?;
        Some((start..start + usize::try_from(location.length).ok()?, None))
    })
}

/// Leaves the records of sightings that lie whole in one of `segments`, which are in order; places of segments count
/// from `base`.
pub(super) fn leave_in_segments(scanned: Part, segments: &[Segment], base: usize) -> Part {
    leave(scanned, |location| {
        let start = base + usize::try_from(location.segment).ok()?;
        let segment = segments.binary_search_by_key(&start, |segment| segment.range.start).ok()?;
        let Segment { range, decoded, .. } = &segments[segment];
        (location.offset + location.length <= *decoded as u64).then(|| (range.clone(), Some(*decoded)))
    })
}

fn leave(mut scanned: Part, lies: impl Fn(&Location) -> Option<(Range<usize>, Option<usize>)>) -> Part {
    let Part::Scanned { found, .. } = &mut scanned else { return scanned };
    for sighting in &mut found.sightings {
        let Witness::Held(member) = &sighting.witness else { continue };
        let Member { location, flags, ref original, .. } = **member;
        if let Some((bytes, decoded)) = lies(&location) {
            let hash = XxHash3_64::oneshot(original);
            sighting.witness = Witness::Left(Arc::new(Left { location, flags, bytes, decoded, hash }));
        }
    }
    scanned
}

/// A hit of which records may still have to be read.
#[derive(Debug)]
pub(super) struct Draft {
    /// Index of the rule in its set.
    pub(super) rule: u32,
    pub(super) witnesses: Vec<Witness>,
    pub(super) join_keys: Vec<String>,
}

/// Drafts whose records are read together, so that a segment is decoded once for all of them.
#[derive(Debug)]
pub(super) struct Drafts {
    drafts: Vec<Draft>,
    /// About how many bytes they take in memory once they are read.
    weight: usize,
    budget: usize,
}

impl Drafts {
    /// `budget`: about how many bytes of records are read together.
    pub(super) fn new(budget: usize) -> Self {
        Self { drafts: Vec::new(), weight: 0, budget }
    }

    /// Takes one more; whether it is time to read them.
    pub(super) fn push(&mut self, draft: Draft) -> bool {
        let records = draft.witnesses.iter().map(|witness| witness.location().length);
        let records: u64 = records.map(|length| length.saturating_add(256)).sum();
        self.weight = self.weight.saturating_add(usize::try_from(records).unwrap_or(usize::MAX));
        self.drafts.push(draft);
        self.weight > self.budget
    }

    /// Reads all records and makes hits of the drafts; for one that cannot be made, the place of the record that is no
    /// longer what it was. `path` gives the path of a source.
    pub(super) fn read<'p>(&mut self, path: impl Fn(u32) -> Option<&'p Path>) -> Vec<Result<Hit, Location>> {
        self.weight = 0;
        let drafts = std::mem::take(&mut self.drafts);
        let witnesses = drafts.iter().flat_map(|draft| &draft.witnesses);
        let mut wanted: Vec<&Left> = witnesses.filter_map(Witness::left).collect();
        wanted.sort_unstable_by_key(|left| (left.location.source, left.bytes.start, left.location.offset));
        let mut records = HashMap::new();
        for of_source in wanted.chunk_by(|one, next| one.location.source == next.location.source) {
            let mapping = path(of_source[0].location.source).and_then(|path| Mapping::open(path).ok());
            if let Some(mapping) = mapping {
                read_source(&mapping, of_source, &mut records);
            }
        }
        drafts.into_iter().map(|draft| draft.finish(&records)).collect()
    }
}

impl Draft {
    fn finish(self, records: &HashMap<Location, Vec<u8>>) -> Result<Hit, Location> {
        let Self { rule, witnesses, join_keys } = self;
        let members = witnesses.into_iter().map(|witness| witness.member(records));
        let mut members = members.collect::<Result<Vec<_>, _>>()?;
        let times: Vec<_> = members.iter_mut().map(judge).collect();
        Ok(Hit { time: times.into_iter().flatten().max(), rule, members, join_keys })
    }
}

/// Reads what is wanted of one source, in order of place.
fn read_source(mapping: &Mapping, wanted: &[&Left], records: &mut HashMap<Location, Vec<u8>>) {
    let (mut tools, mut buffer) = (Tools::default(), Vec::new());
    for of_segment in wanted.chunk_by(|one, next| one.bytes == next.bytes) {
        let Left { bytes: range, decoded, .. } = of_segment[0];
        let Some(bytes) = mapping.bytes().get(range.clone()) else { continue };
        let segment = match decoded {
            None => Some(bytes),
            Some(decoded) => {
                buffer.resize(*decoded, 0);
                let codec = archive::sniff(bytes);
                let outcome = codec.map(|codec| codec.decode(bytes, &mut buffer, &mut tools));
                outcome.is_some_and(|outcome| outcome.is_ok()).then_some(&*buffer)
            }
        };
        for left in of_segment {
            let record = segment.and_then(|segment| left.within(segment));
            if let Some(record) = record.filter(|record| XxHash3_64::oneshot(record) == left.hash) {
                records.entry(left.location).or_insert_with(|| record.to_vec());
            }
        }
        mapping.release(range.clone());
    }
}

impl Left {
    /// The record's bytes in those that hold it.
    fn within<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        if self.decoded.is_none() {
            return Some(bytes);
        }
        let start = usize::try_from(self.location.offset).ok()?;
        bytes.get(start..start.checked_add(usize::try_from(self.location.length).ok()?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(path: &Path, bytes: Range<usize>) -> Draft {
        let record = &std::fs::read(path).unwrap()[bytes.clone()];
        let (offset, length) = (bytes.start as u64, bytes.len() as u64);
        let location = Location { source: 0, entry: 0, segment: 0, offset, length };
        let hash = XxHash3_64::oneshot(record);
        let left = Left { location, flags: Flags::BESIDE_GAP, bytes, decoded: None, hash };
        Draft { rule: 7, witnesses: vec![Witness::Left(Arc::new(left))], join_keys: Vec::new() }
    }

    #[test]
    fn drafts_that_exceed_the_budget_are_to_be_read_and_each_becomes_its_hit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "{\"a\":1}\n{\"a\":22}\n").unwrap();
        let mut drafts = Drafts::new(400);
        assert!(!drafts.push(draft(&path, 8..16)));
        assert!(drafts.push(draft(&path, 0..7)));
        let made = drafts.read(|_| Some(&path));
        let records: Vec<_> =
            made.iter().map(|hit| hit.as_ref().unwrap().members[0].original.clone()).collect();
        assert_eq!(records, [b"{\"a\":22}".to_vec(), b"{\"a\":1}".to_vec()]);
        assert!(made[0].as_ref().unwrap().members[0].flags.contains(Flags::BESIDE_GAP));
        assert!(!drafts.push(draft(&path, 0..7)), "they are gone");
        std::fs::write(&path, "{\"a\":2}\n").unwrap();
        assert_eq!(drafts.read(|_| Some(&path))[0].as_ref().unwrap_err().offset, 0);
    }
}
