//! Rule files that are meant to do harm, or that were harmed: each runs or is refused by name, in bounded time.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Evidence, Hunt, coldtrail, hit, hunt};

/// No rule of these may hold a hunt up for longer; a debug build on a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(20);

fn rule(query: &str) -> String {
    format!(
        "[rule]\nrule_id = \"11111111-2222-4333-8444-555555555555\"\nname = \"Hostile\"\nseverity = \"low\"\n\
         risk_score = 21\ntype = \"eql\"\nlanguage = \"eql\"\nquery = '''\n{query}\n'''\n"
    )
}

fn good() -> String {
    rule("process where process.name : \"cmd.exe\"").replace("1111", "9999")
}

/// Evidence with one hit of the good rule, whose command line is a megabyte of `a`.
fn evidence() -> Evidence {
    let evidence = Evidence::new();
    let long = format!("\"command_line\":\"{}\",\"name\"", "a".repeat(1 << 20));
    evidence.file("log", hit("one").replacen("\"name\"", &long, 1).as_bytes());
    evidence
}

fn timed(what: &str, run: impl FnOnce() -> Hunt) -> Hunt {
    let started = Instant::now();
    let hunt = run();
    let took = started.elapsed();
    assert!(took < PATIENCE, "{what} took {took:?}");
    hunt
}

/// The path is refused as a rule, and the refusal names it and says why; with `--skip-bad-rules` the others run.
#[track_caller]
fn is_refused(path: &Path, why: &str) {
    let (evidence, folder) = (evidence(), Evidence::new());
    let good = folder.file("good.toml", good().as_bytes());
    let name = path.file_name().unwrap().to_str().unwrap();
    let args = [Path::new("-r"), path, Path::new("-r"), &good, evidence.path()];
    let refused = timed(name, || hunt(args)).expect_exit(2);
    assert!(refused.stderr.contains(name) && refused.stderr.contains(why), "{name}: {}", refused.stderr);
    assert!(refused.stderr.len() < 50_000, "{name}: {} bytes of messages", refused.stderr.len());
    let checked = coldtrail().args(["rules", "check"]).arg(path).output().unwrap();
    Hunt::of(checked).expect_exit(2);
    let args = [&[Path::new("--skip-bad-rules"), Path::new("-fjsonl")], &args[..]].concat();
    let skipped = timed(name, || hunt(args)).expect_exit(0);
    assert_eq!(skipped.ids(), ["one"], "{name}");
    assert!(
        skipped.stderr.contains("rejected") && skipped.stderr.contains(name),
        "{name}: {}",
        skipped.stderr
    );
}

#[test]
fn queries_that_would_cost_too_much_are_refused_by_name() {
    let folder = Evidence::new();
    for (name, query, why) in [
        ("empty-group.toml", "any where a regex~ \"(?:){4294967295}\"".to_owned(), "Lucene"),
        ("count.toml", "any where a regex~ \"a{4294967295}\"".to_owned(), "1000 times"),
        ("counts.toml", "any where a regex~ \"((a{1000}){1000}){1000}\"".to_owned(), "too large"),
        ("classes.toml", format!("any where a regex \"{}\"", "[a-z]{900}".repeat(2000)), "too large"),
        (
            "many-large.toml",
            format!("any where a regex (\"x\"{})", ", \"[^a]{900}\"".repeat(20_000)),
            "more than one query may hold",
        ),
        (
            "many-small.toml",
            format!("any where a regex (\"x\"{})", ", \"[a-z]+\"".repeat(100_000)),
            "more than one query may hold",
        ),
        ("groups.toml", format!("any where a regex \"{}\"", "(".repeat(100_000)), "not well-formed"),
        ("question-marks.toml", format!("any where a : \"*{}b*\"", "?a".repeat(1000)), "between two stars"),
        ("brackets.toml", format!("any where {}a == 1", "(".repeat(100_000)), "nests deeper"),
        (
            "closed-brackets.toml",
            format!("any where {}a == 1{}", "(".repeat(100_000), ")".repeat(100_000)),
            "nests deeper",
        ),
        ("nots.toml", format!("any where {}a == 1", "not ".repeat(100_000)), "nests deeper"),
        ("signs.toml", format!("any where {}a == 1", "- ".repeat(100_000)), "nests deeper"),
        ("sums.toml", format!("any where {}a == 1", "a + ".repeat(100_000)), "nests deeper"),
        ("calls.toml", format!("any where {}a == 1", "length(".repeat(100_000)), "nests deeper"),
        ("items.toml", format!("sequence {}", "[any where a = 1] ".repeat(50_000)), "=="),
    ] {
        is_refused(&folder.file(name, rule(&query).as_bytes()), why);
    }
}

#[test]
fn queries_that_look_costly_and_are_not_run() {
    let evidence = evidence();
    let list = |count: usize| (0..count).map(|at| format!("\"tool-{at}.exe\", ")).collect::<String>();
    for (name, query) in [
        ("(a*)*b", "any where not process.command_line regex \"(a*)*b\"".to_owned()),
        ("(a|aa)+b", "any where not process.command_line regex~ \"(a|aa)+b\"".to_owned()),
        (".*a.*a…b", format!("any where not process.command_line regex~ \"{}b\"", ".*a".repeat(100))),
        ("*a*a…*b", format!("any where not process.command_line : \"{}*b\"", "*a".repeat(5000))),
        ("*?a?a…b*", format!("any where not process.command_line like \"*{}b*\"", "?a".repeat(100))),
        ("*aaa…b*", format!("any where not process.command_line : \"*{}b*\"", "a".repeat(500_000))),
        ("2609 in", format!("any where process.name in ({}\"cmd.exe\")", list(2608))),
        ("2609 :", format!("any where process.name : ({}\"CMD.EXE\")", list(2608))),
        (
            "2609 wildcards",
            format!("any where process.name : ({}\"CMD*\")", list(2608).replace(".exe", "*x")),
        ),
        ("200 000 or", format!("any where {} process.pid == null", "process.pid == 7 or ".repeat(200_000))),
    ] {
        let folder = Evidence::new();
        let path = folder.file("rule.toml", rule(&query).as_bytes());
        let hunt = timed(name, || hunt([Path::new("-fjsonl"), Path::new("-r"), &path, evidence.path()]));
        assert_eq!(hunt.expect_exit(0).ids(), ["one"], "{name}");
    }
}

#[test]
fn files_that_are_no_rule_are_refused_by_name() {
    let folder = Evidence::new();
    let whole = good();
    let odd = |value: String| format!("{whole}odd = {value}\n");
    for (name, text, why) in [
        ("huge.toml", format!("{whole}#{}", "x".repeat(10 << 20)), "longer than"),
        ("arrays.toml", odd("[".repeat(100_000)), "TOML"),
        ("closed-arrays.toml", odd("[".repeat(100_000) + &"]".repeat(100_000)), "TOML"),
        ("tables.toml", odd("{a=".repeat(100_000) + "1" + &"}".repeat(100_000)), "TOML"),
        ("dotted-keys.toml", format!("{whole}{}b = 1\n", "a.".repeat(100_000)), "TOML"),
        ("dotted-header.toml", format!("{whole}[{}b]\n", "a.".repeat(100_000)), "TOML"),
        ("many-faults.toml", format!("{whole}tags = [{}]\n", "1, ".repeat(100_000)), "tags"),
        ("twice.toml", format!("{whole}{whole}"), "TOML"),
        ("empty.toml", String::new(), "rule"),
        ("nul.toml", "\0".repeat(1000), "TOML"),
    ] {
        is_refused(&folder.file(name, text.as_bytes()), why);
    }
    is_refused(&folder.file("latin-1.toml", b"[rule]\nname = \"caf\xe9\"\n"), "UTF-8");
    is_refused(Path::new("/dev/zero"), "longer than");
}

#[test]
fn a_rule_that_is_cut_anywhere_is_refused_or_whole() {
    let (evidence, folder) = (evidence(), Evidence::new());
    let whole = good();
    for length in (0..whole.len()).step_by(23) {
        let path = folder.file("cut.toml", &whole.as_bytes()[..length]);
        let hunt = hunt([Path::new("-fjsonl"), Path::new("-r"), &path, evidence.path()]).expect_exit(2);
        assert!(hunt.stderr.contains("cut.toml"), "{length}: {}", hunt.stderr);
    }
}

#[test]
fn what_cannot_be_read_is_refused_and_never_passed_over() {
    let folder = Evidence::new();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    is_refused(&folder.path().join("empty"), "no .toml file");
    is_refused(&folder.path().join("missing.toml"), "cannot be read");
    for (name, target) in
        [("dangling.toml", "nothing"), ("loop.toml", "loop.toml"), ("device.toml", "/dev/null")]
    {
        let rules = folder.path().join(format!("with-{name}"));
        std::fs::create_dir(&rules).unwrap();
        std::os::unix::fs::symlink(target, rules.join(name)).unwrap();
        is_refused(&rules, name);
    }
}
