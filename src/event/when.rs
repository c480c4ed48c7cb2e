//! The time of an event.

use serde_json::Value as Json;

use super::{Document, Flags, Timestamp, Value, parse_time};

/// Where the time is looked for, in this order.
const TIME_FIELDS: [&str; 3] = ["@timestamp", "event.created", "event.ingested"];

/// Seconds between `@timestamp` and `event.ingested` above which a hit is flagged: a clock that is off,
/// a log replayed, or a time that was forged.
const LATE_SECONDS: i64 = 24 * 60 * 60;

/// The time by which a document is ordered, and what must be said of it.
#[must_use]
pub fn event_time(document: &Document) -> (Option<Timestamp>, Flags) {
    for (rank, field) in TIME_FIELDS.into_iter().enumerate() {
        let Some((time, mut flags)) = read(document, field) else { continue };
        if rank > 0 {
            flags.insert(Flags::FALLBACK_TIME);
        }
        if is_late(document, time) {
            flags.insert(Flags::LATE_INGEST);
        }
        return (Some(time), flags);
    }
    (None, Flags::NO_TIME)
}

fn is_late(document: &Document, time: Timestamp) -> bool {
    let ingested = read(document, "event.ingested");
    ingested.is_some_and(|(ingested, _)| (ingested.as_second() - time.as_second()).abs() > LATE_SECONDS)
}

/// The first value of `field` that is a time.
fn read(document: &Document, field: &str) -> Option<(Timestamp, Flags)> {
    match document.get(field)? {
        Json::Array(values) => values.iter().find_map(time_of),
        value => time_of(value),
    }
}

fn time_of(value: &Json) -> Option<(Timestamp, Flags)> {
    match value {
        Json::String(text) => parse_time(Value::Str(text)),
        Json::Number(number) => {
            let value = number.as_i64().map(Value::Int).or_else(|| number.as_f64().map(Value::Float));
            parse_time(value?)
        }
        _ => None,
    }
}
