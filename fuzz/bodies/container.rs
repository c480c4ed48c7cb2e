//! Archives of any kind, damaged anywhere.

use std::sync::LazyLock;

use coldtrail::hunt::{Engine, Filtering};

use super::hunting::{engine, hunt_through};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    engine("any where event.id != null", Filtering::Prefilter).expect("it is a sound query")
});

/// However the work is cut, a hunt finds the same, misses the same, and accounts for every byte.
pub(super) fn check(data: &[u8]) {
    let whole = hunt_through(data, &ENGINE, 1, 1 << 20);
    let cut = hunt_through(data, &ENGINE, 2, 64);
    assert_eq!(whole.hits, cut.hits);
    assert_eq!(format!("{:#?}", whole.source), format!("{:#?}", cut.source));
}
