//! Queries.

use coldtrail::eql::{Options, Search, compile, parse, requirement};
use coldtrail::event::{Event, FieldSet, Value};

/// A query that parses prints as text that parses to the same tree, and compiles alike; whatever compiles
/// answers any event; whatever does not says where it is wrong.
pub(super) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let query = match parse(&text) {
        Ok(query) => query,
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(text.get(problem.span.range()).is_some(), "{problem:?}");
            }
            return;
        }
    };
    let printed = query.to_string();
    let again = parse(&printed).unwrap_or_else(|problems| panic!("{printed}\n{problems:?}"));
    assert_eq!(query, again, "{printed}");
    let options = Options::default();
    let needed = requirement(&query, &options.types);
    assert_eq!(needed, requirement(&again, &options.types), "{printed}");
    let mut fields = FieldSet::new();
    let (program, again) =
        (compile(&query, &options, &mut fields), compile(&again, &options, &mut FieldSet::new()));
    match (program, again) {
        (Ok(program), Ok(_)) => ask(&program.search, &fields),
        (Err(problems), Err(_)) => assert!(!problems.is_empty()),
        (program, again) => panic!("{printed}\n{program:?}\n{again:?}"),
    }
}

/// Asks a search about an event that has values of every type in each of its fields.
fn ask(search: &Search, fields: &FieldSet) {
    let mut event = Event::new(fields);
    for name in fields.names() {
        let field = fields.find(name).expect("it is in the set");
        for value in [
            Value::Null,
            Value::Bool(true),
            Value::Int(i64::MIN),
            Value::UInt(u64::MAX),
            Value::Float(-0.5),
            Value::Str(""),
            Value::Str("C:\\Windows\\cmd.exe"),
            Value::Str("2026-03-14T09:00:00Z"),
            Value::Str("10.1.2.3"),
            Value::Str("\u{e9}\u{1f600}\u{0}"),
        ] {
            event.push(field, value);
        }
    }
    match search {
        Search::Event(filter) => drop(filter.matches(&event)),
        Search::Sequence(sequence) => drop((sequence.look(&event, |_| true), sequence.time(&event))),
        Search::Sample(sample) => drop(sample.look(&event, |_| true)),
    }
}
