//! The whole hunt against the decompression floor, whole processes, in pairs.
//!
//! The floor is what no first hunt can go below: every frame decoded once by `ZSTD_decompressDCtx` into
//! one reused buffer, on one thread, and nothing done with the bytes. For each corpus the floor (or, where
//! the codec is another, its own decoder) and the hunt run in turn; printed are medians, and the medians
//! of the ratios pair by pair, since machines drift.
//!
//!     cargo bench --bench floor                      # 1 GiB
//!     COLDTRAIL_BENCH_SIZE=2GiB cargo bench --bench floor
//!
//! A hunt that does not find exactly the planted hits fails the bench.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod corpus;
mod decode;
mod usage;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use corpus::{Corpus, HITS};
use usage::Usage;

const PAIRS: usize = 5;

fn main() {
    let size = std::env::var("COLDTRAIL_BENCH_SIZE").unwrap_or_else(|_| "1GiB".to_owned());
    let folder = tempfile::tempdir().expect("a folder for the corpora");
    let many = Corpus::make(folder.path(), "many.zst", &["--size", &size]);
    let single = Corpus::make(folder.path(), "single.zst", &["--size", &size, "--frame-size", "single"]);
    let gzip = Corpus::make(
        folder.path(),
        "single.gz",
        &["--size", &size, "--codec", "gzip", "--frame-size", "single"],
    );
    let bgzip = Corpus::make(folder.path(), "bgzip.gz", &["--size", &size, "--codec", "bgzip"]);
    let plain = Corpus::make(folder.path(), "plain", &["--size", &size, "--codec", "none"]);
    println!("{size} of process events, {PAIRS} pairs; CPU is user + system seconds; hunts on all cores");
    println!(
        "{:<24} {:>10} {:>10} {:>9} {:>9} {:>9}",
        "corpus", "floor CPU", "hunt CPU", "x floor", "wall s", "peak MiB"
    );
    compare("zstd, 4 MiB frames", &many, || assert!(decode::decode(&many.path) > 0));
    compare("zstd, one frame", &single, || run("zstd", &["-dc"], &single.path));
    compare("gzip, one member", &gzip, || run("gzip", &["-dc"], &gzip.path));
    compare("bgzip", &bgzip, || run("gzip", &["-dc"], &bgzip.path));
    compare("plain", &plain, || run("cat", &[], &plain.path));
    peers(&many);
}

/// Runs floor and hunt in turn and prints one row.
fn compare(name: &str, corpus: &Corpus, floor: impl Fn()) {
    let (mut floors, mut hunts, mut ratios, mut walls) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    hunt(corpus);
    for _ in 0..PAIRS {
        let below = usage::of(&floor);
        let (whole, wall) = timed(|| hunt(corpus));
        ratios.push(whole.cpu / below.cpu);
        floors.push(below.cpu);
        hunts.push(whole.cpu);
        walls.push(wall);
    }
    let (below, whole, ratio, wall) = (median(floors), median(hunts), median(ratios), median(walls));
    println!("{name:<24} {below:>10.3} {whole:>10.3} {ratio:>9.2} {wall:>9.3} {:>9.1}", corpus.peak_mib());
}

/// The shell line that a hunt must beat, where its tools are at hand.
fn peers(corpus: &Corpus) {
    let line = format!("zstd -dc '{}' | rg -i -F ScreenConnect.Service.exe", corpus.path.display());
    let is_there = |tool: &str| Command::new(tool).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !is_there("zstd") || !is_there("rg") {
        println!("zstd -dc | rg -i: not measured, the tools are not installed");
        return;
    }
    let shell = || {
        let status = Command::new("sh").args(["-c", &line]).stdout(Stdio::null()).status().expect("sh runs");
        assert!(status.success(), "the shell line finds the planted events too");
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        theirs.push(timed(shell).1);
        ours.push(timed(|| hunt(corpus)).1);
    }
    println!("wall: hunt {:.3} s, zstd -dc | rg -i {:.3} s", median(ours), median(theirs));
}

fn hunt(corpus: &Corpus) {
    let output = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(["hunt", "--progress", "never", "-f", "jsonl"])
        .arg(&corpus.path)
        .stderr(Stdio::null())
        .output()
        .expect("coldtrail runs");
    assert_eq!(output.status.code(), Some(0), "the corpus is read to its end");
    let found = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    assert_eq!(found, corpus.expected, "the {HITS} planted hits, and those of the companion rule");
}

fn run(tool: &str, args: &[&str], path: &Path) {
    let status =
        Command::new(tool).args(args).arg(path).stdout(Stdio::null()).status().expect("the tool runs");
    assert!(status.success(), "{tool} reads the corpus");
}

fn timed(work: impl Fn()) -> (Usage, f64) {
    let start = Instant::now();
    let usage = usage::of(work);
    (usage, start.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
