//! Tries the rules on a record, and on those that share its line.

use crate::event::{Flags, Reading};
use crate::record::{Width, torn};

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
    /// whole counts: what looks like another record's beginning may be part of damage.
    fn examine_all(&self, examiner: &mut Examiner, candidate: Candidate<'_>, found: &mut Found) {
        let (hits, sightings) = (found.hits.len(), found.sightings.len());
        let reading = self.examine_one(examiner, candidate, found);
        if reading != Some(Reading::Tolerated) || candidate.rendered.is_some() {
            return;
        }
        let whole = (found.hits.split_off(hits), found.sightings.split_off(sightings));
        let width = if candidate.flags.contains(Flags::TRANSCODED) { Width::Utf16 } else { Width::AsIs };
        let (mut location, mut at) = (candidate.location, 0);
        for part in torn(candidate.record) {
            location.offset += width.raw(&candidate.record[at..part.start]) as u64;
            at = part.start;
            let record = &candidate.record[part];
            location.length = width.raw(record) as u64;
            self.examine_one(examiner, Candidate { record, location, ..candidate }, found);
        }
        if (found.hits.len(), found.sightings.len()) == (hits, sightings) {
            found.hits.extend(whole.0);
            found.sightings.extend(whole.1);
        } else {
            found.tally.hits -= whole.0.len() as u64;
        }
    }
}
