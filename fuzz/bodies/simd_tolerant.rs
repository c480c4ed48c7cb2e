//! The two JSON parsers against each other.

use coldtrail::event::{Documents, Event, FieldSet, Flags, Reader, Reading, assess};
use serde_json::Value as Json;

use super::tolerant_json::collect;

/// Paths that rules read, for records that serde_json refuses.
const PATHS: [&str; 6] = ["a", "a.b", "event.id", "process.name", "process.parent.name", "x"];

/// Of a record that the fast readers take, the tolerant parser reads the same values in the same order. They do not look
/// into what no rule asks for; in a record that is sound altogether it finds nothing wrong.
pub(super) fn check(data: &[u8]) {
    let mut fields = FieldSet::new();
    for path in PATHS {
        fields.intern(path);
    }
    let sound = serde_json::from_slice::<Json>(data).ok();
    if let Some(record) = &sound {
        collect(record, None, &mut |path, _| {
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
    if sound.is_none() {
        return;
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
