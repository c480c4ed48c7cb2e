//! Random queries over random records, in five JSON spellings: the hunt with its prefilter, the hunt without,
//! and a slow, obvious evaluator must agree on every record.

mod condition;
mod spelling;

use std::fs;
use std::path::Path;

use coldtrail::eql;
use coldtrail::evidence;
use coldtrail::hunt::{Cancel, Engine, Filtering, Meter, Options, hunt};
use coldtrail::rule::{Rule, RuleSet};
use proptest::prelude::*;
use serde_json::{Value, json};

use condition::{Condition, conditions};

/// Values that records hold and queries ask for: cases, separators, what JSON escapes, what is not ASCII.
pub(crate) const WORDS: [&str; 12] = [
    "cmd.exe",
    "Cmd.Exe",
    "powershell.exe",
    "C:\\Windows\\cmd.exe",
    "/usr/bin/sh",
    "say \"hi\" <&'+>",
    "k\u{e9}y.EXE",
    "4688",
    "tab\there",
    "",
    "rundll32.exe",
    "ScreenConnect.Service.exe",
];

/// Fields of every kind: copied, derived, and one that is no ECS.
pub(crate) const FIELDS: [&str; 5] =
    ["process.name", "process.command_line", "event.type", "file.path", "odd.field"];

fn records() -> impl Strategy<Value = Vec<Value>> {
    let word = prop::sample::select(WORDS.to_vec()).prop_map(|word| json!(word));
    let value = prop_oneof![
        6 => word.clone(),
        2 => prop::collection::vec(word, 0..3).prop_map(Value::Array),
        1 => Just(Value::Null),
    ];
    let record = prop::collection::vec(prop::option::weighted(0.7, value), FIELDS.len());
    let record = (record, any::<bool>()).prop_map(|(values, dotted)| {
        let present = FIELDS.iter().zip(values).filter_map(|(field, value)| Some((*field, value?)));
        spelling::document(present, dotted)
    });
    prop::collection::vec(record, 30)
}

/// The numbers of the lines that a hunt with the query finds.
fn found(folder: &Path, query: &str, filtering: Filtering) -> Vec<u64> {
    let (set, _) = RuleSet::new(vec![Rule::from_query(query)]);
    let engine = Engine::new(&set, &eql::Options::default(), filtering)
        .unwrap_or_else(|bad| panic!("{query}: {bad:?}"));
    let options = Options { threads: 1, chunk: 4 << 10, memory: 256 << 20, digests: Vec::new() };
    let walk = evidence::walk(&[folder.to_owned()]);
    let caught =
        hunt(walk, &engine, &options, &Meter::default(), &Cancel::default(), None).expect("threads start");
    assert_eq!(caught.ledger.gaps(), 0, "{:?}", caught.ledger);
    let mut lines = Vec::new();
    let collected = caught.hits.each(&mut |hit| {
        let record: Value = serde_json::from_slice(&hit.members[0].original).expect("the records are sound");
        lines.push(record["line"].as_u64().expect("every record has its line"));
        Ok(())
    });
    collected.expect("nothing was put on disk");
    lines.sort_unstable();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn prefilter_on_off_and_the_obvious_evaluator_agree(condition in conditions(), records in records()) {
        let query = format!("any where {condition}");
        let folder = tempfile::tempdir().expect("a folder");
        let (mut text, mut expected, mut line) = (Vec::new(), Vec::new(), 0);
        for record in &records {
            for spell in spelling::ALL {
                let mut record = record.clone();
                record["line"] = json!(line);
                if condition.holds(&record) {
                    expected.push(line);
                }
                text.extend(spell(&record).into_bytes());
                text.push(b'\n');
                line += 1;
            }
        }
        fs::write(folder.path().join("log"), &text).expect("the folder takes it");
        let on = found(folder.path(), &query, Filtering::Prefilter);
        prop_assert_eq!(&on, &expected, "{}", &query);
        prop_assert_eq!(found(folder.path(), &query, Filtering::ParseEverything), expected, "{}", query);
    }
}

/// Makes sure that conditions print as they are meant.
#[test]
fn conditions_print_as_eql() {
    let leaf = Condition::Equal("process.name", "a \"b\"\\");
    assert_eq!(leaf.to_string(), r#"process.name == "a \"b\"\\""#);
}
