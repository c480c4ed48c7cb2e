//! Every call of the system fails once: a hunt must survive it, and say so.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

mod evidence;
mod folder;

const EACCES: i32 = 13;
const EINTR: i32 = 4;
const EIO: i32 = 5;
const ENOENT: i32 = 2;
const ENOMEM: i32 = 12;
const ENOSPC: i32 = 28;

/// The functions that fail, and with what. Not all are called today.
const CALLS: &[(&str, &[i32])] = &[
    ("open", &[EIO]),
    ("open64", &[EIO, EACCES]),
    ("openat", &[EIO]),
    ("openat64", &[EIO]),
    ("read", &[EIO, EINTR]),
    ("pread64", &[EIO]),
    ("write", &[EIO, ENOSPC, EINTR]),
    ("pwrite64", &[EIO]),
    ("writev", &[EIO]),
    ("fsync", &[EIO]),
    ("fdatasync", &[EIO]),
    ("lseek64", &[EIO]),
    ("mkdir", &[EACCES]),
    ("realpath", &[EIO]),
    ("statx", &[EIO, EACCES]),
    ("opendir", &[EIO, EACCES]),
    ("readdir64", &[EIO]),
    ("mmap", &[ENOMEM]),
    ("mmap64", &[ENOMEM]),
    ("madvise", &[EIO]),
];

/// More calls of one function than a hunt this small makes.
const MOST: usize = 200;

/// Evidence, and room for what is written.
struct Lab {
    folder: TempDir,
    shim: PathBuf,
}

/// What a hunt came to.
struct Outcome {
    exit: Option<i32>,
    stderr: String,
    /// The report's.
    files: BTreeMap<String, Vec<u8>>,
    /// Whether there is something to go on with.
    has_journal: bool,
}

fn hit(id: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-03-14T09:00:00Z","event":{{"id":"{id}","category":["process"],"type":["start"]}},"host":{{"os":{{"type":"windows"}}}},"process":{{"name":"cmd.exe","parent":{{"name":"ScreenConnect.Service.exe"}}}}}}{}"#,
        "\n"
    )
}

impl Lab {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("coldtrail-faults").tempdir().unwrap();
        let path = folder.path().join("evidence");
        std::fs::create_dir_all(path.join("deeper")).unwrap();
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        // Large enough to be mapped; the others are read.
        let dull = "{}\n".repeat(30_000);
        std::fs::write(path.join("plain.ndjson"), [hit("a"), dull, hit("b")].concat()).unwrap();
        let frames = ["c", "d"].map(|id| zstd::encode_all(hit(id).as_bytes(), 1).unwrap());
        std::fs::write(path.join("frames.zst"), frames.concat()).unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        gzip.write_all(hit("e").as_bytes()).unwrap();
        std::fs::write(path.join("deeper/member.gz"), gzip.finish().unwrap()).unwrap();
        let shim = folder.path().join("shim.so");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.rs");
        let compiled =
            Command::new(rustc).args(["--edition", "2024", "-O", "-o"]).arg(&shim).arg(source).output();
        let compiled = compiled.unwrap();
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        Self { folder, shim }
    }

    /// Hunts with a fault; `path`: only calls on paths with this text count.
    fn hunt(&self, fault: (&str, i32, usize), path: &str) -> Outcome {
        drop(std::fs::remove_dir_all(self.case()));
        let mut command = self.command(fault, path);
        command.args(["hunt", "-j2", "-f", "jsonl", "-o"]).arg(self.case());
        command.arg(self.folder.path().join("evidence"));
        self.run(command, &format!("{fault:?}"))
    }

    fn case(&self) -> PathBuf {
        self.folder.path().join("case")
    }

    /// The program, with a fault before it.
    fn command(&self, (call, errno, at): (&str, i32, usize), path: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
        command.env("LD_PRELOAD", &self.shim).env("TMPDIR", self.folder.path().join("tmp"));
        command.env("FAULT_CALL", call).env("FAULT_AT", at.to_string());
        command.env("FAULT_ERRNO", errno.to_string()).env("FAULT_PATH", path);
        command
    }

    /// Runs a hunt into the case folder.
    fn run(&self, mut command: Command, what: &str) -> Outcome {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let started = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if started.elapsed() > Duration::from_secs(60) {
                child.kill().unwrap();
                panic!("{what}: the hunt hangs");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let output = child.wait_with_output().unwrap();
        let entries = std::fs::read_dir(self.case()).into_iter().flatten().map(|entry| entry.unwrap().path());
        let files = entries.map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        });
        let mut files: BTreeMap<_, _> = files.collect();
        let has_journal = files.remove("journal").is_some();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Outcome { exit: output.status.code(), stderr, files, has_journal }
    }

    /// Goes on with what was broken off, which must end as if nothing had been.
    fn resume(&self, whole: &Outcome, what: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
        command.args(["hunt", "--resume"]).arg(self.case());
        let outcome = self.run(command, what);
        assert_eq!(outcome.exit, Some(0), "{what}, resumed: {}", outcome.stderr);
        assert!(!outcome.has_journal, "{what}, resumed: the journal has done its work");
        assert!(outcome.files.keys().eq(whole.files.keys()), "{what}, resumed: {:?}", outcome.files.keys());
        for name in EXACT {
            assert!(outcome.files[name] == whole.files[name], "{what}, resumed: {name} differs");
        }
    }

    /// Fails `call` wherever it is called, and judges each; how many times it failed.
    fn sweep(&self, whole: &Outcome, call: &str, errno: i32, path: &str) -> usize {
        for at in 1..=MOST {
            let outcome = self.hunt((call, errno, at), path);
            let Some(subject) = outcome.fault() else { return at - 1 };
            let what = format!("{call} #{at}, errno {errno}");
            outcome.judge(whole, &subject, errno, &what);
            if outcome.has_journal {
                self.resume(whole, &what);
            }
        }
        panic!("{call} is called more than {MOST} times");
    }
}

/// The files that depend on nothing but the evidence.
const EXACT: [&str; 4] = ["hits.jsonl", "hits.csv", "timesketch.jsonl", "timesketch.untimed.jsonl"];

impl Outcome {
    /// What the call that failed was about; nothing if none failed.
    fn fault(&self) -> Option<String> {
        let line = self.stderr.lines().find_map(|line| line.split_once("[fault injected] "))?.1;
        Some(line.to_owned())
    }

    fn lines(&self, name: &str) -> Vec<&[u8]> {
        let bytes = self.files.get(name).map_or(&[][..], Vec::as_slice);
        bytes.split_inclusive(|byte| *byte == b'\n').collect()
    }

    #[track_caller]
    fn judge(&self, whole: &Outcome, subject: &str, errno: i32, what: &str) {
        let exit = self.exit.unwrap_or_else(|| panic!("{what}: a crash\n{}", self.stderr));
        assert!([0, 2, 3, 4].contains(&exit), "{what}: exit {exit}\n{}", self.stderr);
        assert!(errno != EINTR || exit == 0, "{what}: to be tried again\n{}", self.stderr);
        if let Some(ledger) = self.files.get("ledger.json") {
            serde_json::from_slice::<serde_json::Value>(ledger)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
        }
        // Where there is a report, there is nothing to go on with.
        assert!(!self.has_journal || exit == 4, "{what}: exit {exit}, and the journal stays");
        let own = self.files.keys().find(|name| !whole.files.contains_key(*name));
        assert!(own.is_none(), "{what}: {own:?} is left behind");
        for name in EXACT {
            match exit {
                0 => assert!(self.files[name] == whole.files[name], "{what}: {name} differs, and exit 0"),
                // What could be read is there, line by line.
                3 => {
                    let there = whole.lines(name);
                    assert!(self.lines(name).iter().all(|line| there.contains(line)), "{what}: {name}");
                    assert!(self.files.len() == whole.files.len(), "{what}: {:?}", self.files.keys());
                }
                _ => {
                    let same = self.files.get(name).is_none_or(|file| *file == whole.files[name]);
                    assert!(same, "{what}: {name} is there and not whole");
                }
            }
        }
        // What goes wrong with a file is told with its name, or its folder's if it has none yet.
        let name = Path::new(subject).file_name().map(|name| name.to_string_lossy().into_owned());
        let is_named = name.is_none_or(|name| {
            self.stderr.split("[fault injected]").any(|text| {
                let text = text.split_once('\n').map_or("", |(_, text)| text);
                text.contains(&*name)
                    || (name.starts_with(".tmp") && text.contains("case/"))
                    || name.contains(" (deleted)")
            })
        });
        let is_told = ["cannot be", "no such file", "unreadable", "source_changed", "standard output"];
        let is_told = is_told.iter().any(|words| self.stderr.contains(words));
        assert!(
            exit == 0 || (is_told && (is_named || subject.starts_with("pipe:") || subject == "/dev/null")),
            "{what}: {subject} is not named\n{}",
            self.stderr
        );
    }
}

#[test]
fn a_call_of_the_system_that_fails_costs_no_more_than_is_told() {
    let lab = Lab::new();
    let whole = lab.hunt(("none", 0, 0), "");
    assert_eq!(whole.exit, Some(0), "{}", whole.stderr);
    assert_eq!(whole.lines("hits.jsonl").len(), 5);
    let mut faults = BTreeMap::new();
    for (call, errnos) in CALLS {
        for errno in *errnos {
            *faults.entry(*call).or_insert(0) += lab.sweep(&whole, call, *errno, "coldtrail-faults");
        }
    }
    println!("{} faults: {faults:?}", faults.values().sum::<usize>());
    assert!(faults.values().sum::<usize>() > 100, "{faults:?}");
    for call in ["open64", "write", "fsync", "statx", "readdir64", "mmap64"] {
        assert!(faults.get(call).is_some_and(|count| *count > 0), "{call} was never called: {faults:?}");
    }
}

#[test]
fn what_the_runtime_itself_asks_of_the_system_may_fail() {
    let lab = Lab::new();
    let whole = lab.hunt(("none", 0, 0), "");
    assert!(lab.sweep(&whole, "read", EIO, "/proc/") > 0);
    assert!(lab.sweep(&whole, "open64", EIO, "/proc/") > 0);
}

#[test]
fn standard_output_that_fails_is_told() {
    let lab = Lab::new();
    let whole = lab.hunt(("none", 0, 0), "");
    assert!(lab.sweep(&whole, "write", EIO, "/dev/null") > 0);
    assert!(lab.sweep(&whole, "write", EINTR, "/dev/null") > 0);
}
