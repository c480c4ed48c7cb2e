//! JSON that is right, wrong, and in between: a hit with it in another field is still a hit, and says what is odd.

use serde_json::json;

use crate::support::{Evidence, dull, hit, hunt_jsonl};

/// Right (`y_`), wrong (`n_`), and left to the parser (`i_`) by RFC 8259: a value, and the flags of its record.
const VALUES: &[(&str, &[u8], &[&str])] = &[
    ("y_empty", b"[{},[],\"\",{\"\":0}]", &[]),
    ("y_blanks", b" [ 1\t, 2 ] ", &[]),
    ("y_escapes", br#""\u0041\/\b\f\n\r\t\"\\""#, &[]),
    ("y_escaped_nul", br#""\u0000""#, &[]),
    ("y_surrogate_pair", br#""\uD83D\uDE00""#, &[]),
    ("y_noncharacters", br#""\uFFFF\uFDD0\uD83F\uDFFE""#, &[]),
    ("y_delete", b"\"\x7f\"", &[]),
    ("y_line_separators", "\"\u{2028}\u{2029}\u{feff}\"".as_bytes(), &[]),
    ("y_numbers", b"[-0,0e+1,1E22,123.456e-7,-1.5E-300]", &[]),
    ("y_widest_integers", b"[18446744073709551615,-9223372036854775808]", &[]),
    ("n_comma_at_end", b"[1,]", &["bad_syntax"]),
    ("n_comma_at_start", b"[,1]", &["bad_syntax"]),
    ("n_commas", b"{\"a\":1,,\"b\":2}", &["bad_syntax"]),
    ("n_no_comma", b"[1 2]", &["bad_syntax"]),
    ("n_no_colon", b"{\"a\" 1}", &["bad_syntax"]),
    ("n_no_value", b"{\"a\":}", &["bad_syntax"]),
    ("n_no_quotes", b"{a:1}", &["bad_syntax"]),
    ("n_single_quotes", b"'a'", &["bad_syntax"]),
    ("n_other_words", b"[True,None,undefined]", &["bad_syntax"]),
    ("n_comment", b"/*1*/", &["bad_syntax"]),
    ("n_escape", br#""\x41\a""#, &["bad_escape"]),
    ("n_unicode_escape", br#""\u12G4""#, &["bad_escape"]),
    ("n_nul", b"\"a\x00b\"", &["raw_control"]),
    ("n_tab", b"\"a\tb\"", &["raw_control"]),
    ("n_terminal_escape", b"\"\x1b[2J\"", &["raw_control"]),
    ("n_leading_zero", b"012", &["nonstandard_number"]),
    ("n_leading_plus", b"+1", &["nonstandard_number"]),
    ("n_no_digits", b"-", &["nonstandard_number"]),
    ("n_no_exponent", b"1e", &["nonstandard_number"]),
    ("n_no_fraction", b"1.", &["nonstandard_number"]),
    ("n_not_a_number", b"NaN", &["nonstandard_number"]),
    ("n_infinity", b"-Infinity", &["nonstandard_number"]),
    ("n_latin_1", b"\"caf\xe9\"", &["invalid_utf8"]),
    ("n_overlong", b"\"\xc0\xaf\"", &["invalid_utf8"]),
    ("n_cesu_8", b"\"\xed\xa0\x80\xed\xb0\x80\"", &["invalid_utf8"]),
    ("n_cut_character", b"\"\xe2\x82\"", &["invalid_utf8"]),
    ("i_lone_high", br#""\uD800""#, &["lone_surrogate"]),
    ("i_lone_low", br#""x\uDC00\uD800x""#, &["lone_surrogate"]),
    ("i_huge_double", b"[1e400,-1e400]", &["nonstandard_number"]),
    ("i_tiny_double", b"1e-400", &[]),
    ("i_huge_integer", b"18446744073709551616", &["nonstandard_number"]),
    ("i_huge_negative_integer", b"-9223372036854775809", &["nonstandard_number"]),
    ("i_two_defects", b"[\"\xff\",1e999]", &["invalid_utf8", "nonstandard_number"]),
];

/// The hit with a value in front of all that the rule reads.
fn with(id: &str, value: &[u8]) -> Vec<u8> {
    [b"{\"odd\":", value, b",", &hit(id).as_bytes()[1..]].concat()
}

/// Hunts through records: those that are named are the hits, with these flags.
#[track_caller]
fn expect(records: &[(String, Vec<u8>, Vec<&str>)]) {
    let evidence = Evidence::new();
    let lines: Vec<Vec<u8>> =
        records.iter().flat_map(|(_, record, _)| [record.clone(), dull("x").into_bytes()]).collect();
    evidence.file("log", &lines.join(&b'\n'));
    let hunt = hunt_jsonl(evidence.path(), &["--no-prefilter"]).expect_exit(0);
    assert_eq!(hunt.stdout, hunt_jsonl(evidence.path(), &[]).stdout);
    let alerts = hunt.alerts();
    for (name, _, flags) in records {
        let alert = alerts.iter().find(|alert| alert["event"]["id"] == name.as_str());
        let alert = alert.unwrap_or_else(|| panic!("{name} is no hit"));
        assert_eq!(alert["coldtrail"]["flags"], json!(flags), "{name}");
    }
    assert_eq!(alerts.len(), records.len());
}

#[test]
fn a_hit_is_a_hit_whatever_stands_in_another_field() {
    let records: Vec<_> = VALUES
        .iter()
        .map(|(name, value, flags)| ((*name).to_owned(), with(name, value), flags.to_vec()))
        .collect();
    expect(&records);
}

#[test]
fn a_hit_is_a_hit_at_any_depth_and_length() {
    let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
    let records = [
        ("i_depth_90", nested(90), vec![]),
        ("i_depth_500", nested(500), vec!["deep_nesting"]),
        ("i_depth_2000", nested(2000), vec!["deep_nesting"]),
        ("i_depth_100000", nested(100_000), vec!["deep_nesting"]),
        ("y_long_text", format!("\"{}\"", "x".repeat(1 << 20)).into_bytes(), vec![]),
        (
            "y_many_keys",
            format!("{{{}\"k\":1}}", "\"k\":1,".repeat(50_000)).into_bytes(),
            vec!["duplicate_key"],
        ),
    ];
    expect(&records.map(|(name, value, flags)| (name.to_owned(), with(name, &value), flags)));
}

#[test]
fn a_hit_is_a_hit_with_a_mark_before_it_and_any_line_ending() {
    let record = |name: &str, before: &[u8], behind: &[u8]| {
        (name.to_owned(), [before, hit(name).as_bytes(), behind].concat(), vec![])
    };
    expect(&[
        record("bom", b"\xef\xbb\xbf", b""),
        record("crlf", b"", b"\r"),
        record("blanks", b" \t", b"  \r"),
    ]);
    let cut = hit("cut").trim_end_matches('}').to_owned();
    expect(&[("cut".to_owned(), cut.into_bytes(), vec!["truncated_record"])]);
}

/// A process with two names, the first and the last of so many keys.
fn twice(id: &str, keys: usize, names: [&str; 2], odd: &str) -> Vec<u8> {
    let filler: String = (2..keys).map(|key| format!("\"k{key}\":{key},")).collect();
    let names = format!("\"name\":\"{}\",{filler}\"name\":\"{}\",", names[0], names[1]);
    let record = hit(id).replace("\"name\":\"cmd.exe\",", &names);
    record.replacen('{', &format!("{{\"odd\":{odd},"), 1).into_bytes()
}

#[test]
fn any_occurrence_of_a_key_matches_in_objects_of_any_size_in_both_parsers() {
    let mut records = Vec::new();
    for keys in [2, 32, 33, 42, 200] {
        for (order, names) in [("first", ["cmd.exe", "x"]), ("last", ["x", "cmd.exe"])] {
            for (parser, odd, flags) in [
                ("simd", "0", vec!["duplicate_key"]),
                ("tolerant", "NaN", vec!["nonstandard_number", "duplicate_key"]),
            ] {
                let id = format!("{keys}-{order}-{parser}");
                records.push((id.clone(), twice(&id, keys, names, odd), flags));
            }
        }
    }
    expect(&records);
}

#[test]
fn nothing_in_a_rule_s_way_makes_a_hit_of_what_is_none() {
    let evidence = Evidence::new();
    let records: Vec<Vec<u8>> = VALUES
        .iter()
        .map(|(name, value, _)| [b"{\"odd\":", *value, b",", &dull(name).as_bytes()[1..]].concat())
        .collect();
    evidence.file("log", &records.join(&b'\n'));
    assert_eq!(hunt_jsonl(evidence.path(), &["--no-prefilter"]).expect_exit(0).ids(), [] as [&str; 0]);
}

/// A hit and the line it shares; where it begins there and how long it is.
fn shared(evidence: &Evidence, before: &str, behind: &str) -> (u64, u64) {
    evidence
        .file("log", format!("{}\n{before}{}{behind}\n{}\n", dull("x"), hit("one"), dull("y")).as_bytes());
    let hunt = hunt_jsonl(evidence.path(), &[]).expect_exit(0);
    assert_eq!(hunt.ids(), ["one"], "{before} … {behind}");
    let alert = &hunt.alerts()[0];
    let location = &alert["coldtrail"]["events"][0]["location"];
    assert_eq!(alert["coldtrail"]["flags"], json!([]));
    let number = |key: &str| location[key].as_u64().unwrap();
    (number("offset") - dull("x").len() as u64 - 1, number("length"))
}

#[test]
fn a_record_behind_another_one_on_its_line_is_found_where_it_lies() {
    let evidence = Evidence::new();
    let whole = dull("before");
    // A line feed is missing; or the writer was killed, here in a key, there in a value, in a name, behind a colon.
    let cuts = [whole.len(), 100, 90, 60, 49, 20, 8, 1];
    let lines = cuts.map(|cut| whole[..cut].to_owned());
    let tails = [whole[80..].to_owned(), format!("{whole} , "), whole.repeat(3)];
    for before in lines.iter().chain(&tails) {
        let place = (before.len() as u64, hit("one").len() as u64);
        assert_eq!(shared(&evidence, before, ""), place, "{before}");
        assert_eq!(shared(&evidence, before, &whole[..100]), place, "{before}");
    }
}

#[test]
fn hits_on_one_line_are_all_found() {
    let evidence = Evidence::new();
    let (first, last) = (hit("first"), hit("last"));
    let cut = &first[..first.len() - 2];
    let wide: Vec<u8> =
        format!("{}\n{first}{last}\n", dull("é")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    for line in [format!("{first}{last}"), format!("{cut}{last}"), format!("{first} {} {last}", dull("x"))] {
        evidence.file("log", format!("{}\n{line}\n", dull("x")).as_bytes());
        assert_eq!(hunt_jsonl(evidence.path(), &[]).expect_exit(0).ids(), ["first", "last"], "{line}");
    }
    evidence.file("log", &wide);
    let hunt = hunt_jsonl(evidence.path(), &[]).expect_exit(0);
    assert_eq!(hunt.ids(), ["first", "last"]);
    let location = &hunt.alerts()[1]["coldtrail"]["events"][0]["location"];
    let at = wide.len() - 2 * (last.len() + 1);
    assert_eq!(
        (location["offset"].as_u64(), location["length"].as_u64()),
        (Some(at as u64), Some(2 * last.len() as u64))
    );
}

#[test]
fn a_damaged_hit_in_which_another_record_seems_to_begin_is_found_whole() {
    let evidence = Evidence::new();
    let line = hit("one").replacen('{', r#"{"odd":["x{","y"],"raw":{"a":1,"#, 1);
    evidence.file("log", format!("{}\n{line}\n", dull("x")).as_bytes());
    let line = hit("two").replacen(r#""process":"#, r#""args":["{"] ["process"],"process":"#, 1);
    evidence.file("other", format!("{}\n{line}\n", dull("x")).as_bytes());
    let hunt = hunt_jsonl(evidence.path(), &[]).expect_exit(3);
    assert_eq!(hunt.ids(), ["two"], "what lies in `raw` is no event of its own");
    assert!(hunt.stderr.contains("bad_record"), "{}", hunt.stderr);
    assert_eq!(hunt.alerts()[0]["coldtrail"]["events"][0]["original"], json!(line));
}

#[test]
fn a_line_of_a_million_beginnings_takes_no_square_of_the_time() {
    let evidence = Evidence::new();
    let line =
        ["ScreenConnect.Service.exe", &"{\"a".repeat(1_000_000), &hit("one"), &"x{\"".repeat(1_000_000)];
    evidence.file("log", format!("{}\n{}\n", dull("x"), line.concat()).as_bytes());
    let begun = std::time::Instant::now();
    assert_eq!(hunt_jsonl(evidence.path(), &[]).expect_exit(0).ids(), ["one"]);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

/// One bit is enough to make `]` a `}`, or a quote another character, and then the rest of the record says something else.
#[test]
fn a_bit_flipped_where_nothing_is_asked_costs_no_hit_without_a_gap() {
    let before = r#"{"tags":["a","b"],"o":{"p":[1,{"q":"r"}],"n":-1.5,"t":true},"#;
    let (mut lines, mut structural) = (Vec::new(), Vec::new());
    for (at, bit) in (0..before.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut line = before.as_bytes().to_vec();
        line[at] ^= 1 << bit;
        if [before.as_bytes()[at], line[at]].iter().any(|byte| br#""\{}[]"#.contains(byte)) {
            structural.push(format!("{at}-{bit}"));
        }
        if line[at] != b'\n' {
            line.extend(&hit(&format!("{at}-{bit}")).as_bytes()[1..]);
            lines.push(line);
        }
    }
    let evidence = Evidence::new();
    evidence.file("log", &lines.join(&b'\n'));
    let bad = evidence.ledger(&[])["total"]["bad"].as_u64().unwrap();
    let found = hunt_jsonl(evidence.path(), &[]).expect_exit(3).ids();
    let has = |line: &[u8], id: &String| String::from_utf8_lossy(line).contains(&format!("\"{id}\""));
    let lost: Vec<_> = lines.iter().filter(|line| !found.iter().any(|id| has(line, id))).collect();
    assert_eq!(bad, lost.len() as u64);
    for line in lost {
        assert!(structural.iter().any(|id| has(line, id)), "{}", String::from_utf8_lossy(line));
    }
}
