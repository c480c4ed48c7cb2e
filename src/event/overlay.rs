//! The ECS fields of a vendor's raw event, and how they are laid over its document.

use std::sync::LazyLock;

use super::walk::Collector;
use super::when::TIME_FIELDS;
use super::{Document, Documents, Event, FieldSet, Flags, Sources, Timestamp, Value, parse_time, tolerant};

/// The fields that ECS defines as arrays, of those that are derived.
const ARRAYS: [&str; 4] = ["event.category", "event.type", "process.args", "process.parent.args"];

/// Seconds between the time that came with an event and the source's own from which on it is said.
const TELLING_SECONDS: i64 = 60;

/// The maps of all sources for every field they fill: a constant that takes code to make.
static EVERYTHING: LazyLock<(FieldSet, Sources)> = LazyLock::new(|| {
    let mut fields = FieldSet::new();
    for target in Sources::targets().chain(TIME_FIELDS) {
        fields.intern(target);
    }
    let sources = Sources::new(&mut fields);
    (fields, sources)
});

/// The fields that sources' maps fill, and those that hold times, of one record.
pub(super) struct Overlay {
    event: Event,
    pub(super) flags: Flags,
}

impl Overlay {
    /// Reads `record` and derives what its source's map says.
    pub(super) fn of(record: &[u8], documents: Documents) -> Self {
        let (fields, sources) = &*EVERYTHING;
        let mut event = Event::new(fields);
        tolerant::parse(record, &mut Collector::new(fields, &mut event));
        let mut overlay = Self { event, flags: Flags::empty() };
        let came_with = overlay.time("@timestamp");
        overlay.flags = sources.normalise(record, fields, documents, &mut overlay.event);
        let own = overlay.time("@timestamp");
        if let (Some((came_with, _)), Some((own, _))) = (came_with, own)
            && (came_with.as_second() - own.as_second()).abs() > TELLING_SECONDS
        {
            overlay.flags.insert(Flags::TIME_FROM_SOURCE);
        }
        overlay
    }

    /// The first value of a field that is a time.
    pub(super) fn time(&self, field: &str) -> Option<(Timestamp, Flags)> {
        self.event.values(EVERYTHING.0.find(field)?).find_map(parse_time)
    }
}

/// Lays over `document`, read from `record`, what its source's map derives.
pub(super) fn lay(record: &[u8], documents: Documents, document: &mut Document) {
    let Overlay { event, .. } = Overlay::of(record, documents);
    for field in event.derived() {
        let path = EVERYTHING.0.name(field);
        let values = event.values(field).filter(|value| *value != Value::Null);
        document.set(path, values, ARRAYS.contains(&path));
    }
}
