//! A case folder is held against the evidence.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Evidence, Hunt, coldtrail, hit};

/// A hunt over two files with three hits, and its case folder.
struct Scene {
    evidence: Evidence,
    folder: TempDir,
}

impl Scene {
    fn new(more: &[&str]) -> Self {
        let evidence = Evidence::new();
        evidence.file("a.ndjson", format!("{}\n{}\n", hit("a1"), hit("a2")).as_bytes());
        evidence.file("b.ndjson", format!("{{}}\n{}\n", hit("b1")).as_bytes());
        let folder = tempfile::tempdir().unwrap();
        let scene = Self { evidence, folder };
        let mut command = coldtrail();
        command.arg("hunt").args(more).arg("-o").arg(scene.case()).arg(scene.evidence.path());
        Hunt::of(command.output().unwrap()).expect_exit(0);
        scene
    }

    fn case(&self) -> PathBuf {
        self.folder.path().join("case")
    }

    fn verify(&self, evidence: &[&Path], exit: i32) -> String {
        let output = coldtrail().arg("verify").arg(self.case()).args(evidence).output().unwrap();
        let verdict = Hunt::of(output).expect_exit(exit);
        format!("{}{}", verdict.text(), verdict.stderr)
    }

    /// Changes a text in a file of the case folder.
    fn change(&self, name: &str, from: &str, to: &str) {
        let path = self.case().join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).unwrap();
    }
}

#[test]
fn a_case_holds_where_it_was_made_and_where_the_evidence_is_now() {
    let scene = Scene::new(&["--hash", "sha256"]);
    let told = scene.verify(&[], 0);
    assert!(told.contains("HOLDS") && told.contains("hits      3 stand, 0 do not; 0 found"), "{told}");
    assert!(told.contains("2 read again: 2 the same by digest"), "{told}");
    // A copy has other times; the digests are the same.
    let copy = tempfile::tempdir().unwrap();
    for name in ["a.ndjson", "b.ndjson"] {
        fs::write(copy.path().join(name), fs::read(scene.evidence.path().join(name)).unwrap()).unwrap();
    }
    assert!(scene.verify(&[copy.path()], 0).contains("3 stand"));
    let wrong = scene.verify(&[copy.path(), copy.path()], 2);
    assert!(wrong.contains("name them in the same order"), "{wrong}");
}

#[test]
fn what_was_altered_in_the_evidence_is_told() {
    let scene = Scene::new(&["--hash", "sha256"]);
    let other = hit("a2").replace("cmd.exe", "CMD.exe");
    scene.evidence.file("a.ndjson", format!("{}\n{other}\n", hit("a1")).as_bytes());
    fs::remove_file(scene.evidence.path().join("b.ndjson")).unwrap();
    let told = scene.verify(&[], 1);
    assert!(told.contains("DOES NOT HOLD"), "{told}");
    assert!(told.contains("hits      1 stand, 2 do not; 1 found"), "{told}");
    assert!(told.contains("a.ndjson: its digest differs"), "{told}");
    assert!(told.contains("b.ndjson: it is not there"), "{told}");
    assert!(told.contains("the evidence does not hold this record there"), "{told}");
    assert!(told.contains("b.ndjson is not there, or cannot be read"), "{told}");
}

#[test]
fn what_was_altered_in_the_report_is_told() {
    let scene = Scene::new(&[]);
    scene.change("hits.jsonl", "\\\"a1\\\"", "\\\"zz\\\"");
    scene.change("hits.csv", "a2", "zz");
    fs::remove_file(scene.case().join("timeline.txt")).unwrap();
    let told = scene.verify(&[], 1);
    assert!(told.contains("files     3 as they were written, 3 not"), "{told}");
    assert!(told.contains("hits.csv: it was altered"), "{told}");
    assert!(told.contains("by size and time"), "{told}");

    // A hit taken out, and one made up.
    let scene = Scene::new(&[]);
    let path = scene.case().join("hits.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let mut alerts: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    alerts[0]["coldtrail"]["events"][0]["location"]["offset"] = 7.into();
    let lines: Vec<String> = alerts[..2].iter().map(Value::to_string).collect();
    fs::write(&path, format!("{}\nno hit\n", lines.join("\n"))).unwrap();
    let told = scene.verify(&[], 1);
    assert!(told.contains("hits      1 stand, 2 do not; 2 found that the report does not have"), "{told}");
    assert!(told.contains("hits.jsonl:1: ") && told.contains("hits.jsonl:3: not a hit"), "{told}");
    assert!(told.contains("it is not in hits.jsonl"), "{told}");
}

#[test]
fn what_is_no_file_in_a_report_is_told_and_not_waited_for() {
    for name in ["hits.jsonl", "hits.csv"] {
        let scene = Scene::new(&[]);
        let path = scene.case().join(name);
        fs::remove_file(&path).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let output = coldtrail().arg("verify").arg(scene.case()).output().unwrap();
        assert!(matches!(output.status.code(), Some(1 | 2)), "{output:?}");
        let said = [output.stdout, output.stderr].concat();
        assert!(
            String::from_utf8_lossy(&said).contains("no regular file"),
            "{}",
            String::from_utf8_lossy(&said)
        );
    }
}

#[test]
fn rules_come_from_the_case() {
    let rule = r#"process where process.name : "cmd.exe" and process.parent.name : "ScreenConnect*""#;
    let scene = Scene::new(&["--query", rule]);
    let told = scene.verify(&[], 0);
    assert!(told.contains("rules     1, with the digest") && told.contains("3 stand"), "{told}");
    scene.change("manifest.json", "ScreenConnect*", "Other*");
    let told = scene.verify(&[], 1);
    assert!(told.contains("NOT with the digest") && told.contains("0 stand, 3 do not"), "{told}");
    assert!(told.contains("the rule does not match the record in the report"), "{told}");
    fs::write(scene.case().join("manifest.json"), "{}").unwrap();
    assert!(scene.verify(&[], 2).contains("the manifest was altered"));
}

/// Every way to place a record: codecs, archives, tables, event logs.
#[test]
fn hits_of_the_whole_corpus_stand() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    Hunt::of(coldtrail().args(["hunt", "-o"]).arg(&case).arg(&corpus).output().unwrap()).expect_exit(3);
    let verdict = Hunt::of(coldtrail().arg("verify").arg(&case).output().unwrap()).expect_exit(0);
    let ledger: Value = serde_json::from_slice(&fs::read(case.join("ledger.json")).unwrap()).unwrap();
    let stand = format!("hits      {} stand, 0 do not; 0 found", ledger["hits"]["total"]);
    assert!(verdict.text().contains(&stand), "{}", verdict.text());
}
