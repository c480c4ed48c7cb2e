//! The time of an event, and all that must be said of its record.

use super::overlay::Overlay;
use super::remarks::remarks;
use super::{Documents, Flags, Timestamp};
use crate::record::inner;

/// Where the time is looked for, in this order.
pub(super) const TIME_FIELDS: [&str; 3] = ["@timestamp", "event.created", "event.ingested"];

/// Seconds between `@timestamp` and `event.ingested` above which a hit is flagged: a clock that is off,
/// a log replayed, or a time that was forged.
const LATE_SECONDS: i64 = 24 * 60 * 60;

/// The time by which a record is ordered.
#[must_use]
pub fn event_time(record: &[u8], documents: Documents) -> Option<Timestamp> {
    time(&Overlay::of(inner(record), documents)).0
}

/// The time by which a record is ordered, and what was wrong with the record or assumed about it. No tree is made of
/// it: workers do this side by side, and a record may be large.
#[must_use]
pub fn assess(record: &[u8], documents: Documents) -> (Option<Timestamp>, Flags) {
    let record = inner(record);
    let overlay = Overlay::of(record, documents);
    let (time, mut flags) = time(&overlay);
    flags.insert(overlay.flags);
    flags.insert(remarks(record));
    (time, flags)
}

fn time(overlay: &Overlay) -> (Option<Timestamp>, Flags) {
    for (rank, field) in TIME_FIELDS.into_iter().enumerate() {
        let Some((time, mut flags)) = overlay.time(field) else { continue };
        if rank > 0 {
            flags.insert(Flags::FALLBACK_TIME);
        }
        if is_late(overlay, time) {
            flags.insert(Flags::LATE_INGEST);
        }
        return (Some(time), flags);
    }
    (None, Flags::NO_TIME)
}

fn is_late(overlay: &Overlay, time: Timestamp) -> bool {
    let ingested = overlay.time("event.ingested");
    ingested.is_some_and(|(ingested, _)| (ingested.as_second() - time.as_second()).abs() > LATE_SECONDS)
}
