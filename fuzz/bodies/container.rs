//! Archives, containers and framings of any kind, damaged anywhere.

use std::sync::LazyLock;

use coldtrail::hunt::{Engine, Filtering};

use super::hunting::{engine, hunt_through};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    engine("any where event.id != null", Filtering::Prefilter).expect("it is a sound query")
});

/// A query with a literal, as rules have: with a prefilter, and without.
static WITH_LITERAL: LazyLock<[Engine; 2]> = LazyLock::new(|| {
    [Filtering::Prefilter, Filtering::ParseEverything].map(|filtering| {
        engine("process where process.parent.name : \"ScreenConnect*\"", filtering)
            .expect("it is a sound query")
    })
});

/// However the work is cut, a hunt finds the same, misses the same, and accounts for every byte.
pub(super) fn check(data: &[u8]) {
    let whole = hunt_through(data, &ENGINE, 1, 1 << 20);
    let cut = hunt_through(data, &ENGINE, 2, 64);
    assert_eq!(whole.hits, cut.hits);
    assert_eq!(format!("{:#?}", whole.source), format!("{:#?}", cut.source));
}

/// The same of what is not read as it lies: tables, event logs, members of archives, values that are cut out of others.
/// Nor may the prefilter, which looks at bytes, miss what is only made of them.
pub(super) fn check_framing(data: &[u8]) {
    check(data);
    let [with, without] = &*WITH_LITERAL;
    let [with, without] =
        [(with, 64), (without, 1 << 20)].map(|(engine, chunk)| hunt_through(data, engine, 2, chunk));
    assert_eq!(with.hits, without.hits);
}
