//! Folders as they come, hostile names among them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::{Evidence, hit, hunt, hunt_jsonl};

#[test]
fn links_devices_and_fifos_are_skipped_and_listed() {
    let evidence = Evidence::new();
    evidence.file("log", hit("one").as_bytes());
    symlink(".", evidence.path().join("loop")).unwrap();
    symlink("/dev/zero", evidence.path().join("zero")).unwrap();
    assert!(Command::new("mkfifo").arg(evidence.path().join("fifo")).status().unwrap().success());
    let hunt = hunt_jsonl(evidence.path(), &[]).expect_exit(0);
    assert_eq!(hunt.ids(), ["one"]);
    for skipped in ["loop: symbolic link", "zero: symbolic link", "fifo: FIFO"] {
        assert!(hunt.stderr.contains(skipped), "{}", hunt.stderr);
    }
}

#[test]
fn what_is_named_and_cannot_be_read_like_a_file_is_a_gap() {
    let evidence = Evidence::new();
    let fifo = evidence.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for named in [fifo.as_path(), Path::new("/dev/zero")] {
        let hunt = hunt([named]).expect_exit(3);
        assert!(hunt.text().contains("pipe what it holds to `-`"), "{}", hunt.text());
    }
}

#[test]
fn a_file_reached_twice_is_read_once() {
    let evidence = Evidence::new();
    let path = evidence.file("log", hit("one").as_bytes());
    std::fs::hard_link(&path, evidence.path().join("twin")).unwrap();
    let hunt =
        hunt([OsStr::new("-f"), OsStr::new("jsonl"), evidence.path().as_ref(), path.as_ref()]).expect_exit(0);
    assert_eq!(hunt.ids(), ["one"]);
}

#[test]
fn names_that_are_not_utf8_or_act_on_terminals_are_read_and_escaped() {
    let evidence = Evidence::new();
    evidence.file(OsStr::from_bytes(b"a\nb\x1b[2J\xff.ndjson"), hit("one").as_bytes());
    let hunt = hunt([evidence.path()]).expect_exit(0);
    let text = hunt.text();
    assert!(text.contains("\\n") && text.contains("\\x1b"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert_eq!(hunt_jsonl(evidence.path(), &[]).ids(), ["one"]);
}

#[test]
fn evidence_is_left_as_it_was() {
    let evidence = Evidence::new();
    let (path, _) = evidence.synth("log.zst", &["--size", "2MiB"]);
    let before = (std::fs::read(&path).unwrap(), std::fs::metadata(&path).unwrap().modified().unwrap());
    hunt([evidence.path()]).expect_exit(0);
    assert!(before == (std::fs::read(&path).unwrap(), std::fs::metadata(&path).unwrap().modified().unwrap()));
    assert_eq!(std::fs::read_dir(evidence.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_json_is_named_and_not_passed_over() {
    for (bytes, what) in
        [(&b"7z\xbc\xaf\x27\x1crest"[..], "7z"), (b"PAR1rest", "Parquet"), (b"just a note", "no JSON record")]
    {
        let evidence = Evidence::new();
        evidence.file("odd", bytes);
        let hunt = hunt([evidence.path()]).expect_exit(3);
        assert!(hunt.text().contains("unknown_format") && hunt.text().contains(what), "{}", hunt.text());
    }
}

#[test]
fn the_stub_of_a_container_is_a_gap() {
    for bytes in [&b"PK\x03\x04rest"[..], b"ElfFile\0rest", &[b"PK\x03\x04".as_slice(), &[0xff; 60]].concat()]
    {
        let evidence = Evidence::new();
        evidence.file("stub", bytes);
        let hunt = hunt([evidence.path()]).expect_exit(3);
        assert!(hunt.text().contains("corrupt"), "{}", hunt.text());
    }
}

#[test]
fn junk_before_a_log_does_not_hide_it() {
    let evidence = Evidence::new();
    evidence.file("log", ["junk line\n".repeat(20_000), hit("one")].concat().as_bytes());
    assert_eq!(hunt_jsonl(evidence.path(), &[]).expect_exit(3).ids(), ["one"]);
}
