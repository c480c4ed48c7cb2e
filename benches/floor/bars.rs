//! What the hunt promises on two cores, each promise as a ratio within one run beside its bar.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::corpus::Corpus;
use super::{decode, hunt, median, usage};

const PAIRS: usize = 7;

/// What one run took.
#[derive(Clone, Copy)]
struct Cost {
    cpu: f64,
    wall: f64,
}

/// The corpora by what they are packed in; `tenfold` is ten times `many`.
pub(super) struct Corpora<'c> {
    pub(super) many: &'c Corpus,
    pub(super) tenfold: &'c Corpus,
    pub(super) single: &'c Corpus,
    pub(super) gzip: &'c Corpus,
    pub(super) plain: &'c Corpus,
}

/// Measures all and prints a row for each.
pub(super) fn print(corpora: &Corpora<'_>) {
    let Corpora { many, tenfold, single, gzip, plain } = *corpora;
    println!("\n{:<70} {:>7} {:>12}", "ratio, medians of pairs; hunts on all cores", "is", "bar");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let here = |options: &'static [&'static str], corpus| move || hunt(corpus, options);
    let floor = || assert!(decode::decode(&many.path) > 0);

    let pair = pairs(here(&["-j1"], many), floor);
    row("1 many frames: CPU of hunt -j1 / of bare decompression", ratio(&pair, cpu), 1.10);
    let pair = pairs(here(&[], many), here(&["-j1"], many));
    row("1 many frames: wall of hunt / of hunt -j1", ratio(&pair, wall), 0.56);
    let filter = "rg -iF ScreenConnect.Service.exe | jq -c 'select(.process.parent.name)'";
    if are_there(&["zstd", "rg", "jq"]) {
        let line = format!("zstd -dc '{}' | {filter}", many.path.display());
        let pair = pairs(here(&[], many), || shell(&line));
        row("1 many frames: wall of hunt / of zstd -dc | rg | jq", ratio(&pair, wall), 0.50);
        row("1 many frames: CPU of hunt / of zstd -dc | rg | jq", ratio(&pair, cpu), 0.50);
        let line = format!("zstd -dc '{}' >/dev/null", single.path.display());
        let pair = pairs(here(&[], single), || shell(&line));
        row("2 one frame: wall of hunt / of zstd -dc", ratio(&pair, wall), 1.05);
    }
    if are_there(&["rapidgzip", "rg", "jq"]) {
        let line = format!("rapidgzip -P2 -dc '{}' | {filter}", gzip.path.display());
        let pair = pairs(here(&[], gzip), || shell(&line));
        row("3 gzip, one member: wall of hunt / of rapidgzip -P2 | rg | jq", ratio(&pair, wall), 0.50);
    }
    if are_there(&["rg"]) {
        let line = format!("rg -iF ScreenConnect.Service.exe '{}'", plain.path.display());
        let pair = pairs(here(&[], plain), || shell(&line));
        row("3 plain: wall of hunt / of rg -iF", ratio(&pair, wall), 1.0);
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of threads")]
    let most = 64.0 + 32.0 * threads as f64;
    row("5 many frames: peak MiB", many.peak_mib(), most);
    row("5 ten times the data: peak / of one", tenfold.peak_mib() / many.peak_mib(), 1.05);
    let pair = pairs(here(&["-j1"], tenfold), here(&["-j1"], many));
    row("7 ten times the data: CPU of hunt -j1 / ten times that of one", ratio(&pair, cpu) / 10.0, 1.05);
    cold(many);
}

/// A hunt whose evidence must come from the disk, which has no bar: it is the disk's.
fn cold(corpus: &Corpus) {
    let run = || {
        forget(&corpus.path);
        hunt(corpus, &[]);
    };
    let costs: Vec<f64> = (0..3).map(|_| cost(run).wall).collect();
    let bytes = std::fs::metadata(&corpus.path).expect("it is there").len();
    #[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
    let mib = bytes as f64 / f64::from(1 << 20);
    let wall = median(costs);
    println!("cold cache: {wall:.3} s for {mib:.0} MiB of evidence, {:.0} MiB/s from the disk", mib / wall);
}

/// Has the kernel drop the pages of a file from its cache.
fn forget(path: &Path) {
    let file = File::open(path).expect("it can be read");
    file.sync_all().expect("it is on the disk");
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).expect("the kernel takes advice");
}

fn row(what: &str, is: f64, bar: f64) {
    let verdict = if is <= bar { "met" } else { "MISSED" };
    println!("{what:<70} {is:>7.2} {:>12}", format!("{bar:.2} {verdict}"));
}

/// Runs both in turn.
fn pairs(one: impl Fn(), other: impl Fn()) -> Vec<(Cost, Cost)> {
    one();
    (0..PAIRS).map(|_| (cost(&one), cost(&other))).collect()
}

fn ratio(pairs: &[(Cost, Cost)], of: fn(Cost) -> f64) -> f64 {
    median(pairs.iter().map(|(one, other)| of(*one) / of(*other)).collect())
}

fn cpu(cost: Cost) -> f64 {
    cost.cpu
}

fn wall(cost: Cost) -> f64 {
    cost.wall
}

fn cost(work: impl Fn()) -> Cost {
    let start = Instant::now();
    let cpu = usage::of(work).cpu;
    Cost { cpu, wall: start.elapsed().as_secs_f64() }
}

fn are_there(tools: &[&str]) -> bool {
    let is_there = |tool: &&str| {
        let run = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        run.is_ok()
    };
    let missing: Vec<&str> = tools.iter().copied().filter(|tool| !is_there(tool)).collect();
    if !missing.is_empty() {
        println!("not measured, not installed: {}", missing.join(", "));
    }
    missing.is_empty()
}

fn shell(line: &str) {
    let status = Command::new("sh").args(["-c", line]).stdout(Stdio::null()).status().expect("sh runs");
    assert!(status.success(), "the shell line reads the corpus: {line}");
}
