use std::os::unix::fs::{PermissionsExt, symlink};

use super::super::samples::{Sample, hits};
use super::*;

/// A folder with `evidence/` (holding `a.json`) and an empty `out/`.
fn scene() -> tempfile::TempDir {
    let scene = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(scene.path().join("evidence/sub")).expect("a folder");
    fs::create_dir(scene.path().join("out")).expect("a folder");
    fs::write(scene.path().join("evidence/a.json"), "{}").expect("a file");
    scene
}

fn listing(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn all_files_are_written_whole_and_private() {
    let scene = scene();
    let dir = scene.path().join("new/case");
    let folder = CaseFolder::check(&dir, &[scene.path().join("evidence")], Existing::Keep).expect("allowed");
    assert!(!dir.exists(), "the check writes nothing");
    folder.write(&Sample::new(hits()).report()).expect("written");
    let mut expected: Vec<_> = names().collect();
    expected.sort_unstable();
    assert_eq!(listing(&dir), expected);
    for name in expected {
        let mode = fs::metadata(dir.join(name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let hits = fs::read_to_string(dir.join("hits.jsonl")).expect("text");
    assert_eq!(hits.lines().count(), 3);
    let untimed = fs::read_to_string(dir.join("timesketch.untimed.jsonl")).expect("text");
    assert_eq!(untimed.lines().count(), 1);
}

#[test]
fn an_older_report_stays_unless_it_may_be_replaced() {
    let scene = scene();
    let dir = scene.path().join("out");
    let nothing: [&Path; 0] = [];
    let early = CaseFolder::check(&dir, &nothing, Existing::Keep).expect("allowed");
    fs::write(dir.join("hits.csv"), "old").expect("a file");
    let report = Sample::new(hits());
    assert!(matches!(CaseFolder::check(&dir, &nothing, Existing::Keep), Err(CaseError::Exists(_))));
    assert!(matches!(early.write(&report.report()), Err(CaseError::Exists(_))));
    assert_eq!(fs::read_to_string(dir.join("hits.csv")).expect("text"), "old");
    let folder = CaseFolder::check(&dir, &nothing, Existing::Replace).expect("allowed");
    folder.write(&report.report()).expect("written");
    assert_ne!(fs::read_to_string(dir.join("hits.csv")).expect("text"), "old");
}

#[test]
fn no_report_goes_into_the_evidence_by_any_road() {
    let scene = scene();
    let at = |path: &str| scene.path().join(path);
    symlink(at("evidence/sub"), at("road")).expect("a link");
    symlink(at("evidence"), at("alias")).expect("a link");
    symlink(at("nowhere"), at("dangling")).expect("a link");
    fs::write(at("out/hits.csv"), "evidence, in fact").expect("a file");
    for (dir, evidence, refused) in [
        ("evidence", "evidence", true),
        ("evidence/new/case", "evidence", true),
        ("road/new", "evidence", true),
        ("out/../evidence/new", "evidence", true),
        ("missing/../evidence/new", "evidence", true),
        ("evidence/new", "alias", true),
        ("evidence/a.json", "evidence/a.json", true),
        ("out", "out/hits.csv", true),
        ("evidence-2", "evidence", false),
        ("out/case", "evidence", false),
        ("evidence/new", "evidence/a.json", false),
        ("out/case", "missing", false),
        ("missing/case", "missing", true),
        ("missing/case", "out/../missing", true),
        ("out/case", "evidence/a.json/no/folder", false),
    ] {
        let checked = CaseFolder::check(&at(dir), &[at(evidence)], Existing::Replace);
        match checked {
            Err(CaseError::InsideEvidence { .. }) => assert!(refused, "{dir} {evidence}"),
            other => assert!(!refused && other.is_ok(), "{dir} {evidence}: {other:?}"),
        }
    }
    let none: [&Path; 0] = [];
    let refusal = CaseFolder::check(&at("dangling/x"), &none, Existing::Keep).expect_err("a dangling link");
    assert!(matches!(refusal, CaseError::Unresolved { .. }) && refusal.is_refusal());
    let refusal = CaseFolder::check(&at("evidence/a.json"), &none, Existing::Keep).expect_err("a file");
    assert!(matches!(refusal, CaseError::NotAFolder(_)));
}

#[test]
fn a_failed_write_names_the_file_and_leaves_nothing() {
    let scene = scene();
    let dir = scene.path().join("out");
    fs::create_dir(dir.join("hits.jsonl")).expect("a folder in the way");
    let none: [&Path; 0] = [];
    let folder = CaseFolder::check(&dir, &none, Existing::Replace).expect("allowed");
    let error = folder.write(&Sample::new(hits()).report()).expect_err("a folder is in the way");
    assert!(matches!(&error, CaseError::Write { path, .. } if path.ends_with("hits.jsonl")), "{error}");
    assert!(!error.is_refusal());
    assert!(listing(&dir).iter().all(|name| !name.starts_with('.')), "no temporary file is left");
}
