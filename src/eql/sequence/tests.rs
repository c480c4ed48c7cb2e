use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::eql::{Options, Search, compile, parse};
use crate::event::{FieldSet, Value};

/// An event as `time name key`.
type Line = (i64, &'static str, &'static str);

fn compiled(query: &str, fields: &mut FieldSet) -> Sequence {
    match compile(&parse(query).expect(query), &Options::default(), fields).expect(query).search {
        Search::Sequence(sequence) => *sequence,
        _ => panic!("{query} is no sequence"),
    }
}

fn occurrences(sequence: &Sequence, fields: &mut FieldSet, lines: &[Line]) -> Vec<Occurrence<usize>> {
    let [time, name, key] = ["@timestamp", "n", "k"].map(|path| fields.intern(path));
    let mut found = Vec::new();
    for (number, (at, named, keyed)) in lines.iter().enumerate() {
        let mut event = Event::new(fields);
        event.push(time, Value::Int(*at));
        event.push(name, Value::Str(named));
        keyed.split(',').filter(|key| !key.is_empty()).for_each(|value| event.push(key, Value::Str(value)));
        let matches = sequence.look(&event, |_| true);
        if !matches.is_empty() {
            let time = sequence.time(&event).expect("each line has a time");
            found.push(Occurrence { time, tiebreak: None, matches, payload: number + 1 });
        }
    }
    found
}

/// The results as `1 2/key 3 -/key`.
fn run(query: &str, lines: &[Line]) -> String {
    let mut fields = FieldSet::new();
    let sequence = compiled(query, &mut fields);
    for path in ["n", "k"] {
        fields.intern(path);
    }
    let occurrences = occurrences(&sequence, &mut fields, lines);
    shown(&sequence.run(occurrences))
}

fn shown(found: &[Found<usize>]) -> String {
    let mut out = String::new();
    for found in found {
        for event in &found.events {
            let id = event.map_or("-".to_owned(), |id| id.to_string());
            write!(out, "{id} ").unwrap();
        }
        let keys: Vec<String> = found.keys.iter().map(Key::to_string).collect();
        write!(out, "{};", keys.join("/")).unwrap();
    }
    out
}

#[test]
fn a_newer_event_overwrites_an_older_one_of_the_same_stage() {
    let query = "sequence [any where n == \"a\"] [any where n == \"b\"]";
    assert_eq!(run(query, &[(1, "a", ""), (2, "a", ""), (3, "b", ""), (4, "b", "")]), "2 3 ;");
}

#[test]
fn one_event_may_end_one_sequence_and_begin_another_but_not_follow_itself() {
    let query = "sequence [any where n == \"a\"] [any where n == \"a\"]";
    assert_eq!(run(query, &[(1, "a", ""), (2, "a", ""), (3, "a", "")]), "1 2 ;2 3 ;");
}

#[test]
fn maxspan_is_inclusive_and_a_rejected_partial_is_gone() {
    let query = "sequence with maxspan=10ms [any where n == \"a\"] [any where n == \"b\"]";
    assert_eq!(run(query, &[(0, "a", ""), (10, "b", "")]), "1 2 ;");
    assert_eq!(run(query, &[(0, "a", ""), (11, "b", ""), (11, "b", "")]), "");
}

#[test]
fn until_kills_only_strictly_between() {
    let query =
        "sequence [any where n == \"a\"] [any where n : (\"b\", \"c\")] until [any where n : (\"u\", \"c\")]";
    assert_eq!(run(query, &[(1, "a", ""), (2, "u", ""), (3, "b", "")]), "");
    assert_eq!(run(query, &[(1, "u", ""), (2, "a", ""), (3, "b", ""), (4, "u", "")]), "2 3 ;");
    assert_eq!(run(query, &[(1, "a", ""), (2, "c", "")]), "1 2 ;");
}

#[test]
fn keys_keep_sequences_apart_and_several_values_are_several_keys() {
    let query = "sequence by k [any where n == \"a\"] [any where n == \"b\"]";
    assert_eq!(run(query, &[(1, "a", "x"), (2, "a", "y"), (3, "b", "x"), (4, "b", "Y")]), "1 3 x;");
    assert_eq!(run(query, &[(1, "a", "x,y,x"), (2, "b", "y,x")]), "1 2 x;1 2 y;");
    assert_eq!(run(query, &[(1, "a", ""), (2, "b", "")]), "");
    let optional = query.replace("by k", "by ?k");
    assert_eq!(run(&optional, &[(1, "a", ""), (2, "b", ""), (3, "b", "x")]), "1 2 null;");
}

#[test]
fn missing_events_are_looked_for_in_front_between_and_behind() {
    let front = "sequence with maxspan=10ms ![any where n == \"m\"] [any where n == \"a\"]";
    assert_eq!(run(front, &[(0, "m", ""), (10, "a", ""), (11, "a", ""), (11, "m", "")]), "- 3 ;");
    let between =
        "sequence with maxspan=1s [any where n == \"a\"] ![any where n == \"m\"] [any where n == \"b\"]";
    assert_eq!(run(between, &[(0, "m", ""), (1, "a", ""), (2, "b", ""), (3, "m", "")]), "2 - 3 ;");
    assert_eq!(run(between, &[(1, "a", ""), (2, "m", ""), (3, "b", "")]), "");
    let behind = "sequence with maxspan=10ms [any where n == \"a\"] ![any where n == \"m\"] with runs=2";
    assert_eq!(run(behind, &[(0, "a", ""), (11, "m", ""), (12, "a", ""), (22, "m", "")]), "1 - - ;");
    let both =
        "sequence with maxspan=10ms ![any where n == \"m\"] [any where n == \"a\"] ![any where n == \"m\"]";
    assert_eq!(run(both, &[(0, "m", ""), (5, "a", ""), (11, "m", "")]), "- 2 - ;");
    assert_eq!(run(both, &[(0, "m", ""), (5, "a", ""), (10, "m", "")]), "");
}

#[test]
fn runs_repeat_an_item() {
    let query = "sequence by k [any where n == \"a\"] with runs=3 [any where n == \"b\"]";
    let lines = [(1, "a", "x"), (2, "a", "y"), (3, "a", "x"), (4, "a", "x"), (5, "b", "x"), (6, "b", "y")];
    assert_eq!(run(query, &lines), "1 3 4 5 x;");
}

#[test]
fn what_ran_out_of_time_is_let_go_of() {
    let mut fields = FieldSet::new();
    let sequence =
        compiled("sequence by k with maxspan=1s [any where n == \"a\"] [any where n == \"b\"]", &mut fields);
    let mut machine = Machine::new(&sequence);
    for number in 0..100_000_i64 {
        machine.push(Occurrence {
            time: Timestamp::from_millisecond(number * 10_000).unwrap(),
            tiebreak: None,
            matches: vec![ItemMatch { item: 0, keys: vec![Box::new([Key::Int(number.into())])] }],
            payload: (),
        });
    }
    assert!(machine.pending() < 20_000);
    assert!(machine.finish().is_empty());
}

/// The definition of a two-stage sequence with one key, by looking back from each end.
fn slowly(lines: &[(i64, char)], maxspan: i64) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut pending: Option<usize> = None;
    for (at, (time, name)) in lines.iter().enumerate() {
        if *name == 'b'
            && let Some(first) = pending.take()
            && time - lines[first].0 <= maxspan
        {
            found.push((first + 1, at + 1));
        }
        if *name == 'a' {
            pending = Some(at);
        }
    }
    found
}

proptest! {
    #[test]
    fn it_agrees_with_looking_back(steps in prop::collection::vec((0..8_i64, prop::sample::select(vec!['a', 'b', 'c'])), 0..40)) {
        let mut at = 0;
        let lines: Vec<(i64, char)> = steps.iter().map(|(step, name)| { at += step; (at, *name) }).collect();
        let named: Vec<Line> = lines.iter().map(|(time, name)| (*time, match name { 'a' => "a", 'b' => "b", _ => "c" }, "")).collect();
        let query = "sequence with maxspan=10ms [any where n == \"a\"] [any where n == \"b\"]";
        let expected: String = slowly(&lines, 10).iter().map(|(a, b)| format!("{a} {b} ;")).collect();
        prop_assert_eq!(run(query, &named), expected);
    }
}
