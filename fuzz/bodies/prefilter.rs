//! A hunt with its prefilter against one without.

use coldtrail::hunt::Filtering;

use super::hunting::{engine, hunt_through};

/// The first line is a query and the rest is evidence: the prefilter changes nothing that is found.
pub(super) fn check(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (query, evidence) = (String::from_utf8_lossy(&data[..end]), &data[end + 1..]);
    let Some(on) = engine(&query, Filtering::Prefilter) else { return };
    let off = engine(&query, Filtering::ParseEverything).expect("it has compiled before");
    let on = hunt_through(evidence, &on, 1, 1 << 20);
    let off = hunt_through(evidence, &off, 1, 1 << 20);
    assert_eq!(on.hits, off.hits, "{query}");
}
