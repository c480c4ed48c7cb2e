use std::fs;

use super::*;

const GOOD: &str = r#"
[metadata]
maturity = "production"

[rule]
rule_id = "a"
name = "A"
type = "eql"
severity = "low"
risk_score = 21
from = "now-9m"
query = '''
any where true
'''
"#;

fn read(text: &str) -> Result<Rule, Vec<RuleError>> {
    read::rule(Origin::File("x.toml".into()), text.into())
}

fn messages(text: &str) -> Vec<String> {
    read(text).expect_err("a faulty rule").iter().map(RuleError::to_string).collect()
}

#[test]
fn the_bundled_rules_all_load_and_keep_their_metadata() {
    let set = RuleSet::bundled();
    assert_eq!(set.rules.len(), bundled::FILES.len());
    let seed = &set.rules[0];
    assert_eq!(seed.rule_id, "3d00feab-e203-4acc-a463-c3e15b7e9a73");
    assert_eq!(seed.name, "ScreenConnect Server Spawning Suspicious Processes");
    assert_eq!((seed.severity, seed.risk_score), (Severity::High, 73));
    assert_eq!(seed.index.len(), 9);
    assert_eq!(seed.timestamp_override.as_deref(), Some("event.ingested"));
    assert_eq!(seed.maturity.as_deref(), Some("production"));
    assert!(seed.other.contains_key("from"));
    let mapping: Vec<_> = seed.threat.iter().map(|threat| threat.tactic.id.as_str()).collect();
    assert_eq!(mapping, ["TA0001", "TA0002"]);
    let execution = &seed.threat[1].techniques[0];
    let subtechniques: Vec<_> = execution.subtechniques.iter().map(|sub| sub.id.as_str()).collect();
    assert_eq!((execution.technique.id.as_str(), subtechniques), ("T1059", vec!["T1059.001", "T1059.003"]));
    assert_eq!(set.rules[1].threat, seed.threat);
}

#[test]
fn the_querys_place_in_the_file_is_known_where_it_is_spelled_plainly() {
    let rule = read(GOOD).expect("a good rule");
    let span = rule.source.query.clone().expect("a plain literal");
    assert_eq!(&rule.source.text[span], rule.eql().expect("eql"));
    let excerpt = rule.excerpt(4..9);
    assert_eq!((excerpt.name.as_str(), &excerpt.text[excerpt.span.clone()]), ("x.toml", "where"));

    let escaped = GOOD.replace("'''\nany where true\n'''", r#""any where \u0074rue""#);
    let rule = read(&escaped).expect("a good rule");
    assert_eq!(rule.source.query, None);
    assert_eq!(&rule.excerpt(4..9).text[4..9], "where");
}

#[test]
fn every_fault_names_file_line_and_remedy() {
    for (from, to, expected) in [
        ("rule_id = \"a\"\n", "", "x.toml:5: `rule` has no `rule_id` (add it)"),
        ("\"low\"", "\"urgent\"", "x.toml:9: `urgent` is no severity (use low, medium, high or critical)"),
        ("= 21", "= 101", "x.toml:10: 101 is no risk score (use a whole number from 0 to 100)"),
        ("= 21", "= \"21\"", "x.toml:10: `risk_score` is a TOML string, and must be a whole number"),
        ("\"A\"", "[1]", "x.toml:7: `name` is a TOML array, and must be a string"),
        ("[rule]", "[role]", "x.toml:1: `the file` has no `rule` (add it)"),
        ("= 21", "=", "x.toml:10: it is not TOML"),
        ("query = '''\nany where true\n'''\n", "", "x.toml:5: `rule` has no `query` (add it)"),
    ] {
        let messages = messages(&GOOD.replace(from, to));
        assert!(messages[0].starts_with(expected), "{from} -> {to}: {messages:?}");
    }
    let both = GOOD.replace("rule_id = \"a\"\n", "").replace("= 21", "= 101");
    assert_eq!(messages(&both).len(), 2, "all faults of a file are told at once");
}

#[test]
fn other_languages_are_loaded_and_do_not_run() {
    let kuery = GOOD.replace("type = \"eql\"", "type = \"threshold\"\nlanguage = \"kuery\"");
    let rule = read(&kuery).expect("a good rule");
    assert_eq!(
        (rule.eql(), rule.kind.as_str(), rule.language.as_deref()),
        (None, "threshold", Some("kuery"))
    );
    let mixed =
        read(&GOOD.replace("type = \"eql\"", "type = \"eql\"\nlanguage = \"esql\"")).expect("a good rule");
    assert_eq!(mixed.eql(), None);
    let learned = "[rule]\nrule_id='m'\nname='M'\ntype='machine_learning'\nseverity='low'\nrisk_score=1\n";
    assert_eq!(read(learned).expect("a good rule").query, None);
}

#[test]
fn hostile_toml_is_an_error_and_nothing_worse() {
    let deep = 100_000;
    for text in [
        format!("x = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("x = {}", "{a=".repeat(deep)),
        format!("{} = 1", vec!["a"; deep].join(".")),
        format!("[{}]", vec!["a"; deep].join(".")),
        format!("[[{}]]", vec!["a"; deep].join(".")),
        "\0".to_owned(),
        "rule = 1".to_owned(),
        "[rule]\nthreat = [1, {tactic = 2, technique = [3]}]".to_owned(),
    ] {
        for error in read(&text).expect_err("no rule") {
            assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn a_drawing_points_at_the_line_and_carries_no_control() {
    let text = GOOD.replace("\"low\"", "\"\u{1b}]0;é\u{202e}\"");
    let Err(errors) = read(&GOOD.replace("\"low\"", "\"né\u{202e}\" # \u{9b}")) else {
        panic!("a faulty rule")
    };
    let drawn = errors[0].draw(false);
    assert!(drawn.contains("x.toml:9:"), "{drawn}");
    assert!(drawn.contains("⟨U+202E⟩"), "{drawn}");
    assert!(!drawn.contains(|c: char| c != '\n' && crate::escape::deceives(c)), "{drawn}");
    assert!(errors[0].draw(true).contains('\u{1b}'));
    for error in read(&text).expect_err("a faulty rule") {
        assert!(!error.draw(false).contains('\u{1b}'));
    }
}

#[test]
fn folders_are_searched_and_a_double_id_names_both_files() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(dir.path().join("b/c")).expect("folders");
    for (name, id) in [("b/c/2.toml", "a"), ("1.toml", "z"), ("b/1.toml", "a"), ("b/note.md", "x")] {
        fs::write(dir.path().join(name), GOOD.replace("\"a\"", &format!("\"{id}\""))).expect("a file");
    }
    fs::write(dir.path().join("bad.toml"), b"\xff").expect("a file");
    let (set, errors) = RuleSet::load(&[dir.path()]);
    let ids: Vec<_> = set.rules.iter().map(|rule| rule.rule_id.as_str()).collect();
    assert_eq!(ids, ["a", "z"]);
    let errors: Vec<_> = errors.iter().map(RuleError::to_string).collect();
    assert_eq!(errors.len(), 2);
    assert!(errors[0].contains("bad.toml:1: it is not UTF-8"), "{errors:?}");
    assert!(errors[1].contains("c/2.toml:6: ") && errors[1].contains("b/1.toml"), "{errors:?}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let big = dir.path().join("big.toml");
    fs::File::create(&big).and_then(|file| file.set_len(MAX_FILE as u64 + 1)).expect("a sparse file");
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    let (set, errors) = RuleSet::load(&[dir.path().join("none.toml"), big, empty]);
    assert!(set.rules.is_empty());
    assert!(matches!(errors[0].problem, Problem::Unreadable(_)));
    assert!(matches!(errors[1].problem, Problem::TooLarge));
    assert!(matches!(errors[2].problem, Problem::EmptyFolder));
}

#[test]
fn the_digest_follows_what_decides_and_not_the_prose_or_the_order() {
    let set = |texts: &[&str]| {
        let rules = texts.iter().map(|text| read(text).expect("a good rule")).collect();
        RuleSet::new(rules).0.digest()
    };
    let other = GOOD.replace("\"a\"", "\"b\"");
    assert_eq!(set(&[GOOD, &other]), set(&[&other, GOOD]));
    assert_eq!(set(&[GOOD]), set(&[&GOOD.replace("\"A\"", "\"another name\"")]));
    assert_ne!(set(&[GOOD]), set(&[&GOOD.replace("true", "false")]));
    assert_ne!(set(&[GOOD]), set(&[&other]));
    assert_eq!(set(&[GOOD]).len(), 64);
}
