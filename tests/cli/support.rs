//! Runs coldtrail and reads its output.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The command, with nothing of the tester's terminal in its environment.
pub(crate) fn coldtrail() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
    command.env_remove("NO_COLOR").env("TERM", "xterm").stdin(Stdio::null());
    command
}

/// What a hunt came to.
#[derive(Debug)]
pub(crate) struct Hunt {
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// Runs `coldtrail hunt` with these arguments.
pub(crate) fn hunt<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Hunt {
    Hunt::of(coldtrail().arg("hunt").args(args).output().expect("coldtrail runs"))
}

/// Runs `coldtrail hunt -f jsonl` on one path, with more arguments.
pub(crate) fn hunt_jsonl(path: &Path, more: &[&str]) -> Hunt {
    let mut command = coldtrail();
    command.args(["hunt", "-f", "jsonl"]).args(more).arg(path);
    Hunt::of(command.output().expect("coldtrail runs"))
}

/// Runs `coldtrail hunt -f jsonl -` with these bytes as standard input.
pub(crate) fn hunt_stdin(bytes: &[u8]) -> Hunt {
    let mut command = coldtrail();
    command.args(["hunt", "-f", "jsonl", "-"]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("coldtrail runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(bytes));
        Hunt::of(child.wait_with_output().expect("coldtrail ends"))
    })
}

impl Hunt {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            exit: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("the output is UTF-8")
    }

    /// The alert documents.
    pub(crate) fn alerts(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    /// What every hit's event is called, sorted; see [`id`].
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.alerts().iter().map(|alert| id(alert).to_owned()).collect();
        ids.sort();
        ids
    }

    /// Fails with all that was printed unless the exit code is this one.
    #[track_caller]
    pub(crate) fn expect_exit(self, exit: i32) -> Self {
        assert_eq!(self.exit, Some(exit), "{}\n{}", String::from_utf8_lossy(&self.stdout), self.stderr);
        self
    }
}

/// What the event of a hit is called: `event.id`, or `RuleName` in an event log.
pub(crate) fn id(alert: &Value) -> &str {
    let id = alert["event"]["id"].as_str();
    id.or(alert["Event"]["EventData"]["RuleName"].as_str()).expect("test events are called something")
}

/// A folder with evidence that goes when the test ends.
pub(crate) struct Evidence(TempDir);

impl Evidence {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// Writes a file of evidence.
    pub(crate) fn file(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name.as_ref());
        std::fs::write(&path, bytes).expect("the folder takes files");
        path
    }

    /// Writes a corpus of `coldtrail synth`; its path and the ids of the hits in it.
    pub(crate) fn synth(&self, name: &str, options: &[&str]) -> (PathBuf, Vec<String>) {
        let path = self.path().join(name);
        let status =
            coldtrail().arg("synth").args(options).arg("-o").arg(&path).output().expect("coldtrail runs");
        assert!(status.status.success(), "{status:?}");
        let truth =
            std::fs::read_to_string(self.path().join(format!("{name}.truth.jsonl"))).expect("a truth file");
        std::fs::remove_file(self.path().join(format!("{name}.truth.jsonl"))).expect("it is no evidence");
        let planted = truth.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let hits =
            planted.filter(|planted| matches!(planted["verdict"].as_str(), Some("hit" | "companion_hit")));
        let mut ids: Vec<String> =
            hits.map(|hit| hit["event.id"].as_str().expect("an id").to_owned()).collect();
        ids.sort();
        (path, ids)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Hunts through all of it into a case folder; the ledger.
    pub(crate) fn ledger(&self, more: &[&str]) -> Value {
        let case = tempfile::tempdir().expect("a folder");
        let folder = case.path().join("case");
        let mut command = coldtrail();
        command.arg("hunt").args(more).arg("-o").arg(&folder).arg(self.path());
        let output = command.output().expect("coldtrail runs");
        let text = std::fs::read_to_string(folder.join("ledger.json"));
        serde_json::from_str(&text.unwrap_or_else(|_| panic!("{output:?}"))).expect("the ledger is JSON")
    }
}

/// An event that the bundled rule matches.
pub(crate) fn hit(id: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-03-14T09:00:00Z","event":{{"id":"{id}","category":["process"],"type":["start"]}},"host":{{"os":{{"type":"windows"}}}},"process":{{"name":"cmd.exe","parent":{{"name":"ScreenConnect.Service.exe"}}}}}}"#
    )
}

/// An event that no rule matches.
pub(crate) fn dull(id: &str) -> String {
    hit(id).replace("ScreenConnect.Service.exe", "services.exe")
}

/// Asserts that a ledger's sums hold: every input byte is read, framing or unread.
#[track_caller]
pub(crate) fn assert_balanced(ledger: &Value) {
    for source in ledger["sources"].as_array().expect("sources") {
        let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{source:#}"));
        let tally = &source["tally"];
        let sum = number(&tally["read"]) + number(&tally["framing"]) + number(&tally["unread"]);
        assert_eq!(sum, number(&source["size"]), "{source:#}");
    }
}
