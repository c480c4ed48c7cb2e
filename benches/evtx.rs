//! Event logs without a rule's text: the whole hunt against a parse of everything, in pairs.
//!
//! The chunks of an event log are repeated to a file of 256 MiB. The `evtx` crate, which coldtrail parses with,
//! makes JSON of every record of it on one thread; then coldtrail hunts through it as a process of its own, with
//! its shortcut and without. Printed are medians of CPU seconds, and of the ratios pair by pair.
//!
//!     cargo bench --bench evtx                                  # a log of the corpus
//!     COLDTRAIL_EVIDENCE=security.evtx cargo bench --bench evtx
//!
//! A hunt that does not read everything, or finds anything, fails the bench: the log must hold no rule's text.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

#[path = "floor/usage.rs"]
mod usage;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use evtx::{EvtxParser, ParserSettings};

const PAIRS: usize = 5;
const SIZE: usize = 256 << 20;
const HEADER: usize = 4096;
const CHUNK: usize = 64 << 10;

fn main() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/containers/evtx/evidence/b.evtx");
    let given = std::env::var_os("COLDTRAIL_EVIDENCE").map_or(corpus, PathBuf::from);
    let folder = tempfile::tempdir().expect("a folder for the log");
    let log = folder.path().join("log");
    multiply(&given, &log);
    let records = parse(&log);
    println!("{}: {records} records in {} MiB, {PAIRS} pairs; CPU seconds", given.display(), SIZE >> 20);
    let (mut parses, mut hunts, mut ratios, mut without) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let parsed = usage::of(|| assert_eq!(parse(&log), records)).cpu;
        let hunted = usage::of(|| hunt(&log, &[])).cpu;
        without.push(usage::of(|| hunt(&log, &["--no-prefilter"])).cpu);
        ratios.push(parsed / hunted);
        parses.push(parsed);
        hunts.push(hunted);
    }
    println!("{:<32} {:>8.3}", "evtx, every record to JSON", median(parses));
    println!("{:<32} {:>8.3}", "coldtrail hunt", median(hunts));
    println!("{:<32} {:>8.3}", "coldtrail hunt --no-prefilter", median(without));
    println!("{:<32} {:>8.1}", "a parse costs so many hunts", median(ratios));
}

/// Writes the header of `from` and its chunks, over and over.
fn multiply(from: &Path, to: &Path) {
    let log = std::fs::read(from).expect("the log can be read");
    let chunks: Vec<&[u8]> =
        log[HEADER..].chunks_exact(CHUNK).filter(|chunk| chunk.starts_with(b"ElfChnk\0")).collect();
    let mut whole = log[..HEADER].to_vec();
    chunks.iter().cycle().take(SIZE / CHUNK).for_each(|chunk| whole.extend_from_slice(chunk));
    std::fs::write(to, whole).expect("there is room");
}

/// How many records the `evtx` crate makes JSON of.
fn parse(log: &Path) -> usize {
    let settings = ParserSettings::new().num_threads(1).indent(false);
    let mut parser = EvtxParser::from_path(log).expect("it is a log").with_configuration(settings);
    parser.records_json().filter(Result::is_ok).count()
}

fn hunt(log: &Path, options: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
        .args(["hunt", "--progress", "never", "-f", "jsonl"])
        .args(options)
        .arg(log)
        .stderr(Stdio::null())
        .output()
        .expect("coldtrail runs");
    assert_eq!(output.status.code(), Some(0), "the log is read to its end");
    assert!(output.stdout.is_empty(), "the log holds nothing that matches");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
