use proptest::prelude::*;

use super::*;

/// Cuts `bytes`, presented `size` at a time; each record, rows as the objects they are.
fn cut(bytes: &[u8], size: usize) -> Vec<String> {
    let mut cutter = JsonCutter::new();
    let (mut held, mut records) = (Vec::new(), Vec::new());
    let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
    for (index, piece) in pieces.iter().enumerate() {
        held.extend_from_slice(piece);
        let after = if index + 1 == pieces.len() { After::Nothing } else { After::More };
        let mut cuts = Vec::new();
        let done = cutter.cut(&held, after, &mut cuts);
        for found in cuts {
            let Cut::Record(piece) = found else { continue };
            let record = &held[piece.range];
            records.push(match piece.form {
                Form::Row(table) => String::from_utf8(table.object(record).unwrap()).unwrap(),
                _ => String::from_utf8_lossy(record).into_owned(),
            });
        }
        held.drain(..done);
    }
    records
}

#[track_caller]
fn expect(text: &str, records: &[&str]) {
    for size in [1, 2, 7, 1 << 20] {
        assert_eq!(cut(text.as_bytes(), size), records, "{size} bytes at a time: {text}");
    }
}

#[test]
fn values_are_cut_out_of_any_layout() {
    let (a, b) = (r#"{"a":"}{\"]"}"#, r#"{"b":[1,{"c":[]}]}"#);
    for text in [
        format!("{a}{b}"),
        format!("\u{feff}[{a},\n {b}\n]\n"),
        format!("[{a}]\n[[{b}]]"),
        format!("Record 1\n{a}\nRecord 2\n{b}\n"),
        format!(r#"{{"events":[{a},{b}]}}"#),
        format!("{{\"records\":[{a}]}}\n{{\"records\":[{b}]}}"),
        format!(
            r#"{{"took":3,"_shards":{{"total":1}},"hits":{{"total":{{"value":2}},"hits":[{a},{b}]}},"aggregations":{{"x":[{{}}]}}}}"#
        ),
        format!(r#"{{"id":"x","is_running":false,"response":{{"hits":{{"hits":[{a},{b}]}}}}}}"#),
        format!(r#"{{"responses":[{{"hits":{{"hits":[{a}]}}}},{{"hits":{{"hits":[{b}]}}}}]}}"#),
        format!(r#"{{"hits":{{"sequences":[{{"join_keys":["k"],"events":[{a},{b}]}}]}}}}"#),
        format!(r#"{{"Schema":[{{"Name":"x"}}],"Results":[{a},{b}]}}"#),
    ] {
        expect(&text, &[a, b]);
    }
}

#[test]
fn documents_that_look_like_envelopes_stay_whole() {
    for text in
        [r#"{"id":1,"host":"x","events":[{"a":1}]}"#, r#"{"took":1,"status":"ok"}"#, r#"{"values":[[1]]}"#]
    {
        expect(text, &[text]);
    }
}

#[test]
fn rows_become_objects() {
    let object = |value: u8| format!(r#"{{"process.name":"x{value}","n":{value}}}"#);
    let columns = r#"[{"name":"process.name","type":"keyword"},{"name":"n","type":"long"}]"#;
    let rows = r#"[["x1",1],["x2",2]]"#;
    for text in [
        format!(r#"{{"columns":{columns},"values":{rows}}}"#),
        format!(r#"{{"took":1,"columns":{columns},"rows":{rows},"cursor":"c"}}"#),
        format!(r#"{{"tables":[{{"name":"PrimaryResult","columns":{columns},"rows":{rows}}}]}}"#),
    ] {
        expect(&text, &[&object(1), &object(2)]);
    }
}

#[test]
fn a_broken_value_costs_itself() {
    let good = r#"{"id":"good","x":{"y":[1,2]}}"#;
    for broken in [
        r#"{"id":"cut","x":{"y":"#,
        r#"{"id":"cut","x":{"y":[1,"#,
        r#"{"id":"cut","x":"no end"#,
        r#"{"id":"cut","x":{"y":[1,2}}"#,
        r#"{"id":"extra"}}"#,
        r#"{"id":"missing","x":{"y":1}"#,
    ] {
        let lines = cut(format!("[{good},\n{broken},\n{good},\n{good}]").as_bytes(), 5);
        assert_eq!(lines.iter().filter(|record| *record == good).count(), 3, "{broken}: {lines:#?}");
    }
    for broken in [r#"{"id":"cut","x":{"y":[1,2}}"#, r#"{"id":"missing","x":{"y":1}"#] {
        let line = cut(format!("[{good},{broken},{good},{good}]").as_bytes(), 5);
        assert_eq!(line.iter().filter(|record| *record == good).count(), 3, "{broken}: {line:#?}");
    }
}

#[test]
fn the_next_record_is_found_though_the_last_good_one_began_oddly() {
    let line = r#"[{"id":1},{"jd":2},{"id":"cut","x":{"y":[1,2}},{"id":3},{"id":4}]"#;
    let records = cut(line.as_bytes(), 5);
    for good in [r#"{"id":3}"#, r#"{"id":4}"#] {
        assert!(records.iter().any(|record| record == good), "{records:#?}");
    }
}

proptest! {
    #[test]
    fn presentation_never_matters(text in r#"[\[\]{}",:a\\ \n]{0,80}"#, size in 1usize..9) {
        prop_assert_eq!(cut(text.as_bytes(), size), cut(text.as_bytes(), 1 << 20));
    }

    #[test]
    fn whole_values_always_come_out(
        values in prop::collection::vec(r#"[a-z{}\[\], ]{0,9}"#, 1..6),
        separator in prop::sample::select(vec!["", "\n", ",", " ,\n  ", "\r\n"]), size in 1usize..9,
    ) {
        let records: Vec<String> = values.iter().map(|value| format!(r#"{{"k":["{value}"]}}"#)).collect();
        prop_assert_eq!(cut(records.join(separator).as_bytes(), size), records);
    }
}
