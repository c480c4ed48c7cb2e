//! Puts together what the workers found, in evidence order: joins records that units cut, and keeps the
//! books.

use std::io;

use crate::event::Flags;
use crate::ledger::{DecodedRange, Gap, Integrity, Ledger, Reason, Skipped, SourceAccount, Spot};
use crate::limits;
use crate::record::{Edges, Fragment, Location, without_return};
use crate::timeline::{Hit, Sorted, Sorter};

use super::census::Census;
use super::engine::{Candidate, Engine, Examiner};
use super::join::{Sighting, join};
use super::meter::Meter;
use super::recall::Drafts;
use super::unit::{Found, Part, Source};

/// A record that goes on behind the bytes seen so far.
struct Pending {
    /// Its pieces, joined only when it is whole; none when it is too long to be joined.
    pieces: Vec<Vec<u8>>,
    /// Where it began, and how long it is by now.
    location: Location,
    flags: Flags,
}

/// The state of the fold.
pub(super) struct Fold<'a> {
    engine: &'a Engine,
    meter: &'a Meter,
    examiner: Examiner,
    ledger: Ledger,
    /// How many bytes of hits, and of sightings, are held in memory.
    budget: usize,
    hits: Sorter<Hit>,
    sightings: Sorter<Sighting>,
    /// The first failure to keep what was found.
    failed: Option<io::Error>,
    census: Census,
    pending: Option<Pending>,
    /// Whether a gap lies just before the next byte.
    after_gap: bool,
    /// Entries of the members of archives that are open: where the numbers of their parts count from.
    bases: Vec<u32>,
}

impl<'a> Fold<'a> {
    /// `budget`: how many bytes of hits, and of sightings, are held in memory.
    pub(super) fn new(engine: &'a Engine, meter: &'a Meter, ledger: Ledger, budget: usize) -> Self {
        Self {
            engine,
            meter,
            examiner: engine.examiner(),
            ledger,
            budget,
            hits: Sorter::new(budget),
            sightings: Sorter::new(budget),
            failed: None,
            census: Census::new(engine),
            pending: None,
            after_gap: false,
            bases: Vec::new(),
        }
    }

    /// Begins a source.
    pub(super) fn open(&mut self, account: SourceAccount) {
        self.meter.at(account.name(0));
        self.ledger.sources.push(account);
        self.after_gap = false;
        self.bases.clear();
    }

    /// Takes one part of the source that is open.
    pub(super) fn part(&mut self, part: Part) {
        match part {
            Part::Scanned { edges, found } => {
                if let Some(edges) = edges {
                    self.edges(edges);
                }
                self.found(*found);
            }
            Part::Gap(gap) => {
                self.finish_record(Flags::BESIDE_GAP);
                // What a gap is about may have been read all the same (an unknown format, say).
                self.after_gap = gap.reason != Reason::UnknownFormat;
                self.gap(gap);
            }
            Part::Tally(tally) => self.with_account(|account| account.tally.add(&tally)),
            Part::Integrity(integrity) => self.worsen(integrity),
            Part::Unverified(spots) => {
                let base = self.base();
                let of_source = |(entry, segment, offset): Spot| (entry + base, segment, offset);
                let spots = of_source(spots.start)..of_source(spots.end);
                self.with_account(|account| account.add_unverified(spots));
            }
            Part::Hashes(hashes) => self.with_account(|account| {
                let ours = &mut account.identity.hashes;
                ours.sha256 = hashes.sha256.or(ours.sha256.take());
                ours.blake3 = hashes.blake3.or(ours.blake3.take());
            }),
            Part::Stream { size, container } => self.with_account(|account| {
                account.identity.size = size;
                account.container = container;
            }),
            Part::Enter(_) | Part::Leave | Part::Entries(_) | Part::Skipped(..) => self.member(part),
        }
    }

    /// Takes a part that tells of an archive's members.
    fn member(&mut self, part: Part) {
        self.finish_record(Flags::empty());
        self.after_gap = false;
        let entries = self.ledger.sources.last_mut().map(|account| &mut account.entries);
        match (part, entries) {
            (Part::Enter(suffixes), Some(entries)) => {
                self.bases.push(u32::try_from(entries.len()).unwrap_or(u32::MAX));
                entries.extend(suffixes);
            }
            (Part::Entries(suffixes), Some(entries)) => entries.extend(suffixes),
            (Part::Leave, _) => drop(self.bases.pop()),
            (Part::Skipped(suffix, reason), _) => {
                if let Some(account) = self.ledger.sources.last() {
                    let path = format!("{}{suffix}", account.path.display()).into();
                    self.ledger.skipped.push(Skipped { path, reason });
                }
            }
            _ => {}
        }
    }

    /// Where the entry numbers of the parts that come count from.
    fn base(&self) -> u32 {
        self.bases.last().copied().unwrap_or(0)
    }

    /// Ends the source that is open.
    pub(super) fn close(&mut self, source: Option<&Source>) {
        self.finish_record(Flags::empty());
        if let Some(mapping) = source.and_then(|source| source.mapping.as_ref()) {
            let size = mapping.size();
            if let Some(lost) = mapping.lost_from() {
                let detail = "the file became shorter while it was read";
                self.gap(changed(lost..size, detail));
            } else if mapping.has_changed() {
                self.gap(changed(
                    size..size,
                    "the file was written to, removed or replaced while it was read: hunt again",
                ));
            }
        }
        self.balance();
        if self.ledger.sources.last().is_some_and(|account| account.tally.unread > 0) {
            self.worsen(Integrity::NoChecksum);
        }
    }

    /// The books, and the timeline, sequences and samples joined.
    pub(super) fn finish(mut self, interrupted: bool) -> io::Result<(Ledger, Sorted<Hit>)> {
        self.ledger.interrupted = interrupted;
        if let Some(error) = self.failed {
            return Err(error);
        }
        let (hits, sources) = (&mut self.hits, &mut self.ledger.sources);
        let mut drafts = Drafts::new(self.budget / 4);
        self.ledger.untimed = join(self.engine, &self.sightings.finish()?, &mut |draft| {
            if drafts.push(draft) { settle(&mut drafts, sources, hits) } else { Ok(()) }
        })?;
        settle(&mut drafts, sources, hits)?;
        Ok((self.ledger, self.hits.finish()?))
    }

    /// Whether what is found can no longer be kept, so that there is no use in going on.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    fn with_account(&mut self, change: impl FnOnce(&mut SourceAccount)) {
        if let Some(account) = self.ledger.sources.last_mut() {
            change(account);
        }
    }

    /// Every byte is read, framing, or unread; what is none of these is a fault of the program, and a gap.
    fn balance(&mut self) {
        let mut missing = None;
        self.with_account(|account| {
            let tally = &mut account.tally;
            let size = account.identity.size;
            let counted = tally.read + tally.framing + tally.unread;
            if counted != size {
                tally.unread += size.saturating_sub(counted);
                missing = Some(format!("{counted} of {size} bytes are accounted for: please report this"));
            }
            if tally.tried != tally.parsed + tally.tolerated + tally.bad {
                missing = Some("the records tried do not add up: please report this".to_owned());
            }
        });
        if let Some(detail) = missing {
            self.gap(Gap { entry: 0, bytes: 0..0, decoded: None, reason: Reason::Internal, detail });
        }
    }

    fn worsen(&mut self, integrity: Integrity) {
        self.with_account(|account| account.integrity = account.integrity.max(integrity));
    }

    fn gap(&mut self, mut gap: Gap) {
        gap.entry += self.base();
        match gap.reason {
            Reason::Truncated => self.worsen(Integrity::Truncated),
            Reason::Corrupt | Reason::ChecksumMismatch | Reason::Garbage => self.worsen(Integrity::Mismatch),
            _ => {}
        }
        self.meter.found(0, 1);
        self.with_account(|account| account.add_gap(gap));
    }

    fn edges(&mut self, edges: Edges) {
        match edges {
            Edges::Inner(fragment) => self.extend(fragment),
            Edges::Split(head, tail) => {
                self.extend(head);
                self.finish_record(Flags::empty());
                if !tail.bytes.is_empty() {
                    self.extend(tail);
                }
            }
        }
    }

    fn extend(&mut self, fragment: Fragment) {
        let Some(pending) = &mut self.pending else {
            let flags = if self.after_gap { Flags::BESIDE_GAP } else { Flags::empty() };
            self.after_gap = false;
            self.pending = Some(Pending { pieces: vec![fragment.bytes], location: fragment.location, flags });
            return;
        };
        pending.location.length += fragment.location.length;
        if pending.location.length <= limits::RECORD {
            pending.pieces.push(fragment.bytes);
        } else {
            pending.pieces = Vec::new();
        }
    }

    /// The pending record is whole, or as whole as it gets.
    fn finish_record(&mut self, flags: Flags) {
        let Some(mut pending) = self.pending.take() else { return };
        if pending.location.length > limits::RECORD {
            self.gap(too_long(&pending.location));
            return;
        }
        pending.flags.insert(flags);
        let bytes = pending.pieces.concat();
        let record = without_return(&bytes);
        pending.location.length = record.len() as u64;
        let mut found = Found::default();
        if self.engine.prefilter().find(record, 0).is_none() {
            return;
        }
        let Pending { location, flags, .. } = pending;
        let candidate = Candidate { record, rendered: None, location, flags };
        self.engine.examine(&mut self.examiner, candidate, &mut found);
        if pending.flags.contains(Flags::BESIDE_GAP) {
            // A remnant that is no JSON is part of the gap, which is listed already.
            found.bad.clear();
        }
        self.found(found);
    }

    fn found(&mut self, mut found: Found) {
        let base = self.base();
        let of_hits = found.hits.iter_mut().flat_map(|hit| &mut hit.members);
        let of_hits = of_hits.map(|member| &mut member.location);
        let of_sightings = found.sightings.iter_mut().map(|sighting| sighting.witness.location_mut());
        of_hits.chain(of_sightings).for_each(|location| location.entry += base);
        self.worsen(found.integrity);
        std::mem::take(&mut found.gaps).into_iter().for_each(|gap| self.gap(gap));
        self.meter.found(found.hits.len() as u64, 0);
        self.census.count(found.tally.tried, &found.sightings, self.meter);
        let kept = found.hits.into_iter().try_for_each(|hit| self.hits.push(hit));
        let kept =
            kept.and_then(|()| found.sightings.into_iter().try_for_each(|one| self.sightings.push(one)));
        if let Err(error) = kept {
            self.failed.get_or_insert(error);
        }
        let listed = self.ledger.sources.last().map_or(0, |account| account.tally.bad);
        self.with_account(|account| account.tally.add(&found.tally));
        for (count, location) in (listed + 1..).zip(found.bad) {
            if count <= limits::LISTED_BAD_RECORDS {
                self.gap(bad_record(&location));
            }
        }
    }
}

fn changed(bytes: std::ops::Range<u64>, detail: &str) -> Gap {
    Gap { entry: 0, bytes, decoded: None, reason: Reason::SourceChanged, detail: detail.to_owned() }
}

/// Reads the records of drafts again and keeps the hits that come of them.
fn settle(drafts: &mut Drafts, sources: &mut [SourceAccount], hits: &mut Sorter<Hit>) -> io::Result<()> {
    for made in drafts.read(|source| sources.get(source as usize).map(|account| &*account.path)) {
        let place = match &made {
            Ok(hit) => hit.members.last().map(|member| member.location),
            Err(location) => Some(*location),
        };
        let account = place.and_then(|place| sources.get_mut(place.source as usize));
        match made {
            Ok(hit) => {
                if let Some(account) = account {
                    account.tally.hits += 1;
                }
                hits.push(hit)?;
            }
            Err(location) => {
                let detail = "a record of a hit is not what it was when it was read first: hunt again";
                let gap = record_gap(&location, Reason::SourceChanged, detail.to_owned());
                account.into_iter().for_each(|account| account.add_gap(gap.clone()));
            }
        }
    }
    Ok(())
}

/// A gap that covers one record.
pub(super) fn record_gap(location: &Location, reason: Reason, detail: String) -> Gap {
    let decoded = DecodedRange {
        segment: location.segment,
        start: location.offset,
        end: Some(location.offset + location.length),
    };
    Gap {
        entry: location.entry,
        bytes: location.segment..location.segment,
        decoded: Some(decoded),
        reason,
        detail,
    }
}

fn too_long(location: &Location) -> Gap {
    let detail = format!("a record of {} bytes; the limit is {}", location.length, limits::RECORD);
    record_gap(location, Reason::RecordTooLong, detail)
}

fn bad_record(location: &Location) -> Gap {
    record_gap(location, Reason::BadRecord, "no whole JSON object in this record".to_owned())
}
