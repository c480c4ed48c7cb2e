//! Sequences, samples and pipes over files.

use crate::inner::tar;
use crate::support::{Evidence, Hunt, hunt};

/// An event of `host` at second `at`.
fn event(host: &str, at: u32, name: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-03-14T09:{:02}:{:02}Z","event":{{"id":"{host}-{at}","category":"process"}},"host":{{"id":"{host}"}},"process":{{"name":"{name}"}}}}"#,
        at / 60,
        at % 60
    )
}

/// The ids of the events of each hit.
fn members(hunt: &Hunt) -> Vec<Vec<String>> {
    let id = |event: &serde_json::Value| {
        let original: serde_json::Value = serde_json::from_str(event["original"].as_str().unwrap()).unwrap();
        original["event"]["id"].as_str().unwrap().to_owned()
    };
    let alerts = hunt.alerts();
    alerts
        .iter()
        .map(|alert| alert["coldtrail"]["events"].as_array().unwrap().iter().map(id).collect())
        .collect()
}

const QUERY: &str = r#"sequence by host.id with maxspan=1m
  [process where process.name == "a.exe"] [process where process.name == "b.exe"]"#;

#[test]
fn a_sequence_is_found_across_files_in_order_of_time() {
    let evidence = Evidence::new();
    evidence.file("1-late", [event("h1", 30, "b.exe"), event("h2", 200, "b.exe")].join("\n").as_bytes());
    evidence.file(
        "2-early",
        [event("h1", 10, "a.exe"), event("h2", 10, "a.exe"), event("h1", 5, "b.exe")].join("\n").as_bytes(),
    );
    let path = evidence.path().to_str().unwrap();
    for options in [&["-j1"][..], &["-j7", "--chunk-size", "4KiB"], &["--no-prefilter"]] {
        let hunt = hunt([&["--query", QUERY, "-f", "jsonl", path], options].concat()).expect_exit(0);
        assert_eq!(members(&hunt), [["h1-10", "h1-30"]]);
        assert_eq!(hunt.alerts()[0]["coldtrail"]["join_keys"], serde_json::json!(["h1"]));
    }
}

#[test]
fn samples_pipes_and_missing_events_work() {
    let evidence = Evidence::new();
    let events: Vec<String> =
        (0..6).map(|at| event("h1", at * 10, if at % 2 == 0 { "a.exe" } else { "b.exe" })).collect();
    evidence.file("log", events.join("\n").as_bytes());
    let path = evidence.path().to_str().unwrap();
    let run = |query: &str| members(&hunt(["--query", query, "-f", "jsonl", path]).expect_exit(0));
    let filter = |name: &str| format!("[process where process.name == \"{name}\"]");
    assert_eq!(
        run(&format!("sample by host.id {} {}", filter("b.exe"), filter("a.exe"))),
        [["h1-10", "h1-0"]]
    );
    assert_eq!(run("process where process.name == \"a.exe\" | tail 2 | head 1"), [["h1-20"]]);
    let missing = format!("sequence with maxspan=15s {} !{}", filter("a.exe"), filter("b.exe"));
    assert_eq!(run(&missing), [[""; 0]; 0]);
    assert_eq!(run(&missing.replace("b.exe", "c.exe")).len(), 3);
}

#[test]
fn an_event_without_a_time_is_told_and_takes_no_part() {
    let evidence = Evidence::new();
    let untimed = event("h1", 20, "b.exe").replace("\"@timestamp\"", "\"when\"");
    evidence.file("log", [event("h1", 10, "a.exe"), untimed].join("\n").as_bytes());
    let hunt = hunt(["--query", QUERY, "-f", "jsonl", evidence.path().to_str().unwrap()]).expect_exit(0);
    assert!(hunt.alerts().is_empty());
    assert!(hunt.stderr.contains("1 event without a time"), "{}", hunt.stderr);
}

/// Records are left where they lie until a sequence is made of them, and read again then: wherever they lie, and however
/// few of them fit memory, the same sequences come out.
#[test]
fn sequences_do_not_depend_on_how_their_events_are_kept() {
    let mut lines: Vec<String> = Vec::new();
    for host in 0..200 {
        let host = format!("h{host}");
        let names = if host.ends_with('7') { ["b.exe", "a.exe"] } else { ["a.exe", "b.exe"] };
        lines.extend((1..).zip(names).map(|(at, name)| event(&host, at, name)));
    }
    lines.sort_by_key(|line| blake3::hash(line.as_bytes()).to_hex());
    let text = lines.join("\n") + "\n";
    let frames = |text: &str, size: usize| -> Vec<u8> {
        let frame = |piece: &[u8]| zstd::bulk::Compressor::new(1).unwrap().compress(piece).unwrap();
        text.as_bytes().chunks(size).flat_map(frame).collect()
    };
    let (half, rest) = text.split_at(text[..text.len() / 2].rfind('\n').unwrap() + 1);
    let cases = [
        ("plain", text.clone().into_bytes()),
        ("frames of whole and cut records", frames(&text, 5000)),
        ("frames smaller than a record", frames(&text, 100)),
        ("stream", zstd::stream::encode_all(text.as_bytes(), 1).unwrap()),
        ("members of an archive", tar(&[("a", half.as_bytes()), ("b.zst", &frames(rest, 5000))])),
    ];
    for (name, bytes) in cases {
        let evidence = Evidence::new();
        evidence.file("evidence", &bytes);
        let path = evidence.path().to_str().unwrap();
        let run = |options: &[&str]| hunt([&["--query", QUERY, "-f", "jsonl", path], options].concat());
        let first = run(&["-j1"]).expect_exit(0);
        assert_eq!(first.alerts().len(), 180, "{name}");
        for options in [&["-j3", "--chunk-size", "4KiB"][..], &["--memory", "64MiB"], &["--no-prefilter"]] {
            assert_eq!(run(options).expect_exit(0).stdout, first.stdout, "{name} {options:?}");
        }
    }
}
