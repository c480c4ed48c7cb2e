//! The bench measures, prints, and leaves nothing behind. How fast anything is, no test asks.

use serde_json::Value;

use crate::support::{Evidence, Hunt, coldtrail};

fn bench(temporary: &Evidence, args: &[&str]) -> Hunt {
    let mut command = coldtrail();
    command.args(["bench", "--runs", "1", "-j2"]).args(args).env("TMPDIR", temporary.path());
    Hunt::of(command.output().expect("coldtrail runs"))
}

fn names(folder: &Evidence) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn it_makes_a_corpus_measures_every_stage_and_deletes_it() {
    let temporary = Evidence::new();
    let page = bench(&temporary, &["--size", "6MiB", "--for", "2TB"]).expect_exit(0).text();
    for row in [
        "read, cold cache",
        "read, warm cache",
        "bare decompression",
        "+ prefilter",
        "+ parse of candidates",
        "+ evaluation",
        "whole hunt",
        "whole hunt, cold cache",
        "<- the limit",
        "64 cores",
        "2.00 TB on disk",
        "2.00 TB decoded",
    ] {
        assert!(page.contains(row), "{row}\n{page}");
    }
    assert_eq!(names(&temporary), Vec::<String>::new());
}

#[test]
fn its_json_tells_machine_build_and_every_row() {
    let temporary = Evidence::new();
    let text = bench(&temporary, &["--size", "6MiB", "--json"]).expect_exit(0).text();
    let all: Value = serde_json::from_str(&text).unwrap();
    let measured = &all["measured"];
    assert_eq!(measured["machine"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(measured["machine"]["executable"].as_str().unwrap().len(), 64);
    assert_eq!(measured["volume"]["decoded"], 6 << 20);
    assert_eq!(measured["volume"]["pieces"], 2);
    // 16 of the seed's rule and those of its companion.
    assert!(measured["volume"]["hits"].as_u64().unwrap() >= 16);
    assert!(measured["volume"]["candidates"].as_u64() >= measured["volume"]["hits"].as_u64());
    let rows: Vec<(String, u64)> = measured["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["stage"].as_str().unwrap().to_owned(), row["threads"].as_u64().unwrap()))
        .collect();
    let stages = ["decode", "prefilter", "parse", "evaluate", "hunt"];
    let expected = [1, 2].map(|threads| stages.map(|stage| (stage.to_owned(), threads))).concat();
    assert_eq!(rows, expected);
    for number in [&measured["disk"]["cold"]["wall"], &all["forecast"]["seconds_on_disk"]] {
        assert!(number.as_f64().unwrap() > 0.0, "{all:#}");
    }
}

#[test]
fn evidence_is_measured_and_left_as_it_is() {
    let (evidence, temporary) = (Evidence::new(), Evidence::new());
    for (name, codec) in [("a", "zstd"), ("b", "gzip"), ("c", "none")] {
        evidence.synth(name, &["--size", "1MiB", "--codec", codec, "--frame-size", "single"]);
    }
    let state = |name: &str| {
        let path = evidence.path().join(name);
        (std::fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap())
    };
    let before = ["a", "b", "c"].map(state);
    let text = bench(&temporary, &["--json", evidence.path().to_str().unwrap()]).expect_exit(0).text();
    let all: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(all["measured"]["volume"]["files"], 3);
    assert_eq!(all["measured"]["volume"]["decoded"], 3 << 20);
    assert_eq!(["a", "b", "c"].map(state), before);
    assert_eq!(names(&evidence).len(), 3);
    assert_eq!(names(&temporary), Vec::<String>::new());
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let temporary = Evidence::new();
    for (args, why) in [
        (&["-"][..], "standard input"),
        (&["/nonexistent/evidence"], "/nonexistent/evidence"),
        (&[temporary.path().to_str().unwrap()], "no bytes"),
        (&["--size", "1"], "at least"),
    ] {
        let refused = bench(&temporary, args).expect_exit(2);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
}
