//! Threads, chunk sizes, the prefilter and the codec never change what is found.

use crate::support::{Evidence, hunt_jsonl, hunt_stdin};

const SIZE: [&str; 6] = ["--size", "6MiB", "--hits", "12", "--near-misses", "40"];

#[test]
fn one_output_for_any_threads_chunks_and_prefilter() {
    for codec in
        [&["--codec", "zstd", "--frame-size", "100KiB"][..], &["--codec", "bgzip"], &["--codec", "none"]]
    {
        let evidence = Evidence::new();
        let (path, ids) = evidence.synth("corpus", &[&SIZE[..], codec].concat());
        let reference = hunt_jsonl(&path, &["-j1"]).expect_exit(0);
        assert_eq!(reference.ids(), ids);
        for options in [
            &["-j2"][..],
            &["-j7"],
            &["--no-prefilter"],
            &["-j3", "--chunk-size", "4KiB"],
            &["--chunk-size", "64KiB"],
            &["--chunk-size", "64MiB"],
        ] {
            let other = hunt_jsonl(&path, options).expect_exit(0);
            assert!(other.stdout == reference.stdout, "{codec:?} {options:?}");
        }
    }
}

#[test]
fn every_codec_and_standard_input_hold_the_same_hits() {
    let evidence = Evidence::new();
    for (name, options) in [
        ("many", &["--frame-size", "1MiB"][..]),
        ("single", &["--frame-size", "single"]),
        ("gzip", &["--codec", "gzip", "--frame-size", "single"]),
        ("members", &["--codec", "gzip", "--frame-size", "1MiB"]),
        ("plain", &["--codec", "none"]),
    ] {
        let (path, ids) = evidence.synth(name, &[&SIZE[..], options].concat());
        assert_eq!(hunt_jsonl(&path, &[]).expect_exit(0).ids(), ids, "{name}");
        let bytes = std::fs::read(&path).expect("it was just written");
        assert_eq!(hunt_stdin(&bytes).expect_exit(0).ids(), ids, "{name} through standard input");
    }
}
