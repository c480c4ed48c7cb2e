//! What is written, where, and that nothing in it acts on whoever reads it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Evidence, coldtrail, hit, hunt, hunt_jsonl};

/// A hit with something nasty in every field that reports show.
fn nasty() -> String {
    let bad = "\\u001b]0;pwned\\u0007\\u202eexe.\\u009b31m\\n=cmd|' /C calc'!A0";
    hit("nasty")
        .replace("\"name\":\"cmd.exe\"", &format!("\"name\":\"cmd.exe\",\"command_line\":\"={bad}\""))
        .replace("\"host\":{", &format!("\"user\":{{\"name\":\"{bad}\"}},\"host\":{{\"name\":\"@{bad}\","))
}

#[test]
fn standard_output_holds_the_format_and_nothing_else() {
    let evidence = Evidence::new();
    evidence.file("log", [hit("a"), hit("b")].join("\n").as_bytes());
    let path = evidence.path().to_str().unwrap();
    assert_eq!(hunt([path, "-f", "jsonl"]).alerts().len(), 2);
    assert_eq!(hunt([path, "-f", "timesketch"]).alerts().len(), 2);
    let csv = hunt([path, "-f", "csv"]).text();
    assert_eq!(csv.matches("\r\n").count(), 3, "{csv}");
    assert!(hunt([path]).text().starts_with('┌'));
}

#[test]
fn an_alert_leads_back_to_its_exact_bytes() {
    let evidence = Evidence::new();
    let (path, _) = evidence.synth("log.zst", &["--size", "3MiB", "--frame-size", "200KiB", "--hits", "9"]);
    let archive = std::fs::read(&path).unwrap();
    let alerts = hunt_jsonl(&path, &[]).alerts();
    assert!(alerts.len() >= 9);
    for alert in alerts {
        let event = &alert["coldtrail"]["events"][0];
        let number = |key: &str| usize::try_from(event["location"][key].as_u64().unwrap()).unwrap();
        // What anybody would do: cut the archive at the segment, decode, skip, take.
        let decoded = zstd::decode_all(&archive[number("segment")..]).unwrap();
        let original = event["original"].as_str().unwrap().as_bytes();
        assert_eq!(&decoded[number("offset")..number("offset") + number("length")], original);
        assert_eq!(alert["event"]["original"].as_str().unwrap().as_bytes(), original);
        assert_eq!(alert["event"]["kind"], "alert");
        assert_eq!(alert["rule"]["uuid"].as_str().unwrap().len(), 36);
    }
}

#[test]
fn nothing_from_evidence_acts_on_a_terminal_or_a_spreadsheet() {
    let evidence = Evidence::new();
    evidence.file("log", nasty().as_bytes());
    let path = evidence.path().to_str().unwrap();
    for text in [hunt([path]).text(), hunt([path, "-f", "csv"]).text()] {
        let acts = |c: char| (c.is_control() && c != '\n' && c != '\r') || c == '\u{202e}';
        assert!(!text.contains(acts), "{text}");
    }
    let mut reader =
        csv::Reader::from_reader(hunt([path, "-f", "csv"]).stdout.as_slice().to_vec().leak() as &[u8]);
    for row in reader.records() {
        for cell in &row.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']) || cell == "-", "{cell}");
        }
    }
    // JSONL keeps the value as it is.
    let alert = &hunt_jsonl(evidence.path(), &[]).alerts()[0];
    assert!(alert["user"]["name"].as_str().unwrap().starts_with("\u{1b}]0;pwned\u{7}\u{202e}exe"));
}

#[test]
fn a_case_folder_holds_every_format_and_is_never_overwritten() {
    let evidence = Evidence::new();
    evidence.file("log", hit("one").as_bytes());
    let parent = tempfile::tempdir().unwrap();
    let case = parent.path().join("case");
    let args = |more: &[&str]| {
        let mut command = coldtrail();
        command
            .args(["hunt", "--hash", "sha256,blake3"])
            .args(more)
            .arg("-o")
            .arg(&case)
            .arg(evidence.path());
        command.output().unwrap().status.code()
    };
    assert_eq!(args(&[]), Some(0));
    for name in ["timeline.txt", "hits.jsonl", "hits.csv", "timesketch.jsonl", "ledger.json"] {
        let mode = std::fs::metadata(case.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} is for its owner");
    }
    let ledger: serde_json::Value =
        serde_json::from_slice(&std::fs::read(case.join("ledger.json")).unwrap()).unwrap();
    assert_eq!(ledger["sources"][0]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(ledger["sources"][0]["blake3"].as_str().unwrap().len(), 64);
    std::fs::write(case.join("hits.csv"), "mine").unwrap();
    assert_eq!(args(&[]), Some(2));
    assert_eq!(std::fs::read_to_string(case.join("hits.csv")).unwrap(), "mine");
    assert_eq!(args(&["--force"]), Some(0));
    assert_ne!(std::fs::read_to_string(case.join("hits.csv")).unwrap(), "mine");
}

#[test]
fn no_report_is_written_among_the_evidence() {
    let evidence = Evidence::new();
    let log = evidence.file("log", hit("one").as_bytes());
    for case in
        [evidence.path().join("case"), log, evidence.path().join("sub/../../").join(Path::new("x/case"))]
    {
        let mut command = coldtrail();
        command.arg("hunt").arg("-o").arg(&case).arg(evidence.path());
        let code = command.output().unwrap().status.code();
        let is_inside =
            case.starts_with(evidence.path()) && !case.components().any(|part| part.as_os_str() == "..");
        assert!(!is_inside || code == Some(2), "{}", case.display());
    }
    assert_eq!(std::fs::read_dir(evidence.path()).unwrap().count(), 1);
}

#[test]
fn no_escape_reaches_a_pipe() {
    let evidence = Evidence::new();
    evidence.file("log", hit("one").as_bytes());
    let hunt = hunt([evidence.path()]);
    assert!(!hunt.text().contains('\u{1b}') && !hunt.stderr.contains('\u{1b}'));
}
