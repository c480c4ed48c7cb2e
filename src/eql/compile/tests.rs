use serde_json::{Value as Json, json};

use crate::eql::{Mapping, Options, Program, Search, Types, compile, parse};
use crate::event::{Event, FieldSet, Value};

fn fill(event: &mut Event, fields: &mut FieldSet, path: &str, json: &Json) {
    match json {
        Json::Object(object) => {
            for (key, value) in object {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                fill(event, fields, &path, value);
            }
        }
        Json::Array(values) => values.iter().for_each(|value| fill(event, fields, path, value)),
        scalar => {
            let field = fields.intern(path);
            if field.index() < fields.len() {
                event.push(field, value(scalar));
            }
        }
    }
}

fn value(json: &Json) -> Value<'_> {
    match json {
        Json::Bool(value) => Value::Bool(*value),
        Json::String(text) => Value::Str(text),
        Json::Number(number) => number
            .as_i64()
            .map(Value::Int)
            .or_else(|| number.as_u64().map(Value::UInt))
            .or_else(|| number.as_f64().map(Value::Float))
            .unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

fn paths(json: &Json, path: &str, fields: &mut FieldSet) {
    match json {
        Json::Object(object) => object.iter().for_each(|(key, value)| {
            paths(value, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, fields);
        }),
        Json::Array(values) => values.iter().for_each(|value| paths(value, path, fields)),
        _ => {
            fields.intern(path);
        }
    }
}

fn compiled(condition: &str, types: Types, fields: &mut FieldSet) -> Result<Program, String> {
    let query = parse(&format!("any where {condition}")).map_err(|problems| problems[0].message.clone())?;
    let options = Options { types, ..Options::default() };
    compile(&query, &options, fields).map_err(|problems| {
        problems.iter().map(|p| format!("{} ({}) ", p.message, p.help.clone().unwrap_or_default())).collect()
    })
}

fn holds_with(condition: &str, document: &Json, types: Types) -> bool {
    let mut fields = FieldSet::new();
    paths(document, "", &mut fields);
    let program = compiled(condition, types, &mut fields).unwrap_or_else(|why| panic!("{condition}: {why}"));
    let mut event = Event::new(&fields);
    fill(&mut event, &mut fields, "", document);
    match program.search {
        Search::Event(filter) => filter.matches(&event),
        _ => panic!("{condition} is no event query"),
    }
}

fn check(document: &Json, cases: &[(&str, bool)]) {
    for (condition, expected) in cases {
        assert_eq!(holds_with(condition, document, Types::Ecs), *expected, "{condition} on {document}");
    }
}

fn mapping() -> Types {
    let text = r#"{"properties": {
        "k": {"type": "keyword"}, "n": {"type": "long"}, "b": {"type": "boolean"}, "t": {"type": "date"},
        "ip": {"type": "ip"}, "v": {"type": "version"}, "none": {"type": "keyword", "null_value": "NONE"}
    }}"#;
    Types::Mapping(Mapping::parse(text).unwrap())
}

#[test]
fn a_leaf_on_a_missing_field_fails_and_its_negation_holds() {
    check(
        &json!({"there": 1, "nul": null, "empty": [], "nuls": [null]}),
        &[
            ("x == 1", false),
            ("not x == 1", true),
            ("x != 1", true),
            ("not x != 1", false),
            ("x > -1", false),
            ("not (x > -1)", true),
            ("not x : \"a*\"", true),
            ("x not in (\"a\", \"b\")", true),
            ("x == null", true),
            ("x != null", false),
            ("nul == null and empty == null and nuls == null", true),
            ("there != null and not there == null", true),
            ("null == (x > -1)", true),
            ("null == (there > -1)", false),
            ("(x > -1) != null", false),
            ("not (length(x) > 1)", true),
            ("length(x) == null", true),
            ("concat(x, \"a\") == null", true),
            ("startsWith(x, \"a\") == true", false),
            ("startsWith(x, \"a\") != true", true),
            ("x", false),
            ("not x", true),
            ("?x : \"a\"", false),
            ("not ?x : \"a\"", true),
        ],
    );
}

#[test]
fn each_leaf_takes_any_element_of_an_array() {
    check(
        &json!({"n": [50, 300], "s": ["alpha", "Beta"], "o": [{"data": "1"}, {"data": "2"}], "a.b": 1, "a": {"b": 2}}),
        &[
            ("n > 100 and n < 200", true),
            ("n == 100", false),
            ("not n == 50", false),
            ("s == \"alpha\" and s == \"Beta\"", true),
            ("s : \"b*\" and not s : \"c*\"", true),
            ("length(s) == 4", true),
            ("length(s) == 6", false),
            ("concat(s, n) == \"Beta50\" and concat(s, n) == \"alpha300\"", true),
            ("concat(s, s) == \"alphaBeta\"", false),
            ("o.data == \"2\"", true),
            ("a.b == 1 and a.b == 2", true),
        ],
    );
}

#[test]
fn strings_compare_by_operator() {
    check(
        &json!({"s": "C:\\Windows\\CMD.exe", "star": "a*c", "code": 4688, "f": 3.0, "yes": true}),
        &[
            ("s == \"c:\\\\windows\\\\cmd.exe\"", false),
            ("s : \"c:\\\\windows\\\\cmd.exe\"", true),
            ("s : \"*\\\\cmd.???\"", true),
            ("s like \"*\\\\cmd.exe\"", false),
            ("s like~ (\"x\", \"*\\\\cmd.exe\")", true),
            ("s in~ (\"*\", \"C:\\\\WINDOWS\\\\cmd.EXE\")", true),
            ("s in (\"*\")", false),
            ("star in (\"a*c\") and star == \"a*c\"", true),
            ("s regex~ \"\"\".*\\\\cmd\\.exe\"\"\"", true),
            ("s regex (\"x\", \"\"\"C:\\\\Windows.*\"\"\")", true),
            ("s regex \"Windows\"", false),
            ("s >= \"C\" and s < \"D\"", true),
            ("code == \"4688\" and code : \"46*\" and code == 4688 and code == 4688.0", true),
            ("code in (\"x\", 4688)", true),
            ("f == 3 and f < 3.5 and 3 <= f", true),
            ("yes and yes == true and yes != false and yes == \"true\"", true),
            ("startsWith~(s, \"c:\") and endsWith(s, \".exe\") and stringContains~(s, \"WINDOWS\")", true),
            ("startsWith(\"C:\\\\Windows\\\\CMD.exe.bak\", s)", true),
            ("stringContains(s, \"\")", false),
            ("substring(s, -4) : \".EXE\"", true),
            ("substring(s, 0, 2) == \"C:\"", true),
            ("1 + 1 == 2 and not 5 / 2 == 2.5", true),
            ("code % 10 == 8 and -code == -4688 and code / 2.0 == 2344", true),
        ],
    );
}

#[test]
fn ecs_types_decide_how_values_compare() {
    check(
        &json!({
            "source": {"ip": ["2001:db8::1", "10.1.2.3"], "port": "443"},
            "process": {"pid": 7.0, "parent": {"code_signature": {"trusted": "true"}}},
            "@timestamp": "2026-02-20T14:03:07.5+01:00", "process.start": 1771596187123_i64,
        }),
        &[
            ("cidrMatch(source.ip, \"192.168.0.0/16\", \"10.6.48.157/8\")", true),
            ("source.ip == \"2001:0db8:0::1\"", true),
            ("source.ip in (\"10.0.0.0/8\")", true),
            ("source.ip == \"10.1.2.4\"", false),
            ("source.port == 443 and source.port < 1000", true),
            ("process.pid == 7", true),
            ("process.parent.code_signature.trusted == true", true),
            (
                "@timestamp >= \"2026-02-20T13:03:07.5Z\" and @timestamp < \"2026-02-20T13:03:07.500000001Z\"",
                true,
            ),
            ("process.start == \"2026-02-20T14:03:07.123Z\" and process.start == 1771596187123", true),
        ],
    );
}

#[test]
fn a_mapping_makes_unknown_optional_fields_null_literals() {
    let document = json!({"k": "a", "n": 5, "v": "1.10.0", "none": null, "t": "2026-01-01T00:00:00Z"});
    for (condition, expected) in [
        ("?gone == \"a\"", false),
        ("?gone != \"a\"", true),
        ("?gone == null", true),
        ("?gone != null", false),
        ("?gone == ?lost", true),
        ("?gone : \"a\"", false),
        ("not ?gone : \"a\"", false),
        ("not (?gone : \"a\" and k == \"b\")", true),
        ("not (?gone : \"a\" or k == \"b\")", false),
        ("not (?gone > 1)", false),
        ("length(?gone) == null", true),
        ("?gone", false),
        ("none == \"NONE\" and none != null", true),
        ("v > \"1.9.0\" and v < \"2.0.0\"", true),
        ("t == \"2026-01-01T00:00:00Z\"", true),
    ] {
        assert_eq!(holds_with(condition, &document, mapping()), expected, "{condition}");
    }
}

#[test]
fn wrong_types_and_fields_are_refused_with_their_remedy() {
    for (condition, expected) in [
        ("k == 5", "this field is a keyword"),
        ("n == \"5\"", "this field is a number"),
        ("n : \"5\"", "compares strings"),
        ("ip : \"10.*\"", "cidrMatch"),
        ("ip == \"ten\"", "an IP address"),
        ("b == 1", "a boolean"),
        ("t > \"soon\"", "a date"),
        ("gone == 1", "write `?gone`"),
        ("k == none", "needs a constant"),
        ("k", "this is no condition"),
        ("5", "this is no condition"),
        ("length(k)", "this is no condition"),
        ("k : 5", "compares strings"),
        ("cidrMatch(ip, \"10.0.0.0/99\")", "neither a CIDR block nor an address"),
        ("k regex \"a{2\"", "the pattern `a{2`"),
        ("b > true", "has no order"),
    ] {
        let refusal = compiled(condition, mapping(), &mut FieldSet::new()).expect_err(condition);
        assert!(refusal.contains(expected), "{condition}: {refusal}");
    }
    assert!(compiled("x == y", Types::Ecs, &mut FieldSet::new()).is_err());
    let both = compiled("k == 5 and n == \"x\"", mapping(), &mut FieldSet::new()).unwrap_err();
    assert_eq!(both.matches("this field is").count(), 2, "{both}");
}

#[test]
fn the_category_is_one_of_the_event_s_categories() {
    let mut fields = FieldSet::new();
    let query = parse("process where true").unwrap();
    let Search::Event(filter) = compile(&query, &Options::default(), &mut fields).unwrap().search else {
        panic!("an event query")
    };
    let mut event = Event::new(&fields);
    assert!(!filter.matches(&event));
    let category = fields.intern("event.category");
    event.push(category, Value::Str("network"));
    event.push(category, Value::Str("Process"));
    assert!(!filter.matches(&event));
    event.push(category, Value::Str("process"));
    assert!(filter.matches(&event));
}

#[test]
fn deep_and_long_queries_compile_and_run_at_once() {
    let started = std::time::Instant::now();
    let deep = format!("{}x == 1{}", "(".repeat(250), ") == true".repeat(250));
    assert!(holds_with(&deep, &json!({"x": 1}), Types::Ecs));
    let list: Vec<String> = (0..5000).map(|n| format!("\"name{n}.dll\"")).collect();
    assert!(holds_with(&format!("x : ({})", list.join(",")), &json!({"x": "NAME4999.DLL"}), Types::Ecs));
    let chain: Vec<String> = (0..5000).map(|n| format!("x == \"{n}\"")).collect();
    assert!(holds_with(&chain.join(" or "), &json!({"x": "4999"}), Types::Ecs));
    let (many, more) = (vec![json!("a"); 5000], vec![json!("b"); 5000]);
    assert!(!holds_with("concat(x, y) == \"c\"", &json!({"x": many, "y": more}), Types::Ecs));
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
}
