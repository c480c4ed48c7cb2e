//! A machine that does not give what a hunt asks of it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::{Evidence, Hunt, coldtrail, hit, hunt_jsonl};

/// Nobody's user id, on Linux.
const NOBODY: u32 = 65534;

/// A folder that anybody can look into, and a copy of the program there: nothing stops root, so the program runs as
/// nobody where the tester is root.
struct Unprivileged {
    folder: TempDir,
    program: PathBuf,
}

impl Unprivileged {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let program = folder.path().join("coldtrail");
        fs::copy(env!("CARGO_BIN_EXE_coldtrail"), &program).unwrap();
        Self { folder, program }
    }

    /// A folder with one file in it, then closed.
    fn closed(&self, name: &str, mode: u32) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("log"), hit(name)).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }

    fn hunt(&self, args: &[&Path]) -> Hunt {
        let mut command = Command::new(&self.program);
        command.args(["hunt", "-f", "jsonl"]).args(args).stdin(Stdio::null());
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(NOBODY);
        }
        Hunt::of(command.output().unwrap())
    }
}

#[test]
fn a_folder_or_file_that_may_not_be_read_is_a_gap_and_the_rest_is_hunted() {
    let unprivileged = Unprivileged::new();
    let open = unprivileged.closed("evidence", 0o755);
    let closed = unprivileged.closed("evidence/closed", 0o000);
    let file = open.join("secret");
    fs::write(&file, hit("secret")).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o000)).unwrap();
    let hunt = unprivileged.hunt(&[&open]).expect_exit(3);
    fs::set_permissions(&closed, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(hunt.ids(), ["evidence"]);
    for name in ["closed", "secret"] {
        let told = hunt.stderr.lines().any(|line| line.contains(name) && line.contains("Permission denied"));
        assert!(told, "{name}: {}", hunt.stderr);
    }
}

#[test]
fn an_output_folder_that_may_not_be_written_is_4_and_named() {
    let unprivileged = Unprivileged::new();
    let evidence = unprivileged.closed("evidence", 0o755);
    let parent = unprivileged.closed("parent", 0o555);
    let case = parent.join("case");
    let hunt = unprivileged.hunt(&[Path::new("-o"), &case, &evidence]).expect_exit(4);
    fs::set_permissions(&parent, Permissions::from_mode(0o755)).unwrap();
    assert!(
        hunt.stderr.contains("parent/case") && hunt.stderr.contains("cannot be written"),
        "{}",
        hunt.stderr
    );
    assert!(!case.exists());
}

#[test]
fn a_path_that_leads_nowhere_is_a_gap_beside_what_can_be_read() {
    let evidence = Evidence::new();
    let log = evidence.file("log", hit("one").as_bytes());
    let knot = evidence.path().join("knot");
    symlink(&knot, &knot).unwrap();
    for nowhere in [knot, evidence.path().join("n".repeat(300)), log.join("below a file")] {
        let mut command = coldtrail();
        command.args(["hunt", "-f", "jsonl"]).arg(&log).arg(&nowhere);
        let hunt = Hunt::of(command.output().unwrap()).expect_exit(3);
        assert_eq!(hunt.ids(), ["one"]);
        assert!(hunt.stderr.contains("unreadable"), "{}", hunt.stderr);
    }
}

/// Runs a hunt in a shell that limits how large files may get, in blocks of 512 bytes.
fn limited(blocks: u32, evidence: &Evidence, rest: &str) -> Hunt {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -f {blocks}; exec \"$0\" hunt --progress never \"$1\" {rest}"));
    command.arg(env!("CARGO_BIN_EXE_coldtrail")).arg(evidence.path()).stdin(Stdio::null());
    Hunt::of(command.output().unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_that_may_not_grow_is_told_and_leaves_nothing_half_written() {
    let evidence = Evidence::new();
    let hits: Vec<String> = (0..1000).map(|id| hit(&id.to_string())).collect();
    evidence.file("log", hits.join("\n").as_bytes());
    let cases = tempfile::tempdir().unwrap();
    let at = |name: &str| cases.path().join(name);

    let into = |case: &Path| format!("-o '{}'", case.display());
    let hunt = limited(64, &evidence, &into(&at("report"))).expect_exit(4);
    assert!(hunt.stderr.contains("hits.jsonl cannot be written: File too large"), "{}", hunt.stderr);
    assert_eq!(names(&at("report")), ["journal"]);
    let mode = fs::metadata(at("report").join("journal")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds hits");
    // With room, it goes on.
    Hunt::of(coldtrail().args(["hunt", "--resume"]).arg(at("report")).output().unwrap()).expect_exit(0);
    let lines = fs::read_to_string(at("report").join("hits.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 1000);
    assert!(!at("report").join("journal").exists());

    // Not even the journal's beginning: there is nothing to go on with, and nothing stands in the way.
    let hunt = limited(1, &evidence, &into(&at("nothing"))).expect_exit(4);
    assert!(hunt.stderr.contains("journal cannot be written: File too large"), "{}", hunt.stderr);
    assert!(names(&at("nothing")).is_empty());

    let hunt = limited(64, &evidence, &format!("-f jsonl > '{}'", at("lines").display())).expect_exit(4);
    assert!(hunt.stderr.contains("standard output: File too large"), "{}", hunt.stderr);
}

#[test]
fn a_reader_who_has_had_enough_is_4_without_a_word() {
    let evidence = Evidence::new();
    evidence.file("log", hit("one").as_bytes());
    let case = tempfile::tempdir().unwrap();
    let case = case.path().join("case");
    let closed = |args: &[&str]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = coldtrail();
        command.args(args).stdout(writer).stderr(Stdio::piped());
        let hunt = Hunt::of(command.spawn().unwrap().wait_with_output().unwrap()).expect_exit(4);
        assert!(!hunt.stderr.contains("coldtrail:") && !hunt.stderr.contains("panic"), "{}", hunt.stderr);
    };
    let path = evidence.path().to_str().unwrap();
    for format in ["table", "jsonl", "csv", "timesketch"] {
        closed(&["hunt", "-f", format, path]);
    }
    closed(&["rules", "list"]);
    // The case folder is whole all the same.
    closed(&["hunt", "-o", case.to_str().unwrap(), path]);
    assert!(!case.join("journal").exists());
    assert!(coldtrail().arg("verify").arg(&case).output().unwrap().status.success());
    closed(&["verify", case.to_str().unwrap()]);
}

#[test]
fn what_is_named_wrongly_is_said_on_one_line() {
    let wrong = Path::new("no\nEvidence     complete\u{1b}[2J\u{202e}");
    let hunt = hunt_jsonl(wrong, &[]).expect_exit(2);
    assert_eq!(
        hunt.stderr,
        "coldtrail: no\\nEvidence     complete\\x1b[2J⟨U+202E⟩: no such file or folder\n"
    );
}
