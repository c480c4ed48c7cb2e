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
//! Then each promise is measured as a ratio beside its bar (`bars.rs`), among them the growth to ten times the
//! data. What peers are compared with there must be installed: zstd, rg and jq from Debian, rapidgzip from PyPI.
//!
//! A hunt that does not find exactly the planted hits fails the bench.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod bars;
mod corpus;
mod decode;
mod usage;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use bars::Corpora;
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
    let members = Corpus::make(folder.path(), "members.gz", &["--size", &size, "--codec", "gzip"]);
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
    compare("gzip, 4 MiB members", &members, || run("gzip", &["-dc"], &members.path));
    compare("bgzip", &bgzip, || run("gzip", &["-dc"], &bgzip.path));
    compare("plain", &plain, || run("cat", &[], &plain.path));
    let large = tenfold(&size);
    let tenfold = Corpus::make(folder.path(), "tenfold.zst", &["--size", &large]);
    bars::print(&Corpora { many: &many, tenfold: &tenfold, single: &single, gzip: &gzip, plain: &plain });
}

/// Ten times a size such as `512MiB`.
fn tenfold(size: &str) -> String {
    let digits = size.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(size.len());
    let (number, unit) = size.split_at(digits);
    format!("{}{unit}", 10 * number.parse::<u64>().expect("COLDTRAIL_BENCH_SIZE is whole, as 512MiB"))
}

/// Runs floor and hunt in turn and prints one row.
fn compare(name: &str, corpus: &Corpus, floor: impl Fn()) {
    let (mut floors, mut hunts, mut ratios, mut walls) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    hunt(corpus, &[]);
    for _ in 0..PAIRS {
        let below = usage::of(&floor);
        let (whole, wall) = timed(|| hunt(corpus, &[]));
        ratios.push(whole.cpu / below.cpu);
        floors.push(below.cpu);
        hunts.push(whole.cpu);
        walls.push(wall);
    }
    let (below, whole, ratio, wall) = (median(floors), median(hunts), median(ratios), median(walls));
    println!("{name:<24} {below:>10.3} {whole:>10.3} {ratio:>9.2} {wall:>9.3} {:>9.1}", corpus.peak_mib());
}

fn hunt(corpus: &Corpus, options: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(["hunt", "--progress", "never", "-f", "jsonl"])
        .args(options)
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
