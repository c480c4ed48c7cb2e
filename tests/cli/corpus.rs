//! Every case of corpus/: the hits, the exit code, the gaps by reason, the flags; on one thread and on eight.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{assert_balanced, coldtrail, hunt_jsonl, id};

/// The folders below `folder` that hold a case.
fn cases(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("expected.json").exists() {
        found.push(folder.to_owned());
        return;
    }
    let entries = std::fs::read_dir(folder).expect("corpus/ is there");
    let folders = entries.map(|entry| entry.expect("it can be listed").path()).filter(|path| path.is_dir());
    folders.for_each(|folder| cases(&folder, found));
}

fn ledger(evidence: &Path) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let case = folder.path().join("case");
    coldtrail().arg("hunt").arg("-o").arg(&case).arg(evidence).output().expect("coldtrail runs");
    let text = std::fs::read_to_string(case.join("ledger.json")).expect("a ledger");
    serde_json::from_str(&text).expect("the ledger is JSON")
}

fn gaps(ledger: &Value) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    let sources = ledger["sources"].as_array().expect("sources");
    for gap in sources.iter().flat_map(|source| source["gaps"].as_array().expect("gaps")) {
        *counts.entry(gap["reason"].as_str().expect("a reason").to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn every_case_of_the_corpus_is_as_expected() {
    let mut found = Vec::new();
    cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"), &mut found);
    assert!(found.len() > 20, "{found:?}");
    for case in found {
        let name = case.display();
        let text = std::fs::read_to_string(case.join("expected.json")).expect("it is a case");
        let expected: Value = serde_json::from_str(&text).expect("JSON");
        let evidence = case.join("evidence");
        let alone = hunt_jsonl(&evidence, &["-j1"]);
        let many = hunt_jsonl(&evidence, &["-j8", "--chunk-size", "4KiB", "--no-prefilter"]);
        assert_eq!(alone.stdout, many.stdout, "{name}");
        assert_eq!(alone.exit.map(Value::from), Some(expected["exit"].clone()), "{name}\n{}", alone.stderr);
        assert_eq!(serde_json::json!(alone.ids()), expected["hits"], "{name}\n{}", alone.stderr);
        for alert in alone.alerts() {
            let flags = &expected["flags"][id(&alert)];
            if !flags.is_null() {
                assert_eq!(alert["coldtrail"]["flags"], *flags, "{name}: {alert}");
            }
        }
        let ledger = ledger(&evidence);
        assert_balanced(&ledger);
        assert_eq!(serde_json::json!(gaps(&ledger)), expected["gaps"], "{name}: {ledger:#}");
    }
}
