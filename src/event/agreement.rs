//! Three parsers, one reading: what one of them takes is read alike by those behind it that take it, and the last
//! takes all.

use proptest::prelude::*;

use super::skim::Skimmer;
use super::tape::FastParser;
use super::walk::{Collector, Visitor};
use super::{Event, FieldId, FieldSet, Flags, Reader, Reading, Value, tolerant};

/// Writes down every call.
#[derive(Default, PartialEq, Debug)]
struct Transcript(String);

impl Visitor for Transcript {
    fn key(&mut self, key: &str) {
        self.0.push_str(&format!("{key:?}:"));
    }

    fn scalar(&mut self, value: Value<'_>, _token: &str) {
        self.0.push_str(&format!("{value:?} "));
    }

    fn open_object(&mut self) -> bool {
        self.0.push('{');
        true
    }

    fn open_array(&mut self) -> bool {
        self.0.push('[');
        true
    }

    fn close(&mut self) {
        self.0.push_str("} ");
    }
}

/// What simd-json and the tolerant parser say of `record`; `None` of one that refuses it.
fn transcripts(record: &[u8]) -> [Option<Transcript>; 2] {
    let (mut fast, mut slow) = (Transcript::default(), Transcript::default());
    let took = [FastParser::default().parse(record, &mut fast), tolerant::parse(record, &mut slow).found];
    [took[0].then_some(fast), took[1].then_some(slow)]
}

/// Learns the path of every scalar.
#[derive(Default)]
struct Paths {
    open: Vec<String>,
    next: String,
    found: Vec<String>,
}

impl Paths {
    fn open(&mut self) -> bool {
        self.open.push(self.next.clone());
        true
    }

    fn settle(&mut self) {
        self.next = self.open.last().cloned().unwrap_or_default();
    }
}

impl Visitor for Paths {
    fn key(&mut self, key: &str) {
        let outer = self.open.last().map_or("", String::as_str);
        self.next = if outer.is_empty() { key.to_owned() } else { format!("{outer}.{key}") };
    }

    fn scalar(&mut self, _value: Value<'_>, _token: &str) {
        self.found.push(self.next.clone());
        self.settle();
    }

    fn open_object(&mut self) -> bool {
        self.open()
    }

    fn open_array(&mut self) -> bool {
        self.open()
    }

    fn close(&mut self) {
        self.open.pop();
        self.settle();
    }
}

/// The paths of some of the scalars of `record`: nothing is wanted of many an object.
fn fields(record: &[u8]) -> FieldSet {
    let mut paths = Paths::default();
    tolerant::parse(record, &mut paths);
    let mut fields = FieldSet::new();
    for (number, path) in paths.found.iter().enumerate() {
        if (number / 2 + record.len()) % 3 != 2
            && !path.contains(['"', '\\', '/', '\n', '\t', '\r', '\u{8}', '\u{c}'])
        {
            fields.intern(path);
        }
    }
    fields
}

fn dump(fields: &FieldSet, event: &Event) -> Vec<(FieldId, String)> {
    let ids = fields.names().filter_map(|name| fields.find(name));
    ids.map(|field| (field, format!("{:?}", event.values(field).collect::<Vec<_>>()))).collect()
}

/// What the skimmer, simd-json and the tolerant parser make of `record`, if they take it.
fn events(record: &[u8]) -> [Option<Vec<(FieldId, String)>>; 3] {
    let fields = fields(record);
    let (mut skimmed, mut parsed) = (Event::new(&fields), Event::new(&fields));
    let mut skimmer = Skimmer::default();
    let took = skimmer.read(record, &fields, &mut skimmed);
    if took {
        // Once more, after another set of fields was read.
        assert!(skimmer.reread(&fields.only(|name| name.len() % 2 == 0), &mut skimmed));
        assert!(skimmer.reread(&fields, &mut skimmed));
    }
    let skimmed = took.then(|| dump(&fields, &skimmed));
    let took = FastParser::default().parse(record, &mut Collector::new(&fields, &mut parsed));
    let parsed = took.then(|| dump(&fields, &parsed));
    let mut read = Event::new(&fields);
    let took = Reader::read_tolerantly(record, &fields, &mut read) == Reading::Tolerated;
    [skimmed, parsed, took.then(|| dump(&fields, &read))]
}

/// Whether this processor can at all.
fn can_skim() -> bool {
    events(b"{}")[0].is_some()
}

/// JSON text of any shape, with odd spellings; blanks only where `blanks` puts them.
fn json(blanks: &'static str) -> impl Strategy<Value = String> {
    let text = "(\"([a-z. é]|\\\\[nrtbf\"/\\\\]|\\\\u00[0-7][0-9a-f]|\\\\ud83d\\\\ude00){0,8}\")";
    let key =
        prop_oneof![text, "\"[ab.]{0,4}\"", "\"relative_file_(creation|name_modify)_time\"", "\"[ab]{8}\"",];
    let plain = "\"([a-zA-Z:é {}\\[\\],]|\\\\\\\\|\\\\\"|\\\\n){0,90}\"";
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?",
        text,
        plain,
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let pair =
            (key.clone(), inner.clone()).prop_map(move |(key, value)| format!("{key}{blanks}:{value}"));
        let comma = format!("{blanks},{blanks}");
        let comma_too = comma.clone();
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(move |values| format!("[{}]", values.join(&comma))),
            prop::collection::vec(pair, 0..6)
                .prop_map(move |pairs| format!("{{{}}}", pairs.join(&comma_too))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn json_is_read_alike(value in json(" ")) {
        let record = format!("{{\"x\":{value}}}");
        let [fast, slow] = transcripts(record.as_bytes());
        prop_assert_eq!(tolerant::parse(record.as_bytes(), &mut Transcript::default()).flags, Flags::empty());
        prop_assert!(fast.is_some(), "{}", record);
        prop_assert_eq!(fast, slow);
    }

    #[test]
    fn json_without_blanks_is_skimmed(value in json("")) {
        let record = format!("{{\"x\":{value}}}");
        let [skimmed, parsed, _] = events(record.as_bytes());
        if skimmed.is_some() || !record.contains("\\u") && can_skim() {
            prop_assert_eq!(skimmed, parsed, "{}", record);
        }
    }

    #[test]
    fn damage_anywhere_never_panics_and_agrees_where_both_read(
        value in prop_oneof![json(""), json(" ")],
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(&b"\"\"\\{}[]:, \x00\x1a\x0c10.e"[..])], 1..4),
    ) {
        let mut record = format!("{{\"x\":{value}}}").into_bytes();
        let at = at.index(record.len() - 1) + 1;
        let end = record.len().min(at + bytes.len() / 2);
        record.splice(at..end, bytes);
        let [skimmed, parsed, read] = events(&record);
        if skimmed.is_some() {
            // What is wrong where nothing is wanted need not be seen.
            prop_assert!(parsed.is_none() || skimmed == parsed, "{}", String::from_utf8_lossy(&record));
            prop_assert_eq!(skimmed, read, "{}", String::from_utf8_lossy(&record));
        }
        let [fast, slow] = transcripts(&record);
        if fast.is_some() {
            prop_assert_eq!(fast, slow, "{}", String::from_utf8_lossy(&record));
        }
    }
}
