//! The hunt with its prefilter, the hunt without, and a slow, obvious evaluator must agree on every record, in
//! five JSON spellings: random queries over random records; and the bundled rules and those of the corpus over
//! records that satisfy them, and records that nearly do.

mod condition;
mod draw;
mod guess;
mod lucene;
mod number;
mod patterns;
mod queries;
mod spelling;
mod term;
mod test;
mod translate;
mod value;
mod wildcard;
mod witness;

use std::cell::Cell;
use std::fs;
use std::path::Path;

use coldtrail::eql;
use coldtrail::evidence;
use coldtrail::hunt::{Cancel, Engine, Filtering, Meter, Options, hunt};
use coldtrail::rule::{Rule, RuleSet};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use condition::Condition;
use queries::cases;
use term::Term;
use test::Test;
use value::Scalar;

/// Texts that records hold and queries ask for: cases, separators, what JSON escapes, what is not ASCII, numbers.
pub(crate) const WORDS: [&str; 14] = [
    "cmd.exe",
    "Cmd.Exe",
    "powershell.exe",
    "C:\\Windows\\cmd.exe",
    "/usr/bin/sh",
    "say \"hi\" <&'+>",
    "k\u{e9}y.EXE",
    "4688",
    "0x1f",
    "-2.5",
    "tab\there",
    "",
    "rundll32.exe",
    "ScreenConnect.Service.exe",
];

/// Fields of text of every kind: copied, derived, and one that is no ECS.
pub(crate) const FIELDS: [&str; 5] =
    ["process.name", "process.command_line", "event.type", "file.path", "odd.field"];

/// Fields of numbers: whole, with fractions, and of no known type.
pub(crate) const NUMBERS: [&str; 4] = ["process.pid", "file.size", "host.risk.static_score", "odd.count"];

/// Addresses, some of them the same in other spellings; the first is none.
pub(crate) const ADDRESSES: [&str; 8] = [
    "nowhere",
    "10.1.2.3",
    "::ffff:10.1.2.3",
    "10.255.0.1",
    "192.168.7.9",
    "::1",
    "0:0:0:0:0:0:0:1",
    "FD00::A",
];

/// Blocks, with and without bits behind their length.
pub(crate) const BLOCKS: [&str; 6] =
    ["10.6.48.157/8", "192.168.7.9/32", "0.0.0.0/0", "fd00::/8", "::1/128", "::/0"];

/// So many random queries are asked at least.
const CASES: u32 = 400;

/// So many records satisfy each filter of a rule, by their making.
const RECORDS: usize = 100;

/// So many nearly do, made of each.
const NEAR: usize = 3;

/// The numbers of the lines that a hunt with the rule finds.
fn found(folder: &Path, rule: Rule, filtering: Filtering) -> Vec<u64> {
    let (set, _) = RuleSet::new(vec![rule]);
    let engine =
        Engine::new(&set, &eql::Options::default(), filtering).unwrap_or_else(|bad| panic!("{bad:?}"));
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

/// Asserts that the hunts find those records, in every spelling, for which the rule's condition holds.
fn assert_agreement(rule: &Rule, condition: &Condition, records: &[Value]) {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut text, mut expected, mut line) = (Vec::new(), Vec::new(), 0);
    for record in records {
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
    for filtering in [Filtering::Prefilter, Filtering::ParseEverything] {
        let found = found(folder.path(), rule.clone(), filtering);
        let mut lines = (0..).zip(text.split(|byte| *byte == b'\n'));
        let odd = lines.find(|(line, _)| found.contains(line) != expected.contains(line));
        let odd = odd.map(|(_, text)| String::from_utf8_lossy(text));
        assert_eq!(odd, None, "{filtering:?}, {condition}");
    }
}

/// `PROPTEST_CASES` asks for more cases.
#[test]
fn prefilter_on_off_and_the_obvious_evaluator_agree() {
    let mut config = ProptestConfig::default();
    config.cases = config.cases.max(CASES);
    let (judged, held) = (Cell::new(0), Cell::new(0));
    let agreement = TestRunner::new(config).run(&cases(), |(condition, records)| {
        judged.set(judged.get() + records.len());
        held.set(held.get() + records.iter().filter(|record| condition.holds(record)).count());
        assert_agreement(&Rule::from_query(&format!("any where {condition}")), &condition, &records);
        Ok(())
    });
    agreement.unwrap_or_else(|odd| panic!("{odd}"));
    // Both answers are asked for often.
    assert!((judged.get() / 5..judged.get() * 4 / 5).contains(&held.get()), "{held:?} of {judged:?} hold");
}

/// The rules that come with the program, and those of the corpus.
fn rules() -> Vec<Rule> {
    let (corpus, errors) = RuleSet::load(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/rules")]);
    assert!(errors.is_empty() && corpus.rules.len() >= 4, "{errors:?}");
    RuleSet::bundled().rules.into_iter().chain(corpus.rules).collect()
}

/// Each item of a sequence or sample is asked as a rule of its own.
#[test]
fn what_satisfies_a_rule_is_found_in_every_spelling_and_what_nearly_does_is_judged_alike() {
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    for rule in rules() {
        let query = eql::parse(rule.eql().expect("an EQL rule")).expect("a sound rule");
        for filter in translate::filters(&query) {
            let condition = translate::condition(filter);
            let item = Rule { query: Some(filter.to_string()), ..rule.clone() };
            let mut records = Vec::new();
            for _ in 0..RECORDS {
                let record = witness::satisfying(&condition, &mut rng);
                records.extend((0..NEAR).map(|_| witness::spoiled(&record, &mut rng)));
                records.push(record);
            }
            let missed = records.iter().filter(|record| !condition.holds(record)).count();
            assert!(missed > RECORDS / 4, "{}: only {missed} near misses", rule.name);
            assert_agreement(&item, &condition, &records);
        }
    }
}

/// Makes sure that conditions print as they are meant.
#[test]
fn conditions_print_as_eql() {
    let field = Term::Field("process.name".to_owned());
    let leaf = Condition::Is(field, Test::Equal(Scalar::Text("a \"b\"\\".to_owned())));
    assert_eq!(leaf.to_string(), r#"process.name == "a \"b\"\\""#);
}
