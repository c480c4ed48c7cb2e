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

/// It is large enough that idle workers decode ahead in it.
#[test]
fn a_gzip_member_reads_alike_whoever_decodes_it_whole_damaged_or_cut_short() {
    let whole = {
        let evidence = Evidence::new();
        let size = ["--size", "24MiB", "--hits", "30", "--codec", "gzip", "--frame-size", "single"];
        std::fs::read(evidence.synth("corpus", &size).0).expect("it was just written")
    };
    let middle = whole.len() * 2 / 3;
    let mut damaged = whole.clone();
    damaged[middle..middle + 64].fill(0xff);
    for (bytes, exit) in [(&whole[..], 0), (&damaged, 3), (&whole[..middle], 3)] {
        let evidence = Evidence::new();
        let path = evidence.file("log.gz", bytes);
        let read = |options: &[&str]| {
            let hunt = hunt_jsonl(&path, options).expect_exit(exit);
            (hunt.ids(), hunt.stdout, evidence.ledger(options)["sources"].clone())
        };
        let reference = read(&["-j1"]);
        for options in
            [&["-j2"][..], &["-j4"], &["-j2", "--chunk-size", "100KiB"], &["--chunk-size", "64MiB"]]
        {
            assert!(read(options) == reference, "{options:?}, exit {exit}");
        }
        assert_eq!(hunt_stdin(bytes).expect_exit(exit).ids(), reference.0, "exit {exit}");
    }
}
