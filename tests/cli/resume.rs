//! A hunt that is killed goes on and ends as if nothing had been.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Evidence, Hunt, coldtrail, hit};

/// A hunt into a case folder, with everything parsed so that it takes its time.
fn begin(evidence: &Path, case: &Path) -> Child {
    let mut command = coldtrail();
    command.args(["hunt", "-j2", "--no-prefilter", "--chunk-size", "64KiB", "--hash", "sha256", "-o"]);
    command.arg(case).arg(evidence).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("coldtrail runs")
}

fn resume(case: &Path) -> Child {
    let mut command = coldtrail();
    command.args(["hunt", "-j2", "--resume"]).arg(case).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("coldtrail runs")
}

/// All that is the same for the same evidence and rules.
fn outcome(case: &Path) -> (String, String, Value) {
    let text = |name: &str| fs::read_to_string(case.join(name)).expect("the case is whole");
    let mut ledger: Value = serde_json::from_str(&text("ledger.json")).expect("JSON");
    ledger.as_object_mut().expect("an object").remove("run");
    (text("hits.jsonl"), text("hits.csv"), ledger)
}

/// Waits until the journal has so many bytes more, or the hunt is over; kills it then.
fn kill_after(mut hunt: Child, journal: &Path, bytes: u64) -> bool {
    let length = || fs::metadata(journal).map_or(0, |metadata| metadata.len());
    let (start, begun) = (length(), Instant::now());
    while length() < start + bytes && begun.elapsed() < Duration::from_secs(60) {
        if let Some(status) = hunt.try_wait().unwrap() {
            assert_eq!(status.code(), Some(0));
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    hunt.kill().unwrap();
    hunt.wait().unwrap();
    true
}

#[test]
fn a_hunt_killed_again_and_again_ends_with_the_same_bytes() {
    let evidence = Evidence::new();
    let synth = |name, seed, codec, framing| {
        let size = ["--size", "6MiB", "--hits", "20", "--near-misses", "20", "--seed", seed];
        evidence.synth(name, &[&size[..], &["--codec", codec, "--frame-size", framing]].concat());
    };
    synth("a.zst", "1", "zstd", "256KiB");
    synth("b.gz", "2", "gzip", "single");
    synth("c.ndjson", "3", "none", "single");
    let cases = tempfile::tempdir().unwrap();
    let whole = cases.path().join("whole");
    assert_eq!(begin(evidence.path(), &whole).wait().unwrap().code(), Some(0));
    let expected = outcome(&whole);
    assert!(!whole.join("journal").exists());

    // On a busy machine a hunt may be over before it is looked at.
    let mut kills = 0;
    for round in 0..20 {
        kills += killed_again_and_again(evidence.path(), &cases.path().join(format!("{round}")), &expected);
        if kills > 3 {
            return;
        }
    }
    panic!("killed {kills} times");
}

/// Kills a hunt, and those that go on with it, until one ends; how many there were.
fn killed_again_and_again(evidence: &Path, case: &Path, expected: &(String, String, Value)) -> u64 {
    let journal = case.join("journal");
    let mut kills = 0;
    let mut hunt = begin(evidence, case);
    // Each time a little later, by a number of bytes that nothing aligns with: a gzip member that is killed begins
    // anew.
    while kill_after(hunt, &journal, 20_011 + 7_919 * kills) {
        kills += 1;
        assert!(!case.join("hits.jsonl").exists(), "no report of a hunt that did not end");
        assert!(kills < 500, "it does not get on");
        hunt = resume(case);
    }
    let found = outcome(case);
    assert_eq!(found.2, expected.2);
    assert!(found == *expected);
    assert!(!journal.exists(), "it has done its work");
    kills
}

#[test]
fn what_was_begun_is_neither_lost_nor_mixed_up() {
    let evidence = Evidence::new();
    let file = evidence.file("a.ndjson", format!("{}\n", hit("1")).as_bytes());
    let cases = tempfile::tempdir().unwrap();
    let case = cases.path().join("case");
    let resume = |case: &Path| Hunt::of(coldtrail().args(["hunt", "--resume"]).arg(case).output().unwrap());

    let nothing = resume(&case).expect_exit(2);
    assert!(nothing.stderr.contains("there is no hunt to go on with"), "{}", nothing.stderr);

    // A journal of a hunt that has done nothing yet.
    let child = begin(evidence.path(), &case).wait_with_output().unwrap();
    assert_eq!(child.status.code(), Some(0));
    let order = fs::read(case.join("manifest.json")).unwrap();
    fs::remove_dir_all(&case).unwrap();
    let mut stopped = coldtrail();
    stopped.args(["hunt", "-o"]).arg(&case).arg("-").stdin(Stdio::piped()).stdout(Stdio::null());
    let mut stopped = stopped.stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !case.join("journal").exists() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(1));
    }
    // The header is written before anything is read.
    std::thread::sleep(Duration::from_millis(50));
    stopped.kill().unwrap();
    stopped.wait().unwrap();
    let stdin = resume(&case).expect_exit(2);
    assert!(stdin.stderr.contains("standard input cannot be read again"), "{}", stdin.stderr);

    let again = Hunt::of(coldtrail().args(["hunt", "-o"]).arg(&case).arg(&file).output().unwrap());
    assert!(again.expect_exit(2).stderr.contains("--resume"));
    let forced =
        Hunt::of(coldtrail().args(["hunt", "--force", "-o"]).arg(&case).arg(&file).output().unwrap());
    forced.expect_exit(0);
    assert!(!order.is_empty());

    let mixed =
        coldtrail().args(["hunt", "--resume"]).arg(&case).args(["--query", "any where true"]).output();
    Hunt::of(mixed.unwrap()).expect_exit(2);
}

#[test]
fn evidence_that_changed_is_not_taken_for_what_it_was() {
    let evidence = Evidence::new();
    evidence.synth("a.ndjson", &["--size", "64MiB", "--codec", "none"]);
    let cases = tempfile::tempdir().unwrap();
    let case = cases.path().join("case");
    // A busy machine may let the hunt finish first.
    let is_killed = (0..20).any(|_| {
        drop(fs::remove_dir_all(&case));
        kill_after(begin(evidence.path(), &case), &case.join("journal"), 1_000)
    });
    assert!(is_killed);
    evidence.file("a.ndjson", b"{}\n");
    let refused =
        Hunt::of(coldtrail().args(["hunt", "--resume"]).arg(&case).output().unwrap()).expect_exit(2);
    assert!(refused.stderr.contains("a.ndjson changed since the hunt began"), "{}", refused.stderr);
}
