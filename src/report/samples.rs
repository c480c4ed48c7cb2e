//! A made-up hunt for the tests of this room.

use std::time::Duration;

use super::{Hits, NotRun, Report, Run};
use crate::event::{Flags, Timestamp, Value, parse_time};
use crate::ledger::{DecodedRange, Gap, Integrity, Ledger, Reason, Skipped, SourceAccount, Tally};
use crate::order::Order;
use crate::record::Location;
use crate::rule::RuleSet;
use crate::timeline::{Hit, Member};

/// What a hunt leaves behind.
pub(super) struct Sample {
    pub(super) rules: RuleSet,
    pub(super) ledger: Ledger,
    pub(super) hits: Vec<Hit>,
    pub(super) run: Run,
}

impl Sample {
    pub(super) fn new(hits: Vec<Hit>) -> Self {
        Sample { rules: RuleSet::bundled(), ledger: ledger(), hits, run: run() }
    }

    pub(super) fn report(&self) -> Report<'_> {
        let hits: &dyn Hits = &self.hits;
        Report { rules: &self.rules, ledger: &self.ledger, hits, run: &self.run }
    }
}

pub(super) fn time(text: &str) -> Option<Timestamp> {
    parse_time(Value::Str(text)).map(|(time, _)| time)
}

pub(super) fn member(original: &[u8]) -> Member {
    let length = original.len() as u64;
    let location = Location { source: 0, entry: 0, segment: 4096, offset: 1234, length };
    Member { location, original: original.to_vec(), rendered: None, flags: Flags::empty() }
}

pub(super) fn hit(at: Option<Timestamp>, original: &[u8]) -> Hit {
    Hit { time: at, rule: 0, members: vec![member(original)], join_keys: Vec::new() }
}

/// A record as Winlogbeat writes it, with these values in it.
pub(super) fn record(host: &str, user: &str, process: &str, command_line: &str) -> Vec<u8> {
    serde_json::to_vec(&serde_json::json!({
        "@timestamp": "2026-02-20T14:03:07.123456Z",
        "host": { "name": host, "os": { "type": "windows" } },
        "user": { "name": user, "domain": "NT AUTHORITY" },
        "process": {
            "name": process,
            "pid": 4711,
            "command_line": command_line,
            "parent": { "name": "ScreenConnect.Service.exe" },
        },
    }))
    .expect("a JSON value")
}

/// Two plain hits, one without a time, and a sequence of two events.
pub(super) fn hits() -> Vec<Hit> {
    let plain =
        record("SC-WEB01", "SYSTEM", "cmd.exe", r#"cmd.exe /c "whoami /all & net user backdoor P@ss /add""#);
    let mut flagged = hit(None, &record("SC-WEB02", "SYSTEM", "powershell.exe", "powershell -enc SQBFAFgA"));
    flagged.members[0].flags.insert(Flags::NO_TIME);
    let mut sequence = hit(time("2026-02-20T15:00:00Z"), &plain);
    sequence.rule = 1;
    sequence.join_keys = vec!["SC-WEB01".to_owned()];
    sequence.members.insert(0, member(&record("SC-WEB01", "SYSTEM", "csc.exe", "csc.exe /t:library a.cs")));
    vec![hit(time("2026-02-20T14:03:07.123456Z"), &plain), sequence, flagged]
}

fn ledger() -> Ledger {
    let tally = Tally {
        read: 3 << 30,
        decoded: 41 << 30,
        segments: 96,
        tried: 1_204_331,
        hits: 3,
        ..Tally::default()
    };
    let gap = Gap {
        entry: 1,
        bytes: 30_511_872..30_912_331,
        decoded: Some(DecodedRange { segment: 30_511_872, start: 65_536, end: None }),
        reason: Reason::Corrupt,
        detail:
            "the frame decodes no further; the frames after it were read. Ask for another copy of the file"
                .to_owned(),
    };
    let damaged = SourceAccount {
        path: "evidence/web01/archive-2026-02.ndjson.zst".into(),
        entries: vec![String::new(), "!0".to_owned()],
        container: "gzip in zstd".to_owned(),
        tally: Tally { unread: 400_459, ..tally },
        gaps: vec![gap],
        integrity: Integrity::Mismatch,
        ..SourceAccount::default()
    };
    let plain = SourceAccount {
        path: "evidence/web02.ndjson".into(),
        entries: vec![String::new()],
        container: "plain".to_owned(),
        integrity: Integrity::NoChecksum,
        ..SourceAccount::default()
    };
    let skipped = Skipped { path: "evidence/pipe".into(), reason: "a named pipe".to_owned() };
    Ledger { sources: vec![damaged, plain], skipped: vec![skipped], untimed: 0, interrupted: false }
}

fn run() -> Run {
    Run {
        version: "0.1.0".to_owned(),
        command_line: ["coldtrail", "hunt", "evidence"].map(str::to_owned).to_vec(),
        started: time("2026-11-24T13:00:00Z").expect("a time"),
        elapsed: Duration::from_millis(12_345),
        threads: 8,
        decoders: vec![("libzstd".to_owned(), "1.5.7".to_owned())],
        not_run: vec![NotRun { rule: 1, reason: "made up for this test".to_owned() }],
        executable_sha256: None,
        host: Some("workstation".to_owned()),
        order: Order::default(),
        working_directory: None,
    }
}
