//! Which records are ECS documents already.

use super::super::{Event, FieldId, FieldSet, Value};

/// How far a record is an ECS document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It went through Elastic's pipelines.
    Document,
    /// It looks like it, unless a vendor's own fields say otherwise.
    Likely,
    /// It is none.
    Raw,
}

/// Data sets whose documents no vendor's raw event is like. Those of Windows events are not among them: the
/// agent names the data set before the pipeline has run.
const DATA_SETS: [&str; 4] = ["endpoint.", "m365_defender.", "sentinel_one_cloud_funnel.", "crowdstrike."];

/// The fields in which a document's data set or index stands.
pub(super) const NAMING: [&str; 2] = ["data_stream.dataset", "_index"];

/// Tells ECS documents.
#[derive(Debug)]
pub(super) struct Gate {
    parent: FieldId,
    time: FieldId,
    category: FieldId,
    process: [FieldId; 2],
    data_set: FieldId,
    index: FieldId,
}

impl Gate {
    pub(super) fn new(fields: &mut FieldSet) -> Self {
        Self {
            parent: fields.intern("process.parent.name"),
            time: fields.intern("@timestamp"),
            category: fields.intern("event.category"),
            process: [fields.intern("process.name"), fields.intern("process.executable")],
            data_set: fields.intern(NAMING[0]),
            index: fields.intern(NAMING[1]),
        }
    }

    pub(super) fn standing(&self, event: &Event) -> Standing {
        let has = |field| event.has(field);
        if has(self.parent) || self.is_named(event) {
            return Standing::Document;
        }
        let has_process = self.process.into_iter().any(has);
        match (has(self.time), has(self.category), has_process) {
            (true, true, _) | (true, _, true) | (_, true, true) => Standing::Likely,
            _ => Standing::Raw,
        }
    }

    /// Whether its data set or its index says so; then [`Gate::standing`] does.
    pub(super) fn is_named(&self, event: &Event) -> bool {
        let starts = |text: &str| DATA_SETS.iter().any(|data_set| text.starts_with(data_set));
        any_text(event, self.data_set, starts)
            || any_text(event, self.index, |index| {
                let index = index.strip_prefix(".ds-").unwrap_or(index);
                index.starts_with("endgame-") || index.strip_prefix("logs-").is_some_and(starts)
            })
    }
}

fn any_text(event: &Event, field: FieldId, holds: impl Fn(&str) -> bool) -> bool {
    event.values(field).any(|value| matches!(value, Value::Str(text) if holds(text)))
}
