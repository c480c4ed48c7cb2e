//! Runs one case.

use coldtrail::eql::{Diagnostic, Found, Key, Occurrence, Options, Program, Search, Types, compile, parse};
use coldtrail::event::{Event, FieldSet, Timestamp, Value, parse_time};

use crate::data::{self, Data};
use crate::suite::Case;

/// What a query returned.
struct Results {
    /// For each result its ids, -1 for a missing event.
    ids: Vec<Vec<i64>>,
    /// For each result its join keys.
    keys: Vec<Vec<String>>,
}

/// Whether the case's query returns what it must.
pub(crate) fn check(case: &Case, data: &Data) -> Result<(), String> {
    let mut results = results(&case.query, data)?;
    if let Some(size) = case.size {
        results.ids.truncate(size);
        results.keys.truncate(size);
    }
    let ids: Vec<i64> = results.ids.concat();
    if !case.expected.contains(&ids) {
        return Err(format!("expected {:?}, found {ids:?}", case.expected));
    }
    match &case.join_keys {
        Some(expected) if *expected != results.keys.concat() => {
            Err(format!("expected the keys {expected:?}, found {:?}", results.keys))
        }
        _ => Ok(()),
    }
}

fn results(query: &str, data: &Data) -> Result<Results, String> {
    let refused = |problems: Vec<Diagnostic>| format!("{problems:?}");
    let mut fields = FieldSet::new();
    data::intern(&data.documents, &mut fields);
    let (id, time) = (fields.intern(data.id), fields.intern("@timestamp"));
    let options = Options {
        category_field: category_field(data),
        tiebreaker_field: Some(data.id.to_owned()),
        types: Types::Mapping(data.mapping.clone()),
        ..Options::default()
    };
    let program = compile(&parse(query).map_err(refused)?, &options, &mut fields).map_err(refused)?;
    let event = |document| data::event(document, &mut fields.clone());
    let mut events: Vec<(i64, Option<Timestamp>, Event)> = Vec::new();
    for event in data.documents.iter().map(event) {
        let number =
            event.values(id).find_map(|value| if let Value::Int(id) = value { Some(id) } else { None });
        let at = event.values(time).find_map(|value| parse_time(value).map(|(time, _)| time));
        events.push((number.ok_or("a document has no id")?, at, event));
    }
    // Samples come in the order of the indices.
    if !matches!(program.search, Search::Sample(_)) {
        events.sort_by_key(|(id, time, _)| (*time, *id));
    }
    Ok(search(&program, &events))
}

/// `event.category`, if the mapping has it.
fn category_field(data: &Data) -> String {
    let known =
        ["event.category", "event_type"].into_iter().find(|path| data.mapping.resolve(path).is_some());
    known.unwrap_or("event.category").to_owned()
}

fn search(program: &Program, events: &[(i64, Option<Timestamp>, Event)]) -> Results {
    match &program.search {
        Search::Event(filter) => {
            let matching = events.iter().filter(|(_, _, event)| filter.matches(event));
            let ids = program.pipes.apply(matching.map(|(id, _, _)| vec![*id]).collect());
            Results { ids, keys: Vec::new() }
        }
        Search::Sequence(sequence) => {
            let occurrences = events.iter().filter_map(|(id, time, event)| {
                let matches = sequence.look(event, |_| true);
                let found = !matches.is_empty();
                let tiebreak = sequence.tiebreak(event);
                found.then_some(Occurrence { time: (*time)?, tiebreak, matches, payload: *id })
            });
            joined(program.pipes.apply(sequence.run(occurrences)))
        }
        Search::Sample(sample) => {
            joined(sample.run(events.iter().map(|(id, _, event)| (sample.look(event, |_| true), *id))))
        }
    }
}

fn joined(found: Vec<Found<i64>>) -> Results {
    let ids = found.iter().map(|found| found.events.iter().map(|id| id.unwrap_or(-1)).collect()).collect();
    let keys = found.iter().map(|found| found.keys.iter().map(Key::to_string).collect()).collect();
    Results { ids, keys }
}
