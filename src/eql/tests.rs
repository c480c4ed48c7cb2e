use proptest::prelude::*;

use super::*;
use crate::event::{Event, FieldSet, Value};

/// Queries of every kind, to be damaged.
const QUERIES: [&str; 5] = [
    r#"process where event.type == "start" and process.name : ("cmd.exe", "pwsh*") and not ?process.args : "/?""#,
    r#"any where cidrMatch(source.ip, "10.0.0.0/8", "::1") or length(user.name) > 3 or null == (process.pid > -1.5e3)"#,
    r#"sequence by host.id with maxspan=1m [any where a regex~ """[a-z]{1,3}\.exe""" ] by b ![x where true] by c until [y where 1 < z] by d | head 3"#,
    r#"sample by ?host.id, user.id [a where substring(x, -4) in~ ("a", "b")] [b where concat(x, "\u{202e}") like "*?"]"#,
    r#"any where `odd-name` != "x\t\"y\"" and (a + b * -2 % 3) / 4 >= 1 and between~(c, "a", "b", true) == """raw""""#,
];

/// Parses and, if it can, compiles and asks an event; whatever is refused must say where and draw.
fn exercise(text: &str) {
    let mut fields = FieldSet::new();
    match parse(text).and_then(|query| compile(&query, &Options::default(), &mut fields)) {
        Err(problems) => {
            assert!(!problems.is_empty(), "{text}");
            assert!(!problems.is_empty(), "{text}");
        }
        Ok(program) => {
            let paths =
                ["process.name", "process.args", "source.ip", "user.name", "process.pid", "a", "b", "c", "x"];
            let ids = paths.map(|path| fields.intern(path));
            let mut event = Event::new(&fields);
            for id in ids {
                event.push(id, Value::Str("C:\\x"));
                event.push(id, Value::Int(-3));
                event.push(id, Value::Null);
            }
            match program.search {
                Search::Event(filter) => drop(filter.matches(&event)),
                Search::Sequence(sequence) => drop(sequence.look(&event, |_| true)),
                Search::Sample(sample) => drop(sample.look(&event, |_| true)),
            }
        }
    }
}

proptest! {
    #[test]
    fn no_damage_to_a_query_makes_anything_panic(
        query in prop::sample::select(&QUERIES[..]),
        at in any::<prop::sample::Index>(),
        cut in 0..6_usize,
        other in prop::sample::select(&QUERIES[..]),
        from in any::<prop::sample::Index>(),
        length in 0..12_usize,
    ) {
        let chars: Vec<char> = query.chars().collect();
        let others: Vec<char> = other.chars().collect();
        let (at, from) = (at.index(chars.len()), from.index(others.len()));
        let mut text: String = chars[..at].iter().collect();
        text.extend(others.iter().skip(from).take(length));
        text.extend(chars.iter().skip(at + cut));
        exercise(&text);
    }

    #[test]
    fn no_bytes_make_anything_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        exercise(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn the_queries_themselves_compile() {
    for query in QUERIES {
        let parsed = parse(query).unwrap_or_else(|problems| panic!("{problems:?}"));
        compile(&parsed, &Options::default(), &mut FieldSet::new()).expect(query);
    }
}

#[test]
fn hostile_texts_are_answered_at_once() {
    let started = std::time::Instant::now();
    for text in [
        "any where ".to_owned() + &"(".repeat(200_000),
        "any where ".to_owned() + &"'".repeat(200_000),
        "any where ".to_owned() + &"not ".repeat(200_000),
        "any where a : (".to_owned() + &"1,".repeat(200_000) + "1)",
        "sequence ".to_owned() + &"[a where b = c] ".repeat(20_000),
        "any where ".to_owned() + &"a.".repeat(200_000),
        "any where a regex~ \"".to_owned() + &"(a{1000}){1000}".repeat(1000) + "\"",
        "any where ".to_owned() + &"x".repeat(200_000) + "(1) > 1",
        "any where a in (\"\"".to_owned() + &", \"a\", \"\"\"b\"\"\", 'c'".repeat(50_000) + ")",
        "any where a == \"".to_owned() + &"\\u{".repeat(100_000),
        "any where a == \"".to_owned() + &"\\".repeat(200_001),
        "any where ".to_owned() + &"length(a) == length(b) or ".repeat(20_000) + "true",
    ] {
        exercise(&text);
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
}
