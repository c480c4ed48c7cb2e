use super::super::walk::Collector;
use super::super::{Event, FieldSet, Flags};
use super::parse;

fn names(record: &[u8]) -> (Vec<String>, Flags) {
    let mut fields = FieldSet::new();
    let name = fields.intern("process.name");
    let mut event = Event::new(&fields);
    let reading = parse(record, &mut Collector::new(&fields, &mut event));
    (event.values(name).map(|value| value.to_string()).collect(), reading.flags)
}

#[test]
fn a_defect_elsewhere_leaves_the_field_and_is_flagged() {
    let cases: &[(&[u8], Flags)] = &[
        (b"{\"x\":\"\xe9\",\"process\":{\"name\":\"cmd.exe\"}}", Flags::INVALID_UTF8),
        (b"{\"x\":\"\xff\",\"process\":{\"name\":\"cmd.exe\"}}", Flags::INVALID_UTF8),
        (b"{\"x\":\"a\x00b\",\"process\":{\"name\":\"cmd.exe\"}}", Flags::RAW_CONTROL),
        (b"{\"x\":\"a\tb\",\"process\":{\"name\":\"cmd.exe\"}}", Flags::RAW_CONTROL),
        (b"{\"x\":\"\\ud800\",\"process\":{\"name\":\"cmd.exe\"}}", Flags::LONE_SURROGATE),
        (b"{\"x\":\"\\udc00\\ud800\",\"process\":{\"name\":\"cmd.exe\"}}", Flags::LONE_SURROGATE),
        (b"{\"x\":\"\\q\\u12\xc3\xa9\",\"process\":{\"name\":\"cmd.exe\"}}", Flags::BAD_ESCAPE),
        (b"{\"x\":1e400,\"process\":{\"name\":\"cmd.exe\"}}", Flags::NONSTANDARD_NUMBER),
        (b"{\"x\":NaN,\"process\":{\"name\":\"cmd.exe\"}}", Flags::NONSTANDARD_NUMBER),
        (b"{\"x\":99999999999999999999,\"process\":{\"name\":\"cmd.exe\"}}", Flags::NONSTANDARD_NUMBER),
        (b"{\"x\":01,\"process\":{\"name\":\"cmd.exe\"}}", Flags::NONSTANDARD_NUMBER),
        (b"{\"process\":{\"name\":\"cmd.exe\"},\"x\":\"cut", Flags::TRUNCATED_RECORD),
        (b"{\"process\":{\"name\":\"cmd.exe\"},\"x\":12", Flags::TRUNCATED_RECORD),
        (b"{\"process\":{\"name\":\"cmd.exe\"", Flags::TRUNCATED_RECORD),
        (b"{\"x\":1 \"process\":{\"name\":\"cmd.exe\"}}", Flags::BAD_SYNTAX),
        (b"{\"x\":[1,],\"process\":{\"name\":\"cmd.exe\",}}", Flags::BAD_SYNTAX),
        (b"{x:y,\"process\":{\"name\":\"cmd.exe\"}}", Flags::BAD_SYNTAX),
        (b"{\"y\":{\"x\":[1},\"process\":{\"name\":\"cmd.exe\"}}", Flags::BAD_SYNTAX),
        (b"{\"x\":[1,[\"a\",\"process\":{\"name\":\"cmd.exe\"}}", Flags::BAD_SYNTAX),
        (b"{\"process\":{\"name\":\"cmd.exe\"}} trailing", Flags::BAD_SYNTAX),
        (b"<14>host {\"process\":{\"name\":\"cmd.exe\"}}", Flags::BAD_SYNTAX),
        (b"\xef\xbb\xbf{\"process\":{\"name\":\"cmd.exe\"}}\r", Flags::empty()),
        (b"{\"process.name\":\"\\u0063md\\u002eexe\"}", Flags::empty()),
        (b"[{\"process\":[{\"name\":\"cmd.exe\"}]}]", Flags::empty()),
    ];
    for (record, flags) in cases {
        let (found, said) = names(record);
        let shown = String::from_utf8_lossy(record);
        assert_eq!(found, ["cmd.exe"], "{shown}");
        assert_eq!(said, *flags, "{shown}");
    }
}

#[test]
fn a_value_cut_off_is_not_a_value() {
    assert_eq!(names(b"{\"process\":{\"name\":\"cmd").0, [] as [&str; 0]);
}

#[test]
fn a_million_unmatched_brackets_cost_linear_time() {
    let record = format!("{}{}", "[".repeat(1_000_000), "}".repeat(1_000_000));
    assert_eq!(names(record.as_bytes()).0, [] as [&str; 0]);
}

#[test]
fn any_depth_is_read() {
    let depth = 100_000;
    let record =
        format!("{{\"x\":{}{},\"process\":{{\"name\":\"cmd.exe\"}}}}", "[".repeat(depth), "]".repeat(depth));
    let (found, flags) = names(record.as_bytes());
    assert_eq!(found, ["cmd.exe"]);
    assert_eq!(flags, Flags::DEEP_NESTING);
}
