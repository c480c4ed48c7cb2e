//! The prefilter never rejects what matches, however it is spelled.

use proptest::prelude::*;

use crate::support::{Evidence, dull, hit, hunt, hunt_jsonl};

/// The hit with some characters of its values and keys written as escapes, and letters in any case.
fn spelled(id: &str, choices: &[u8]) -> String {
    let plain = hit(id);
    let mut out = String::new();
    let mut in_string = false;
    for (at, c) in plain.char_indices() {
        let choice = choices[at % choices.len()];
        in_string ^= c == '"';
        let may_escape = in_string && c.is_ascii_alphanumeric();
        // The id and what is compared with `==` keep their case.
        let in_parent =
            plain[..at].ends_with("ScreenConnect.Service.exe") || plain[at..].starts_with("ScreenConnect");
        let c = if in_parent && choice & 4 != 0 { c.to_ascii_uppercase() } else { c };
        match choice % 16 {
            0 if may_escape => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            1 if may_escape => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_spelling_of_a_hit_is_found_with_and_without_it(
        records in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..200), 20..60),
    ) {
        let evidence = Evidence::new();
        let mut ids: Vec<String> = (0..records.len()).map(|number| format!("id{number:03}")).collect();
        let lines = ids.iter().zip(&records).flat_map(|(id, choices)| [spelled(id, choices), dull("x")]);
        let path = evidence.file("log", lines.collect::<Vec<_>>().join("\n").as_bytes());
        let with = hunt_jsonl(&path, &[]).expect_exit(0);
        let without = hunt_jsonl(&path, &["--no-prefilter"]).expect_exit(0);
        ids.sort();
        prop_assert_eq!(with.ids(), ids);
        prop_assert_eq!(with.stdout, without.stdout);
    }
}

#[test]
fn the_books_are_the_same_with_and_without_it() {
    let evidence = Evidence::new();
    let lines = [
        dull("x"),
        "no json".to_owned(),
        hit("one"),
        "[[[[".to_owned(),
        "{\"bad".to_owned(),
        "\0\0".to_owned(),
    ];
    evidence.file("lines", lines.join("\n").as_bytes());
    evidence.file("array", format!("[{}, x }} ], {}]", hit("two"), dull("y")).as_bytes());
    evidence.file("table", b"@timestamp,process.name\n2026-03-14,cmd.exe\n\"x\"y,\n{}\n");
    let with = hunt([evidence.path()]).expect_exit(0);
    let without = hunt(["--no-prefilter".as_ref(), evidence.path()]).expect_exit(0);
    assert_eq!(with.text(), without.text());
}
