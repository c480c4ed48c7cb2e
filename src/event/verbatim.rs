//! Which fields hold a text that stands in the raw record as it is.

/// Fields, and with a final dot whole branches, whose values are made and not copied when a vendor's event
/// becomes an ECS document: a rule's literal for them need not stand in the raw record.
///
/// All else that `sources/` puts is a copy, a piece cut off at a separator, in other ASCII case, without
/// quotes or blanks around it, or with backslashes halved (where needles are cut): none of it has a text in it
/// that the record has not. Numbers are never needles.
const DERIVED: &[&str] = &[
    "@timestamp",
    "agent.",
    "data_stream.",
    "ecs.",
    "event.",
    "host.os.",
    "network.",
    "observer.",
    "process.args",
    "process.args_count",
    "process.end",
    "process.parent.args",
    "process.parent.args_count",
    "process.parent.group_leader.start",
    "process.parent.start",
    "process.start",
    "related.",
    "tags",
];

/// Whether every value of `field` is a copy of some text of the record.
#[must_use]
pub fn is_verbatim(field: &str) -> bool {
    !DERIVED.iter().any(|derived| field == *derived || (derived.ends_with('.') && field.starts_with(derived)))
}
