//! The simulation must find a bug that is put in.

use std::process::Command;

/// So many seeds are enough to find it.
const SEEDS: &str = "20";

/// With the canary, a record that a chunk's edge cuts is lost. Only debug builds hold it.
#[test]
fn a_record_lost_at_a_chunk_s_edge_is_noticed() {
    let run = |canary: Option<&str>| {
        let mut command = Command::new(std::env::current_exe().expect("this test is a program"));
        command.args(["--exact", "whatever_can_be_reached_is_found"]).env_remove("COLDTRAIL_SEED");
        command.env("COLDTRAIL_SEEDS", SEEDS).env("COLDTRAIL_CANARY", "1");
        if canary.is_none() {
            command.env_remove("COLDTRAIL_CANARY");
        }
        command.output().expect("it runs again")
    };
    assert!(run(None).status.success(), "without the canary, the same seeds hold");
    let output = run(Some("1"));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && printed.contains("these seeds do not hold"), "{printed}");
}
