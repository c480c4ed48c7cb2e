//! Evidence that goes, or becomes something else, while it is hunted through.

use std::path::PathBuf;
use std::process::Command;

use crate::{EIO, ENOENT, Lab, Outcome};

/// Hunts; with the first such call on a file of the evidence, what stands at `replacement` is moved over it.
fn hunt_with(lab: &Lab, (call, name): (&str, &str), replacement: &PathBuf) -> Outcome {
    drop(std::fs::remove_dir_all(lab.case()));
    let mut command = lab.command((call, EIO, 1), &format!("evidence/{name}"));
    command.env("FAULT_REPLACEMENT", replacement);
    command.args(["hunt", "-j2", "-f", "jsonl", "-o"]).arg(lab.case());
    command.arg(lab.folder.path().join("evidence"));
    let outcome = lab.run(command, call);
    assert!(outcome.fault().is_some(), "{call}: {}", outcome.stderr);
    outcome
}

#[test]
fn a_file_that_vanishes_is_a_gap_and_the_rest_is_hunted() {
    let lab = Lab::new();
    for call in ["statx", "open64"] {
        let outcome = lab.hunt((call, ENOENT, 1), "evidence/plain.ndjson");
        assert!(outcome.fault().is_some(), "{call}: {}", outcome.stderr);
        assert_eq!(outcome.exit, Some(3), "{call}: {}", outcome.stderr);
        assert_eq!(outcome.lines("hits.jsonl").len(), 3, "{call}");
        let told = |line: &str| line.contains("plain.ndjson") && line.contains("No such file");
        assert!(outcome.stderr.lines().any(told), "{call}: {}", outcome.stderr);
    }
}

#[test]
fn a_fifo_that_takes_a_files_place_before_it_is_opened_holds_nobody_up() {
    let lab = Lab::new();
    let fifo = lab.folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let outcome = hunt_with(&lab, ("open64", "plain.ndjson"), &fifo);
    assert_eq!(outcome.exit, Some(3), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("something else took the file's place"), "{}", outcome.stderr);
    assert_eq!(outcome.lines("hits.jsonl").len(), 3);
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_is_read_as_it_was_and_told() {
    for of in [("mmap64", "plain.ndjson"), ("read", "frames.zst")] {
        let lab = Lab::new();
        let other = lab.folder.path().join("other");
        std::fs::write(&other, "{}\n").unwrap();
        let outcome = hunt_with(&lab, of, &other);
        assert_eq!(outcome.exit, Some(3), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("source_changed"), "{}", outcome.stderr);
        assert_eq!(outcome.lines("hits.jsonl").len(), 5);
    }
}
