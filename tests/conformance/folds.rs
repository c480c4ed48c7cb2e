//! Suites without data: constant expressions with their values, and texts that must be read or refused.

use std::path::Path;

use coldtrail::eql::{Options, Search, compile, parse};
use coldtrail::event::{Event, FieldSet};
use toml::{Table, Value};

use crate::Tally;
use crate::suite::read;

/// Runs `[[function.fold.tests]]`, each an `expression` and what is `expected` of it; nothing means null.
pub(crate) fn run_table(name: &str, table: &Table) -> Tally {
    let mut tally = Tally::default();
    for (function, spec) in table {
        let tests = spec.get("fold").and_then(|fold| fold.get("tests")).and_then(Value::as_array);
        for test in tests.into_iter().flatten() {
            let Some(expression) = test.get("expression").and_then(Value::as_str) else { continue };
            tally.count(&format!("{name} {function}"), check(expression, test.get("expected")));
        }
    }
    tally
}

fn check(expression: &str, expected: Option<&Value>) -> Result<(), String> {
    let expected = match expected {
        None => "null".to_owned(),
        // JSON's escapes are a part of EQL's.
        Some(Value::String(text)) => serde_json::to_string(text).map_err(|error| error.to_string())?,
        Some(value) => value.to_string(),
    };
    let query = format!("any where ({expression}) == {expected}");
    let mut fields = FieldSet::new();
    let query = parse(&query).map_err(|problems| format!("{query}: {problems:?}"))?;
    let program = compile(&query, &Options::default(), &mut fields)
        .map_err(|problems| format!("{query}: {problems:?}"))?;
    match program.search {
        Search::Event(filter) if filter.matches(&Event::new(&fields)) => Ok(()),
        _ => Err(format!("{expression} is not {expected}")),
    }
}

/// Runs a file of texts, a `;` behind each: all of them queries, or none if it is called `unsupported`.
pub(crate) fn run_texts(file: &Path, name: &str) -> Tally {
    let mut tally = Tally::default();
    let Ok(text) = read(file) else { return tally };
    let refused = name.contains("unsupported");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    for query in
        lines.collect::<Vec<_>>().join("\n").split(";\n").map(str::trim).filter(|query| !query.is_empty())
    {
        let outcome = match (parse(query), refused) {
            (Ok(_), false) | (Err(_), true) => Ok(()),
            (Ok(_), true) => Err(format!("was read: {query}")),
            (Err(problems), false) => Err(format!("{query}: {}", problems[0].message)),
        };
        tally.count(name, outcome);
    }
    tally
}
