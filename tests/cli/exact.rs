//! What the evidence says stays exact where it is promised to, and harmless where it is shown.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{Evidence, hit, hunt, hunt_jsonl};

/// The bytes of a record in an alert.
fn record(event: &Value) -> Vec<u8> {
    match event["original_base64"].as_str() {
        Some(text) => base64(text),
        None => event["original"].as_str().unwrap().as_bytes().to_vec(),
    }
}

fn base64(text: &str) -> Vec<u8> {
    let value = |digit: u8| match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.trim_end_matches('=').bytes().map(value).collect();
    let mut bytes = Vec::new();
    for group in digits.chunks(4) {
        let bits = group.iter().fold(0_u32, |bits, digit| bits << 6 | u32::from(*digit));
        let bits = bits << (6 * (4 - group.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}

/// A hit with these bytes in a value, as they are.
fn with_value(id: usize, value: &[u8]) -> Vec<u8> {
    let record = hit(&id.to_string());
    let (_, rest) = record.split_once('{').unwrap();
    [b"{\"note\":\"", value, b"\",", rest.as_bytes()].concat()
}

/// Values: every byte, lone surrogates and controls as escapes, cut and overlong UTF-8, and mixtures of all these. None
/// ends its string or its line.
fn values() -> Vec<Vec<u8>> {
    let bytes = (0..=u8::MAX).filter(|byte| !b"\n\"\\".contains(byte)).map(|byte| vec![byte]);
    let texts: [&[u8]; 12] = [
        b"\\ud800",
        b"\\udfff\\ud800",
        b"\\u0000",
        b"\\\"",
        b"\\\\",
        b"\xed\xa0\x80",
        b"\xc0\xaf",
        b"\xe2\x82",
        b"\xf4\x90\x80\x80",
        "\u{202e}\u{feff}\u{2028}".as_bytes(),
        "  two  blanks  ".as_bytes(),
        b"",
    ];
    let mut pieces: Vec<Vec<u8>> = bytes.chain(texts.map(<[u8]>::to_vec)).collect();
    let mut state = 1_u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    let single = pieces.len();
    for _ in 0..300 {
        let mixture = (0..below(40)).flat_map(|_| pieces[below(single)].clone()).collect();
        pieces.push(mixture);
    }
    pieces
}

#[test]
fn every_alert_holds_the_bytes_at_its_place_whatever_they_are() {
    let values = values();
    let mut bytes: Vec<u8> = Vec::new();
    for (id, value) in values.iter().enumerate() {
        bytes.extend(with_value(id, value));
        bytes.push(b'\n');
    }
    let evidence = Evidence::new();
    let path = evidence.file("log", &bytes);
    let alerts = hunt_jsonl(&path, &[]).expect_exit(0).alerts();
    assert_eq!(alerts.len(), values.len());
    for alert in alerts {
        let event = &alert["coldtrail"]["events"][0];
        let number = |key: &str| usize::try_from(event["location"][key].as_u64().unwrap()).unwrap();
        let there = &bytes[number("offset")..number("offset") + number("length")];
        let id: usize = alert["event"]["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(there, with_value(id, &values[id]), "{id}");
        assert_eq!(record(event), there, "{id}");
        let digest: String = Sha256::digest(there).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(event["sha256"], digest, "{id}");
    }
}

#[test]
fn no_name_of_a_file_acts_on_a_terminal_or_forges_a_line() {
    let deceives = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{2066}';
    for name in [
        &b"a\nCOMPLETE, all evidence was read"[..],
        b"\x1b[2J\x1b]0;title\x07",
        "gpj.\u{202e}exe \u{2066}".as_bytes(),
        "c1 \u{9b}31m".as_bytes(),
        b"not \xff\xfe UTF-8",
        b"=cmd|' calc'!A0",
    ] {
        let evidence = Evidence::new();
        let good = evidence.file(OsStr::from_bytes(name), hit("one").as_bytes());
        // A gap and a skipped link with the same names.
        evidence.file(OsStr::from_bytes(&[name, b".odd"].concat()), b"7z\xbc\xaf\x27\x1crest");
        std::os::unix::fs::symlink(
            &good,
            evidence.path().join(OsStr::from_bytes(&[name, b".link"].concat())),
        )
        .unwrap();
        for format in ["table", "csv", "jsonl", "timesketch"] {
            let hunt = hunt([OsStr::new("-f"), OsStr::new(format), evidence.path().as_ref()]).expect_exit(3);
            for text in [hunt.text(), hunt.stderr.clone()] {
                let line = text
                    .lines()
                    .find(|line| line.contains(|c| deceives(c) && !(format == "csv" && c == '\r')));
                assert!(
                    line.is_none() || (format == "jsonl" || format == "timesketch"),
                    "{format}: {line:?}"
                );
                assert!(!text.lines().any(|line| line.starts_with("COMPLETE")), "{format}: {text}");
            }
            assert!(!hunt.stderr.contains(|c| deceives(c) && c != '\n'), "{format}: {}", hunt.stderr);
        }
        // JSON keeps what is UTF-8 of a name as it is.
        let alert = &hunt_jsonl(evidence.path(), &[]).expect_exit(3).alerts()[0];
        let source = &alert["coldtrail"]["events"][0]["location"]["source"];
        assert_eq!(*source, *good.to_string_lossy());
    }
}
