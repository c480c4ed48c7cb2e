//! One rule, ten, and all of a folder, over the same corpus: CPU a gigabyte, times the floor, and how many
//! records had to be parsed.
//!
//!     COLDTRAIL_RULES=detection-rules/rules/windows cargo bench --bench rules
//!     COLDTRAIL_RULES=… COLDTRAIL_EVIDENCE=logs.ndjson.zst cargo bench --bench rules
//!
//! Without a folder the rules are made up: each looks for one program by name. Without evidence the corpus is
//! `coldtrail synth`'s, 1 GiB or COLDTRAIL_BENCH_SIZE. Evidence must be zstd frames that say how large they
//! are (`coldtrail synth` and `zstd` on a file write such).

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

#[path = "../floor/decode.rs"]
mod decode;
#[path = "../floor/usage.rs"]
mod usage;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const RUNS: usize = 3;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = std::env::var_os("COLDTRAIL_EVIDENCE").map_or_else(|| synth(folder.path()), PathBuf::from);
    let rules = std::env::var_os("COLDTRAIL_RULES").map_or_else(|| made_up(folder.path()), PathBuf::from);
    let files = rule_files(&rules);
    let decoded = decode::decode(&evidence);
    let floor =
        median((0..RUNS).map(|_| usage::of(|| assert_eq!(decode::decode(&evidence), decoded)).cpu).collect());
    println!("{} bytes decoded, floor {floor:.3} CPU s; medians of {RUNS}, on one thread", decoded);
    println!(
        "{:<24} {:>8} {:>10} {:>9} {:>14} {:>8}",
        "rules", "CPU s", "CPU s/GB", "x floor", "records tried", "hits"
    );
    row("the bundled", &[], &evidence, decoded, floor);
    row("ten", &files[..files.len().min(10)], &evidence, decoded, floor);
    row(&format!("all {}", files.len()), &files, &evidence, decoded, floor);
}

#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn row(name: &str, rules: &[PathBuf], evidence: &Path, decoded: u64, floor: f64) {
    let case = tempfile::tempdir().expect("a folder");
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
        command.args(["hunt", "-j1", "--force", "--progress", "never", "-o"]).arg(case.path().join("case"));
        for rule in rules {
            command.arg("-r").arg(rule);
        }
        let status = command.arg(evidence).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert_eq!(status.expect("coldtrail runs").code(), Some(0), "the evidence is read to its end");
    };
    let cpu = median((0..RUNS).map(|_| usage::of(run).cpu).collect());
    let text = fs::read_to_string(case.path().join("case/ledger.json")).expect("a ledger");
    let total = serde_json::from_str::<Value>(&text).expect("JSON")["total"].clone();
    let per_gb = cpu / (decoded as f64 / 1e9);
    println!(
        "{name:<24} {cpu:>8.3} {per_gb:>10.3} {:>9.2} {:>14} {:>8}",
        cpu / floor,
        total["tried"],
        total["hits"]
    );
}

fn synth(folder: &Path) -> PathBuf {
    let path = folder.join("corpus.zst");
    let size = std::env::var("COLDTRAIL_BENCH_SIZE").unwrap_or_else(|_| "1GiB".to_owned());
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
    command.args(["synth", "--size", &size, "--output"]).arg(&path).stderr(Stdio::null());
    assert!(command.status().expect("coldtrail runs").success());
    path
}

/// A folder of 200 rules.
fn made_up(folder: &Path) -> PathBuf {
    let rules = folder.join("rules");
    fs::create_dir(&rules).expect("the folder is ours");
    for number in 0..200 {
        let mut rule =
            "[rule]\nseverity = \"low\"\nrisk_score = 1\ntype = \"eql\"\nlanguage = \"eql\"\n".to_owned();
        let written = write!(
            rule,
            "rule_id = \"made-up-{number:03}\"\nname = \"Tool {number}\"\ndescription = \"A tool.\"\nquery = '''\nprocess where event.type == \"start\" and process.name : \"tool-{number}.exe\"\n'''\n"
        );
        written.expect("a string takes it");
        fs::write(rules.join(format!("{number:03}.toml")), rule).expect("the folder takes it");
    }
    rules
}

fn rule_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("COLDTRAIL_RULES is a folder");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
