use proptest::prelude::*;
use serde_json::Value as Json;
use unicode_width::UnicodeWidthStr;

use super::csv::Csv;
use super::jsonl::Jsonl;
use super::samples::{Sample, hit, hits, member, record, time};
use super::terminal::Terminal;
use super::timesketch::{Timesketch, Untimed};
use super::*;
use crate::ledger::Reason;

const PLAIN: Terminal = Terminal { width: None, colour: false };

/// Values that attack terminals, spreadsheets, readers and parsers.
const HOSTILE: [&str; 14] = [
    "\x1b]0;owned\x07\x1b[2J",
    "\u{9b}31m",
    "a\rb\nc",
    "\u{202e}gpj.exe",
    "\u{2066}x\u{2069}\u{200b}\u{feff}",
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "＝1",
    "a\"b,c;d",
    "\0\u{7f}",
    "<script>alert(1)</script>",
];

fn text(sample: &Sample, format: &dyn Format) -> String {
    let mut out = Vec::new();
    write(&sample.report(), format, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn documents(sample: &Sample, format: &dyn Format) -> Vec<Json> {
    text(sample, format).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn hostile() -> Sample {
    let records =
        HOSTILE.iter().map(|value| hit(time("2026-01-01T00:00:00Z"), &record(value, value, value, value)));
    let mut sample = Sample::new(records.collect());
    sample.ledger.sources[0].path = "evid\nence/\x1b[31m\u{202e}.zst".into();
    sample.ledger.sources[0].gaps[0].detail = "\x1b[2J".to_owned();
    sample
}

#[test]
fn nothing_hostile_reaches_a_terminal() {
    let sample = hostile();
    for width in [None, Some(80), Some(200)] {
        let shown = text(&sample, &Terminal { width, colour: false });
        let bad = shown.chars().find(|c| *c != '\n' && crate::escape::deceives(*c));
        assert_eq!(bad, None, "{shown}");
    }
}

#[test]
fn one_hit_is_one_line_however_hostile() {
    let sample = hostile();
    let timeline = text(&sample, &PLAIN);
    assert_eq!(timeline.lines().filter(|line| line.starts_with("2026-01-01T")).count(), HOSTILE.len());
    assert_eq!(text(&sample, &Jsonl).lines().count(), HOSTILE.len());
    assert_eq!(text(&sample, &Csv).matches("\r\n").count(), HOSTILE.len() + 1);
    assert_eq!(text(&sample, &Timesketch).lines().count(), HOSTILE.len());
}

#[test]
fn spreadsheets_get_no_formula_and_are_told_what_was_changed() {
    let csv = text(&hostile(), &Csv);
    let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().expect("headers").clone();
    let column = |name: &str| headers.iter().position(|header| header == name).expect(name);
    for (row, value) in reader.records().zip(HOSTILE) {
        let row = row.expect("a row");
        let risky = value.starts_with(['=', '+', '-', '@', '\t', '\0', '＝']);
        assert_eq!(row[column("command_line")].starts_with('\''), risky, "{value:?}");
        assert_eq!(row[column("neutralised")].contains("command_line"), risky, "{value:?}");
        let shown = escape(value);
        assert_eq!(row[column("command_line")].trim_start_matches('\''), shown, "{value:?}");
        assert!(!row.iter().any(|cell| cell.contains(crate::escape::deceives)), "{row:?}");
    }
}

#[test]
fn jsonl_keeps_every_hostile_value_exactly() {
    let sample = hostile();
    for (document, (hit, value)) in documents(&sample, &Jsonl).iter().zip(sample.hits.iter().zip(HOSTILE)) {
        assert_eq!(document["process"]["command_line"], value);
        assert_eq!(
            document["event"]["original"].as_str().map(str::as_bytes),
            Some(&*hit.members[0].original)
        );
    }
}

#[test]
fn an_alert_carries_rule_mapping_place_and_digest() {
    let sample = Sample::new(hits());
    let documents = documents(&sample, &Jsonl);
    let alert = &documents[0];
    for (pointer, expected) in [
        ("/event/kind", "\"alert\""),
        ("/event/severity", "73"),
        ("/event/risk_score", "73"),
        ("/@timestamp", "\"2026-02-20T14:03:07.123456Z\""),
        ("/rule/uuid", "\"3d00feab-e203-4acc-a463-c3e15b7e9a73\""),
        ("/rule/author", "[\"Elastic\"]"),
        ("/threat/framework", "\"MITRE ATT&CK\""),
        ("/threat/tactic/id", "[\"TA0001\",\"TA0002\"]"),
        ("/threat/technique/id", "[\"T1190\",\"T1059\"]"),
        ("/threat/technique/subtechnique/id", "[\"T1059.001\",\"T1059.003\"]"),
        ("/coldtrail/severity", "\"high\""),
        ("/coldtrail/events/0/location/source", "\"evidence/web01/archive-2026-02.ndjson.zst\""),
        ("/coldtrail/events/0/location/segment", "4096"),
    ] {
        assert_eq!(alert.pointer(pointer).map(Json::to_string).as_deref(), Some(expected), "{pointer}");
    }
    let digest = encode::sha256(&sample.hits[0].members[0].original);
    assert_eq!(alert["coldtrail"]["events"][0]["sha256"], digest);
    assert_eq!(documents[1]["coldtrail"]["events"].as_array().map(Vec::len), Some(2));
    assert_eq!(documents[1]["process"]["name"], "cmd.exe");
    assert!(documents[1]["message"].as_str().is_some_and(|message| message.starts_with("2 events: ")));
    assert_eq!(documents[2]["coldtrail"]["hit"]["time"], Json::Null);
    assert_eq!(documents[2]["coldtrail"]["flags"][0], "no_time");
}

#[test]
fn evidence_cannot_forge_a_finding() {
    let forged = br#"{"coldtrail":{"severity":"low"},"coldtrail.hit":1,"rule":{"name":"x"},"rule.name":"y",
        "threat.tactic.id":"TA0","event":"text","event.kind":"event","event.original":"z","tags":["t"]}"#;
    let mut sample = Sample::new(vec![hit(None, forged)]);
    let document = &documents(&sample, &Jsonl)[0];
    let keys: Vec<_> = document.as_object().expect("an object").keys().map(String::as_str).collect();
    assert!(keys.iter().all(|key| !key.contains('.')), "{keys:?}");
    assert_eq!(document["coldtrail"]["severity"], "high");
    assert_eq!(document["rule"]["name"], "ScreenConnect Server Spawning Suspicious Processes");
    assert_eq!(document["event"]["original"].as_str().map(str::as_bytes), Some(&forged[..]));
    sample.rules.rules[0].threat.clear();
    assert_eq!(documents(&sample, &Jsonl)[0].get("threat"), None);
}

#[test]
fn bytes_that_are_no_utf8_are_kept_beside() {
    let sample = Sample::new(vec![hit(None, b"{\"a\":\"\xff\"}")]);
    let event = &documents(&sample, &Jsonl)[0]["coldtrail"]["events"][0];
    assert_eq!(event["original"], "{\"a\":\"\u{fffd}\"}");
    assert_eq!(event["original_base64"], "eyJhIjoi/yJ9");
}

#[test]
fn numbers_keep_their_spelling() {
    let sample = Sample::new(vec![hit(None, br#"{"a":12345678901234567890123,"b":1.10}"#)]);
    let line = text(&sample, &Jsonl);
    assert!(line.starts_with(r#"{"a":12345678901234567890123,"b":1.10,"#), "{line}");
}

#[test]
fn timesketch_gets_whole_microseconds_and_never_a_made_up_time() {
    for (at, expected) in [
        (
            Some("2026-02-20T14:03:07.123456789Z"),
            Some((1_771_596_187_123_456_i64, "2026-02-20T14:03:07.123456+00:00")),
        ),
        (Some("1969-12-31T23:59:59.999999999Z"), Some((-1, "1969-12-31T23:59:59.999999+00:00"))),
        (Some("1700-01-01T00:00:00Z"), Some((-8_520_336_000_000_000, "1700-01-01T00:00:00.000000+00:00"))),
        (Some("1601-01-01T00:00:00Z"), None),
        (Some("9999-12-30T00:00:00Z"), None),
        (None, None),
    ] {
        let sample = Sample::new(vec![hit(at.and_then(time), &record("h", "u", "p", "c"))]);
        let (timed, untimed) = (documents(&sample, &Timesketch), documents(&sample, &Untimed));
        assert_eq!((timed.len(), untimed.len()), if expected.is_some() { (1, 0) } else { (0, 1) }, "{at:?}");
        match expected {
            Some((micros, text)) => {
                assert_eq!(
                    (timed[0]["timestamp"].as_i64(), timed[0]["datetime"].as_str()),
                    (Some(micros), Some(text))
                );
            }
            None => assert_eq!(untimed[0]["time_as_recorded"], "2026-02-20T14:03:07.123456Z"),
        }
    }
}

#[test]
fn the_summary_says_in_words_whether_all_was_read() {
    let mut sample = Sample::new(hits());
    let shown = text(&sample, &PLAIN);
    for words in [
        "GAPS, not all evidence could be read",
        "evidence/web01/archive-2026-02.ndjson.zst!0 bytes 30511872..30912331",
        "corrupt, the frame decodes no further",
        "evidence/pipe: a named pipe",
        "2026-02-20T14:03:07.123456Z to 2026-02-20T15:00:00.000Z",
        "3: 0 critical, 3 high, 0 medium, 0 low; 1 without a time",
        "made up for this test",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    sample.ledger.sources[0].gaps.clear();
    assert!(text(&sample, &PLAIN).contains("COMPLETE, all evidence was read"));
    sample.hits.clear();
    assert!(text(&sample, &PLAIN).contains("No hits in what was read"));
    sample.ledger.interrupted = true;
    assert!(text(&sample, &PLAIN).contains("INTERRUPTED"));
}

#[test]
fn a_long_list_of_gaps_says_how_many_are_not_shown() {
    let mut sample = Sample::new(Vec::new());
    let gap = sample.ledger.sources[0].gaps[0].clone();
    sample.ledger.sources[1].gaps = vec![gap; 22];
    let shown = text(&sample, &Terminal { width: Some(100), colour: false });
    assert!(shown.contains("… and 13 more"), "{shown}");
    assert_eq!(text(&sample, &PLAIN).matches(Reason::Corrupt.name()).count(), 23);
}

#[test]
fn colour_is_only_an_addition() {
    let sample = Sample::new(hits());
    for width in [None, Some(80), Some(200)] {
        let plain = text(&sample, &Terminal { width, colour: false });
        let coloured = text(&sample, &Terminal { width, colour: true });
        let mut stripped = String::new();
        for (at, part) in coloured.split('\x1b').enumerate() {
            stripped.push_str(if at == 0 { part } else { part.split_once('m').expect("an SGR sequence").1 });
        }
        let trim = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(trim(&stripped), trim(&plain));
    }
}

#[test]
fn hits_do_not_depend_on_how_the_hunt_ran() {
    let (first, mut second) = (Sample::new(hits()), Sample::new(hits()));
    second.run.threads = 1;
    second.run.elapsed *= 2;
    for format in [&PLAIN as &dyn Format, &Jsonl, &Csv, &Timesketch, &Untimed] {
        assert_eq!(text(&first, format), text(&second, format));
    }
}

#[test]
fn a_full_disk_is_an_error_in_every_format() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let sample = Sample::new(hits());
    for format in [&PLAIN as &dyn Format, &Jsonl, &Csv, &Timesketch, &Untimed] {
        let error = write(&sample.report(), format, &mut Full).expect_err("a full disk");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
    assert!(ledger_json::write(&sample.report(), &mut Full).is_err());
}

#[test]
fn the_ledger_keeps_what_depends_on_the_run_apart() {
    let sample = Sample::new(hits());
    let ledger = |sample: &Sample| -> Json {
        let mut out = Vec::new();
        ledger_json::write(&sample.report(), &mut out).expect("a Vec takes everything");
        serde_json::from_slice(&out).expect("JSON")
    };
    let mut first = ledger(&sample);
    assert_eq!(first["complete"], false);
    assert_eq!(first["sources"][0]["gaps"][0]["reason"], "corrupt");
    assert_eq!(first["sources"][0]["gaps"][0]["start"], 30_511_872);
    assert_eq!(first["rules"][1]["ran"], false);
    assert_eq!(first["run"]["decoders"]["libzstd"], "1.5.7");
    let mut other = Sample::new(hits());
    other.run.threads = 1;
    other.run.elapsed *= 2;
    let mut second = ledger(&other);
    assert_ne!(first, second);
    first["run"].take();
    second["run"].take();
    assert_eq!(first, second);
}

proptest! {
    #[test]
    fn any_record_comes_back_from_jsonl(bytes in proptest::collection::vec(any::<u8>(), 0..80), value in "\\PC{0,20}") {
        let written = record(&value, &value, &value, &value);
        let sample = Sample::new(vec![hit(None, &bytes), hit(None, &written)]);
        let documents = documents(&sample, &Jsonl);
        let event = &documents[0]["coldtrail"]["events"][0];
        let (base64, sha256) = (encode::base64(&bytes), encode::sha256(&bytes));
        match std::str::from_utf8(&bytes) {
            Ok(text) => prop_assert_eq!(event["original"].as_str(), Some(text)),
            Err(_) => prop_assert_eq!(event["original_base64"].as_str(), Some(&*base64)),
        }
        prop_assert_eq!(event["sha256"].as_str(), Some(&*sha256));
        prop_assert_eq!(documents[1]["host"]["name"].as_str(), Some(value.as_str()));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal(value in ".{0,200}", width in 1usize..240) {
        let mut sample = Sample::new(hits());
        sample.hits.push(hit(None, &record(&value, &value, &value, &value)));
        sample.hits[1].members.push(member(&record("日本語", &value, "e\u{301}", "👍🏽")));
        sample.ledger.sources[0].gaps[0].detail = value;
        for line in text(&sample, &Terminal { width: Some(width), colour: false }).lines() {
            prop_assert!(line.width() <= width, "{} > {width}: {line}", line.width());
        }
    }

    #[test]
    fn severities_and_rules_sum_up_to_the_hits(rules in proptest::collection::vec(0u32..2, 0..30)) {
        let made = rules.iter().map(|rule| { let mut made = hit(None, b"{}"); made.rule = *rule; made });
        let sample = Sample::new(made.collect());
        let counts = Counts::of(&sample.report()).expect("hits in memory");
        prop_assert_eq!(counts.hits, rules.len() as u64);
        prop_assert_eq!(counts.by_severity.iter().sum::<u64>(), counts.hits);
        prop_assert_eq!(counts.by_rule.iter().sum::<u64>(), counts.hits);
    }
}
