//! The two JSON parsers against each other.

use coldtrail::event::{Documents, Event, FieldSet, Flags, Reader, Reading, assess};
use serde_json::Value as Json;

use super::tolerant_json::collect;

/// Paths that rules read, for records that serde_json refuses.
const PATHS: [&str; 6] = ["a", "a.b", "event.id", "process.name", "process.parent.name", "x"];

/// Of a record that simd-json takes, the tolerant parser reads the same values in the same order, and finds
/// nothing wrong with it.
pub(super) fn check(data: &[u8]) {
    let mut fields = FieldSet::new();
    for path in PATHS {
        fields.intern(path);
    }
    if let Ok(record) = serde_json::from_slice::<Json>(data) {
        collect(&record, None, &mut |path, _| {
            fields.intern(path);
        });
    }
    let (mut fast, mut slow) = (Event::new(&fields), Event::new(&fields));
    if Reader::default().read(data, &fields, &mut fast) != Reading::Parsed {
        return;
    }
    assert_eq!(Reader::read_tolerantly(data, &fields, &mut slow), Reading::Tolerated);
    for name in fields.names() {
        let field = fields.find(name).expect("it is in the set");
        assert!(fast.values(field).eq(slow.values(field)), "{name}: {fast:?}\n{slow:?}");
    }
    let said = assess(data, Documents::AsTheyStand).1;
    for fault in [
        Flags::INVALID_UTF8,
        Flags::LONE_SURROGATE,
        Flags::RAW_CONTROL,
        Flags::NONSTANDARD_NUMBER,
        Flags::TRUNCATED_RECORD,
        Flags::BAD_SYNTAX,
        Flags::BAD_ESCAPE,
    ] {
        assert!(!said.contains(fault), "{said:?}");
    }
}
