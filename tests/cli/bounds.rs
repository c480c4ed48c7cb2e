//! Memory and time stay bounded, whatever the evidence.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Evidence, coldtrail, dull, hit, hunt_jsonl};

/// What eight workers take besides what `--memory` bounds, in MiB; docs/trust.md says what for.
const CONSTANT: u64 = 192;

/// Hunts while watching the process's peak memory, in MiB.
fn peak_mib(evidence: &Evidence) -> u64 {
    peak_of(evidence, &["-j2"])
}

/// Hunts with eight workers and the least budget: peak memory must stay within it and the constant.
#[track_caller]
fn assert_bounded(evidence: &Evidence) {
    let peak = peak_of(evidence, &["-j8", "--memory", "64MiB"]);
    assert!(peak < 64 + CONSTANT, "{peak} MiB");
}

fn peak_of(evidence: &Evidence, options: &[&str]) -> u64 {
    let mut child = coldtrail()
        .args(["hunt", "--progress", "never", "-f", "jsonl"])
        .args(options)
        .arg(evidence.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("coldtrail runs");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("the child is ours").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) / 1024);
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}

#[test]
fn a_record_over_the_limit_is_a_gap_and_the_next_is_read() {
    let evidence = Evidence::new();
    let long =
        [b"{\"x\":\"".to_vec(), vec![b'a'; 70 << 20], b"\"}\n".to_vec(), hit("after").into_bytes()].concat();
    evidence.file("log.zst", &zstd::encode_all(long.as_slice(), 1).unwrap());
    let hunt = hunt_jsonl(evidence.path(), &[]).expect_exit(3);
    assert_eq!(hunt.ids(), ["after"]);
    assert!(hunt.stderr.contains("record_too_long"), "{}", hunt.stderr);
}

#[test]
fn a_bomb_does_not_fill_memory_and_its_neighbours_are_read() {
    let evidence = Evidence::new();
    let zeros = std::io::Read::take(std::io::repeat(0), 1 << 30);
    let once = zstd::encode_all(zeros, 1).unwrap();
    evidence.file("bomb.zst.zst", &zstd::encode_all(once.as_slice(), 1).unwrap());
    evidence.file("sound.ndjson", hit("sound").as_bytes());
    assert_eq!(hunt_jsonl(evidence.path(), &[]).expect_exit(3).ids(), ["sound"]);
    let peak = peak_mib(&evidence);
    assert!(peak < 160, "{peak} MiB");
}

#[test]
fn peak_memory_does_not_grow_with_the_archive() {
    let evidence = Evidence::new();
    evidence.synth("log.zst", &["--size", "200MiB", "--frame-size", "4MiB"]);
    let peak = peak_mib(&evidence);
    assert!(peak < 128, "{peak} MiB");
}

/// Small frames end within pages: what a unit and its neighbours share must be let go of, too.
#[test]
fn peak_memory_does_not_grow_with_the_number_of_units() {
    let peak = |size: &str| {
        let evidence = Evidence::new();
        evidence.synth("log.zst", &["--size", size, "--frame-size", "64KiB"]);
        peak_of(&evidence, &["-j2", "--chunk-size", "64KiB"])
    };
    let (small, large) = (peak("16MiB"), peak("256MiB"));
    assert!(large <= small + 4, "{small} MiB, then {large} MiB");
}

#[test]
fn peak_memory_does_not_grow_with_a_file_that_is_digested() {
    let evidence = Evidence::new();
    evidence.synth("log", &["--size", "200MiB", "--codec", "none"]);
    let peak = peak_of(&evidence, &["-j2", "--hash", "sha256", "--hash", "blake3"]);
    assert!(peak < 128, "{peak} MiB");
}

#[test]
fn hostile_json_costs_bounded_time() {
    let evidence = Evidence::new();
    let deep = |open: &str, close: &str| {
        format!("{{\"ScreenConnect.Service.exe\":{}{}}}", open.repeat(1_000_000), close.repeat(1_000_000))
    };
    let keys: String = (0..200_000).map(|key| format!("\"k{key}\":1,")).collect();
    let hit = hit("last");
    let records = [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        deep("[", "}"),
        format!("{{{keys}{}", &hit[1..]),
        hit.replace("last", "second"),
    ];
    evidence.file("log", records.join("\n").as_bytes());
    let start = Instant::now();
    assert_eq!(hunt_jsonl(evidence.path(), &[]).ids(), ["last", "second"]);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

/// A zstd frame as RFC 8878 has it: this window descriptor, and one raw block.
fn raw_frame(window: u8, content: &[u8]) -> Vec<u8> {
    let block = u32::try_from(content.len()).unwrap() << 3 | 1;
    [&[0x28, 0xb5, 0x2f, 0xfd, 0, window], &block.to_le_bytes()[..3], content].concat()
}

fn xz(bytes: &[u8], preset: u32) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), preset);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_window_is_read_if_the_budget_allows_it_and_else_is_a_gap_that_names_the_option() {
    let evidence = Evidence::new();
    let hit = hit("behind");
    // 2 GiB, and with its block on top what the preset 9 of xz asks for: 64 MiB.
    let frames = [raw_frame(21 << 3, hit.as_bytes()), xz(hit.as_bytes(), 9)];
    for (frame, memory) in frames.iter().zip(["8GiB", "256MiB"]) {
        evidence.file("frame", frame);
        let refused = hunt_jsonl(evidence.path(), &["--memory", "64MiB"]).expect_exit(3);
        let says = refused.stderr.contains("window_too_large") && refused.stderr.contains("--memory");
        // A raw block can be read as it lies.
        let is_unverified = |alert: &Value| alert["coldtrail"]["flags"].to_string().contains("unverified");
        assert!(says && refused.alerts().iter().all(is_unverified), "{}", refused.stderr);
        assert_eq!(hunt_jsonl(evidence.path(), &["--memory", memory]).expect_exit(0).ids(), ["behind"]);
        assert_bounded(&evidence);
    }
    // What a header can claim at most, 3.75 TiB, is more than libzstd takes.
    evidence.file("frame", &[raw_frame(0xff, dull("x").as_bytes()), raw_frame(0, hit.as_bytes())].concat());
    for memory in ["64MiB", "8TiB"] {
        let refused = hunt_jsonl(evidence.path(), &["--memory", memory]).expect_exit(3);
        assert_eq!(refused.ids(), ["behind"], "the next frame is read");
        assert!(refused.stderr.contains("window_too_large"), "{}", refused.stderr);
    }
}

#[test]
fn windows_that_do_not_fit_together_wait_for_one_another() {
    let evidence = Evidence::new();
    let names: Vec<String> = (0..12).map(|number| format!("hit-{number:02}")).collect();
    for name in &names {
        // 8 MiB in 16 MiB, twelve times, where 20 MiB may be taken.
        let inner = raw_frame(13 << 3, hit(name).as_bytes());
        evidence.file(format!("{name}.zst.zst"), &raw_frame(12 << 3, &inner));
        evidence.file(format!("{name}.xz"), &xz(hit(name).as_bytes(), 6));
    }
    let hunts = ["-j1", "-j8"].map(|threads| hunt_jsonl(evidence.path(), &[threads, "--memory", "64MiB"]));
    assert_eq!(hunts[0].stdout, hunts[1].stdout);
    assert_eq!(hunts[1].exit, hunts[0].exit);
    let fitting = hunt_jsonl(evidence.path(), &["-j8", "--memory", "80MiB"]).expect_exit(0);
    assert_eq!(fitting.ids().len(), 24);
}

#[test]
fn bombs_side_by_side_share_the_budget() {
    let evidence = Evidence::new();
    let once = zstd::encode_all(std::io::Read::take(std::io::repeat(b'a'), 160 << 20), 1).unwrap();
    for number in 0..8 {
        evidence.file(format!("{number}.zst.zst"), &zstd::encode_all(once.as_slice(), 1).unwrap());
    }
    assert_bounded(&evidence);
}

#[test]
fn large_records_side_by_side_share_the_budget() {
    let evidence = Evidence::new();
    for number in 0..6 {
        let long = format!("[{{\"x\":\"{}\"}},{}]", "a".repeat(40 << 20), hit(&format!("{number}")));
        evidence.file(format!("{number}.json.zst"), &zstd::encode_all(long.as_bytes(), 1).unwrap());
    }
    let hunt = hunt_jsonl(evidence.path(), &["-j8", "--memory", "64MiB"]).expect_exit(0);
    assert_eq!(hunt.ids(), ["0", "1", "2", "3", "4", "5"]);
    assert_bounded(&evidence);
}

#[test]
fn a_line_of_half_a_gibibyte_is_a_gap_and_memory_stays_bounded() {
    let evidence = Evidence::new();
    let line = std::io::Read::take(std::io::repeat(b'a'), 512 << 20);
    let after = format!("\n{}", hit("after"));
    let both = std::io::Read::chain(line, after.as_bytes());
    evidence.file("log.zst", &zstd::encode_all(both, 1).unwrap());
    assert_eq!(hunt_jsonl(evidence.path(), &[]).expect_exit(3).ids(), ["after"]);
    assert_bounded(&evidence);
}

#[test]
fn records_deep_and_hits_without_number_stay_within_the_budget() {
    let deep =
        hit("deep").replacen('{', &format!("{{\"x\":{}{},", "[".repeat(1_000_000), "]".repeat(1_000_000)), 1);
    let many: String = (0..100_000).map(|number| hit(&format!("{number}")) + "\n").collect();
    for log in [deep, many] {
        let evidence = Evidence::new();
        evidence.file("log.zst", &zstd::encode_all(log.as_bytes(), 1).unwrap());
        assert_bounded(&evidence);
    }
}

#[test]
fn archives_in_archives_end_at_the_depth_limit() {
    let evidence = Evidence::new();
    let nested = (0..12).fold(hit("deep").into_bytes(), |inner, _| gzip(&inner));
    evidence.file("log.gz", &nested);
    let start = Instant::now();
    let hunt = hunt_jsonl(evidence.path(), &[]).expect_exit(3);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(hunt.stderr.contains("nested_too_deep"), "{}", hunt.stderr);
}

/// A hit of a million keys, about 12 MiB.
fn wide(id: &str) -> String {
    let keys: String = (0..1_000_000).map(|key| format!("\"k{key}\":1,")).collect();
    format!("{{{keys}{}\n", &hit(id)[1..])
}

/// What is made of a record while it is read and reported is no part of the budget: docs/trust.md tells the factor.
#[test]
fn hits_of_a_million_keys_cost_a_small_multiple_of_one_record_however_many_there_are() {
    let evidence = Evidence::new();
    let mut log = zstd::Encoder::new(Vec::new(), 1).unwrap();
    for number in 0..6 {
        log.write_all(wide(&format!("{number}")).as_bytes()).unwrap();
    }
    evidence.file("log.zst", &log.finish().unwrap());
    for (threads, memory) in [("-j2", "64MiB"), ("-j2", "256MiB"), ("-j8", "64MiB")] {
        let case = tempfile::tempdir().unwrap();
        let folder = case.path().join("case");
        let peak = peak_of(&evidence, &[threads, "--memory", memory, "-o", folder.to_str().unwrap()]);
        let record = wide("0").len() as u64 >> 20;
        let budget: u64 = memory.trim_end_matches("MiB").parse().unwrap();
        let hits = std::fs::read_to_string(folder.join("hits.jsonl")).unwrap();
        assert_eq!(hits.lines().count(), 6);
        assert!(peak < budget + CONSTANT + 5 * record, "{threads} {memory}: {peak} MiB");
    }
}
