use super::*;

fn read(record: &str) -> String {
    serde_json::to_string(&Document::read(record.as_bytes())).expect("a document is JSON")
}

#[test]
fn dotted_keys_unfold_and_occurrences_gather() {
    for (record, expected) in [
        (r#"{"a.b":1,"a":{"c":2}}"#, r#"{"a":{"b":1,"c":2}}"#),
        (r#"{"a":{"b":1},"a.b":2}"#, r#"{"a":{"b":[1,2]}}"#),
        (r#"{"a":1,"a":2}"#, r#"{"a":[1,2]}"#),
        (r#"{"a":{"b":1},"a":{"c":2}}"#, r#"{"a":{"b":1,"c":2}}"#),
        (r#"{"a":"x","a.b":2}"#, r#"{"a":"x","a.b":2}"#),
        (r#"{"a..b":1,"":2}"#, r#"{"a..b":1,"":2}"#),
        (r#"{"n":1.50e3}"#, r#"{"n":1.50e+3}"#),
        (r#"[{"a":1},{"b":2}]"#, r#"{"a":1,"b":2}"#),
    ] {
        assert_eq!(read(record), expected, "{record}");
    }
}

#[test]
fn text_is_found_through_arrays() {
    let document =
        Document::read(br#"{"process":[{"name":"a"},{"name":["b",3]},{"parent":[{"name":"c"}]}]}"#);
    assert_eq!(document.text("process.name").as_deref(), Some("a, b, 3"));
    assert_eq!(document.text("process.parent.name").as_deref(), Some("c"));
    assert_eq!(document.text("process"), None);
}

#[test]
fn depth_is_bounded() {
    let deep = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    let document = Document::read(format!(r#"{{"deep":{deep},"x":1}}"#).as_bytes());
    assert_eq!(document.text("x").as_deref(), Some("1"));
    let dotted = format!(r#"{{"{}":1}}"#, "a.".repeat(100_000));
    assert_eq!(Document::read(dotted.as_bytes()).fields().count(), 1);
}

/// Python's `json` reads a thousand levels, and what reads a report should not need more.
#[test]
fn dotted_keys_in_one_another_make_no_deep_document() {
    let key = ["a"; 30].join(".");
    for times in [1, 2, 3, 4, 50] {
        let nested = format!("{}1{}", format!(r#"{{"{key}":"#).repeat(times), "}".repeat(times));
        let depth =
            read(&nested).bytes().take_while(|byte| *byte != b'1').filter(|byte| *byte == b'{').count();
        assert_eq!(depth, 30 * times.min(3) + times.saturating_sub(3), "{times}");
    }
}
