//! Memory and time stay bounded, whatever the evidence.

use std::time::{Duration, Instant};

use crate::support::{Evidence, coldtrail, hit, hunt_jsonl};

/// Hunts while watching the process's peak memory, in MiB.
fn peak_mib(evidence: &Evidence) -> u64 {
    let mut child = coldtrail()
        .args(["hunt", "-j2", "--progress", "never"])
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
