//! The exit code tells completeness.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Evidence, Hunt, coldtrail, dull, hit, hunt};

/// Waits until a file of the process below `/proc` says something, for 20 s at most.
fn wait_until(process: u32, file: &str, says: impl Fn(&str) -> bool) {
    let path = format!("/proc/{process}/{file}");
    for _ in 0..20_000 {
        if says(&std::fs::read_to_string(&path).unwrap_or_default()) {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("{path} does not say it");
}

#[test]
fn hits_change_the_exit_code_only_when_asked() {
    let evidence = Evidence::new();
    evidence.file("log", hit("one").as_bytes());
    let path = evidence.path().to_str().unwrap();
    hunt([path]).expect_exit(0);
    hunt([path, "--fail-on-hit"]).expect_exit(1);
    evidence.file("log", dull("one").as_bytes());
    hunt([path, "--fail-on-hit"]).expect_exit(0);
}

#[test]
fn wrong_usage_is_2_with_one_message_and_nothing_written() {
    let evidence = Evidence::new();
    let path = evidence.path().to_str().unwrap();
    for (args, says) in [
        (vec!["/no/such/folder"], "/no/such/folder"),
        (vec![path, "--no-such-option"], "--no-such-option"),
        (vec![path, "--chunk-size", "1"], "4KiB"),
        (vec![path, "-r", "/no/such/rule.toml"], "/no/such/rule.toml"),
        (vec![path, "--query", "process where process.name = \"x\""], "=="),
    ] {
        let hunt = hunt(&args).expect_exit(2);
        assert!(hunt.stderr.contains(says), "{args:?}: {}", hunt.stderr);
        assert!(hunt.stdout.is_empty());
    }
}

#[test]
fn an_output_that_cannot_be_written_is_4() {
    let evidence = Evidence::new();
    evidence.file("log", hit("one").as_bytes());
    let full = File::options().write(true).open("/dev/full").unwrap();
    for format in ["table", "jsonl", "csv", "timesketch"] {
        let mut command = coldtrail();
        command.args(["hunt", "-f", format]).arg(evidence.path()).stdout(full.try_clone().unwrap());
        Hunt::of(command.stderr(Stdio::piped()).output().unwrap()).expect_exit(4);
    }
}

#[test]
fn an_interrupt_leaves_a_partial_timeline_and_130() {
    let mut command = coldtrail();
    command.args(["hunt", "-f", "jsonl", "-j2", "--chunk-size", "4KiB", "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", hit("early")).unwrap();
    stdin.write_all(dull("x\n").repeat(5000).as_bytes()).unwrap();
    stdin.flush().unwrap();
    wait_until(child.id(), "status", |status| {
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        caught.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask >> 1 & 1 == 1))
    });
    std::thread::sleep(Duration::from_millis(300));
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    std::thread::sleep(Duration::from_millis(100));
    // The reader sits in a read until something comes.
    drop(stdin.write_all(dull("x\n").repeat(5000).as_bytes()));
    drop(stdin);
    let hunt = Hunt::of(child.wait_with_output().unwrap()).expect_exit(130);
    assert_eq!(hunt.ids(), ["early"]);
    assert!(hunt.stderr.contains("INTERRUPTED"), "{}", hunt.stderr);
}

#[test]
fn a_file_cut_while_it_is_read_is_a_gap_and_no_crash() {
    let evidence = Evidence::new();
    let path = evidence.file("a-sparse", b"");
    evidence.file("b-log", hit("other").as_bytes());
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(6 << 30).unwrap();
    let mut command = coldtrail();
    command.args(["hunt", "-f", "jsonl"]).arg(evidence.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    wait_until(child.id(), "maps", |maps| maps.contains("a-sparse"));
    std::thread::sleep(Duration::from_millis(20));
    file.set_len(1).unwrap();
    let hunt = Hunt::of(child.wait_with_output().unwrap()).expect_exit(3);
    assert_eq!(hunt.ids(), ["other"]);
    assert!(hunt.stderr.contains("source_changed"), "{}", hunt.stderr);
}

/// Hunts for a sequence in a log, which `change` does something to when the log has been read and before sequences are
/// put together: standard input is still open then.
fn hunt_a_sequence_while(change: impl Fn(&Path)) -> Hunt {
    let evidence = Evidence::new();
    let event = |name: &str, second: u32| {
        format!(
            "{{\"@timestamp\":\"2026-03-14T09:00:{second:02}Z\",\"event\":{{\"id\":\"{second}\",\"category\":\"process\"}},\"process\":{{\"name\":\"{name}\"}}}}\n"
        )
    };
    let path = evidence.file("log", (event("a.exe", 1) + &event("b.exe", 2)).as_bytes());
    let mut command = coldtrail();
    let query = r#"sequence [process where process.name == "a.exe"] [process where process.name == "b.exe"]"#;
    command.args(["hunt", "-f", "jsonl", "-j1", "--query", query]).arg(&path).arg("-");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines = dull("x\n").repeat(10_000);
    stdin.write_all(lines.as_bytes()).unwrap();
    let piped = lines.len() / 2;
    wait_until(child.id(), "io", |io| {
        let read = io.lines().find_map(|line| line.strip_prefix("rchar: "));
        read.is_some_and(|read| read.parse::<usize>().is_ok_and(|read| read > piped))
    });
    change(&path);
    drop(stdin);
    Hunt::of(child.wait_with_output().unwrap())
}

#[test]
fn a_record_of_a_sequence_that_is_no_longer_what_it_was_is_a_gap_and_no_hit() {
    for change in [
        (|path| std::fs::write(path, std::fs::read(path).unwrap().to_ascii_uppercase()).unwrap())
            as fn(&Path),
        |path| File::options().write(true).open(path).unwrap().set_len(150).unwrap(),
        |path| std::fs::remove_file(path).unwrap(),
    ] {
        let hunt = hunt_a_sequence_while(change).expect_exit(3);
        assert!(hunt.alerts().is_empty());
        assert!(hunt.stderr.contains("source_changed"), "{}", hunt.stderr);
        assert!(hunt.stderr.contains("hunt again"), "{}", hunt.stderr);
    }
}

#[test]
fn a_log_that_grows_before_its_sequences_are_put_together_keeps_them() {
    let grow = |path: &Path| File::options().append(true).open(path).unwrap().write_all(b"{}\n").unwrap();
    assert_eq!(hunt_a_sequence_while(grow).expect_exit(0).alerts().len(), 1);
}
