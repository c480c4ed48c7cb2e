//! Tries the rules on a record, and on those that share its line.

use crate::event::{Flags, Reading};
use crate::record::{Location, Width, is_whole, torn};

use super::engine::{Candidate, Engine, Examiner};
use super::unit::Found;

impl Engine {
    /// Tries the rules on one record; the books tell only of those that the prefilter would let through.
    pub(super) fn examine(&self, examiner: &mut Examiner, candidate: Candidate<'_>, found: &mut Found) {
        let Candidate { record, rendered, .. } = candidate;
        if self.counts(record) || rendered.is_some_and(|json| self.counts(json)) {
            return self.examine_all(examiner, candidate, found);
        }
        let mut uncounted = Found::default();
        self.examine_all(examiner, candidate, &mut uncounted);
        found.tally.hits += uncounted.tally.hits;
        found.hits.append(&mut uncounted.hits);
        found.sightings.append(&mut uncounted.sightings);
    }

    /// Tries the rules on a record and on what shares its line.
    ///
    /// One that no strict parser takes may be several: then they count, each for itself. If nothing comes of them, the
    /// whole counts: what looks like another record's beginning may be part of damage. What no rule matched and whose
    /// brackets or quotes do not fit is bad: a bit that made `]` a `}` may be why.
    fn examine_all(&self, examiner: &mut Examiner, candidate: Candidate<'_>, found: &mut Found) {
        let (hits, sightings) = (found.hits.len(), found.sightings.len());
        let reading = self.examine_one(examiner, candidate, found);
        if reading != Some(Reading::Tolerated) || candidate.rendered.is_some() {
            return;
        }
        let whole = (found.hits.split_off(hits), found.sightings.split_off(sightings));
        let width = if candidate.flags.contains(Flags::TRANSCODED) { Width::Utf16 } else { Width::AsIs };
        let (mut location, mut at) = (candidate.location, 0);
        let (mut is_one, mut broken) = (true, Vec::new());
        for part in torn(candidate.record) {
            location.offset += width.raw(&candidate.record[at..part.start]) as u64;
            (at, is_one) = (part.start, false);
            let record = &candidate.record[part];
            location.length = width.raw(record) as u64;
            let before = (found.hits.len(), found.sightings.len());
            let reading = self.examine_one(examiner, Candidate { record, location, ..candidate }, found);
            let is_fruitless = (found.hits.len(), found.sightings.len()) == before;
            if is_fruitless
                && reading == Some(Reading::Tolerated)
                && !is_whole(record)
                && self.could_match(record)
            {
                broken.push(location);
            }
        }
        if (found.hits.len(), found.sightings.len()) != (hits, sightings) {
            found.tally.hits -= whole.0.len() as u64;
            broken.into_iter().for_each(|part| found.distrust(part));
        } else if !whole.0.is_empty() || !whole.1.is_empty() {
            found.hits.extend(whole.0);
            found.sightings.extend(whole.1);
        } else if !broken.is_empty() || (is_one && !is_whole(candidate.record)) {
            found.distrust(candidate.location);
        }
    }

    /// Whether a record of its own would be tried, and count.
    fn could_match(&self, record: &[u8]) -> bool {
        self.prefilter().find(record, 0).is_some() && self.counts(record)
    }
}

impl Found {
    /// Takes note that a record which was tolerated may say something else than what was read.
    fn distrust(&mut self, record: Location) {
        self.tally.tolerated -= 1;
        self.tally.bad += 1;
        self.bad.push(record);
    }
}
