//! Rules from files, and what is said of them.

use crate::support::{Evidence, Hunt, coldtrail, hit, hunt};

const RULE: &str = r#"
[metadata]
maturity = "production"
[rule]
rule_id = "11111111-2222-4333-8444-555555555555"
name = "A shell"
description = "Any shell."
severity = "low"
risk_score = 21
type = "eql"
language = "eql"
tags = ["Domain: Endpoint"]
index = ["logs-endpoint.events.process-*"]
query = '''
process where process.name : "cmd.exe"
'''
"#;

fn rules(args: &[&str]) -> Hunt {
    Hunt::of(coldtrail().arg("rules").args(args).output().unwrap())
}

#[test]
fn rules_are_loaded_from_files_and_folders_and_others_are_named() {
    let (evidence, folder) = (Evidence::new(), Evidence::new());
    evidence.file("log", hit("one").as_bytes());
    folder.file("a.toml", RULE.as_bytes());
    let kuery = RULE.replace("\"eql\"", "\"query\"").replace("11111111", "22222222");
    folder.file("b.toml", kuery.as_bytes());
    folder.file("notes.txt", b"no rule");
    let (log, rules) = (evidence.path().to_str().unwrap(), folder.path().to_str().unwrap());
    let hunt = hunt(["-r", rules, "-f", "jsonl", log]).expect_exit(0);
    assert_eq!(hunt.alerts()[0]["rule"]["name"], "A shell");
    assert!(hunt.stderr.contains("did not run (1)"), "{}", hunt.stderr);
}

#[test]
fn a_bad_rule_is_shown_on_its_own_lines_and_fails_the_run_unless_skipped() {
    let (evidence, folder) = (Evidence::new(), Evidence::new());
    evidence.file("log", hit("one").as_bytes());
    folder.file("good.toml", RULE.as_bytes());
    for (name, text, says) in [
        ("bad-query.toml", RULE.replace("1111", "3333").replace("name :", "name ="), "bad-query.toml:15"),
        ("bad-toml.toml", "[rule\n".to_owned(), "bad-toml.toml:1"),
        ("double.toml", RULE.to_owned(), "good.toml"),
    ] {
        let path = folder.file(name, text.as_bytes());
        let (log, rules) = (evidence.path().to_str().unwrap(), folder.path().to_str().unwrap());
        let refused = hunt(["-r", rules, log]).expect_exit(2);
        assert!(refused.stderr.contains(says), "{name}: {}", refused.stderr);
        let skipped = hunt(["-r", rules, "--skip-bad-rules", "-f", "jsonl", log]).expect_exit(0);
        assert_eq!(skipped.ids(), ["one"]);
        assert!(skipped.stderr.contains("rejected (1)"), "{}", skipped.stderr);
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn rules_are_chosen_by_id_severity_tag_and_index() {
    let evidence = Evidence::new();
    evidence.file("log", hit("one").as_bytes());
    let log = evidence.path().to_str().unwrap();
    for (option, value, exit) in [
        ("--rule-id", "3d00feab-e203-4acc-a463-c3e15b7e9a73", 0),
        ("--rule-id", "nobody", 2),
        ("--severity", "high", 0),
        ("--severity", "critical", 2),
        ("--tag", "os: windows", 0),
        ("--index", "crowdstrike", 0),
        ("--index", "zeek", 2),
    ] {
        hunt([option, value, log]).expect_exit(exit);
    }
}

#[test]
fn list_check_and_explain_tell_what_a_rule_is() {
    let list = rules(&["list"]).expect_exit(0).text();
    assert!(list.contains("3d00feab-e203-4acc-a463-c3e15b7e9a73") && list.contains("strong"), "{list}");
    let explained = rules(&["explain", "renamed"]).expect_exit(0).text();
    for part in ["screenconnect.service.exe", "T1059.001", "process.parent.name"] {
        assert!(explained.contains(part), "{explained}");
    }
    let folder = Evidence::new();
    let rule = RULE.replace("process.name : \"cmd.exe\"", "process.pe.original_file_name == \"cmd.exe\"");
    let path = folder.file("a.toml", rule.as_bytes());
    let checked = rules(&["check", path.to_str().unwrap()]).expect_exit(0);
    assert!(
        checked.stderr.contains("Cmd.Exe") && checked.text().contains("1 rules are sound"),
        "{checked:?}"
    );
}

#[test]
fn a_field_that_no_source_provides_is_pointed_at_in_its_file_and_changes_nothing() {
    let folder = Evidence::new();
    let rule = RULE.replace(
        "process.name : \"cmd.exe\"",
        "process.name : \"cmd.exe\" and process.Ext.token.user : \"s*\" and\n  \
         process.parnet.name : \"w3wp.exe\" and not process.parnet.name : \"x\"",
    );
    let path = folder.file("a.toml", rule.as_bytes());
    let checked = rules(&["check", path.to_str().unwrap()]).expect_exit(0);
    for part in ["a.toml:16:3", "`process.parnet.name`", "did you mean `process.parent.name`?"] {
        assert!(checked.stderr.contains(part), "{part}: {}", checked.stderr);
    }
    assert_eq!(checked.text().trim_end().rsplit("; ").next(), Some("1 warnings"), "{checked:?}");
    let quiet = rules(&["check", "--no-warnings", path.to_str().unwrap()]).expect_exit(0);
    assert!(quiet.stderr.is_empty(), "{}", quiet.stderr);
}

#[test]
fn the_rules_of_the_corpus_and_the_bundled_ones_name_no_unknown_field() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["corpus/rules", "src/rule/bundled"] {
        let checked = rules(&["check", root.join(folder).to_str().unwrap()]).expect_exit(0);
        assert!(!checked.stderr.contains("no source"), "{}", checked.stderr);
    }
}
