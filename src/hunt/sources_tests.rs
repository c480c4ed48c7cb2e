//! What the prefilter lets through, over the corpus of sources: every field that a source's map fills is asked
//! for by its own value and by pieces of it, and each such record must be found unparsed.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value as Json;

use super::engine::{Candidate, Engine, Filtering};
use super::unit::Found;
use crate::eql::Options;
use crate::event::{Document, Documents, Flags};
use crate::record::Location;
use crate::rule::{Rule, RuleSet};

fn records() -> Vec<String> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/sources");
    let folders = std::fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = folders.filter(|path| path.to_string_lossy().ends_with("-raw")).collect();
    folders.sort();
    let texts =
        folders.iter().map(|folder| std::fs::read_to_string(folder.join("evidence/log.ndjson")).unwrap());
    texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Whether a query matches, and whether the prefilter lets the record through.
fn ask(query: &str, record: &str) -> (bool, bool) {
    let rules = RuleSet::new(vec![Rule::from_query(query)]).0;
    let engine = Engine::new(&rules, &Options::default(), Filtering::Prefilter).expect(query);
    let location = Location { source: 0, entry: 0, segment: 0, offset: 0, length: record.len() as u64 };
    let mut found = Found::default();
    let candidate = Candidate { record: record.as_bytes(), rendered: None, location, flags: Flags::empty() };
    engine.examine(&mut engine.examiner(), candidate, &mut found);
    (found.hits.len() == 1, engine.prefilter().find(record.as_bytes(), 0).is_some())
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn document(record: &str) -> Json {
    serde_json::to_value(Document::read(record.as_bytes())).expect("a document is JSON")
}

/// Every path with a text in a document.
fn texts(value: &Json, path: &str, found: &mut Vec<(String, String)>) {
    match value {
        Json::Object(fields) => fields.iter().for_each(|(key, value)| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            texts(value, &path, found);
        }),
        Json::Array(values) => values.iter().for_each(|value| texts(value, path, found)),
        Json::String(text) if is_plain(path) => found.push((path.to_owned(), text.clone())),
        _ => {}
    }
}

/// EQL has fields of plain names only unless they are quoted.
fn is_plain(path: &str) -> bool {
    let branches = ["@timestamp", "event.", "host.", "process.", "user.", "winlog."];
    branches.iter().any(|branch| path.starts_with(branch))
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@_.".contains(&byte))
}

#[test]
fn every_derived_value_is_found_by_the_prefilter() {
    let mut asked = 0;
    for record in records().iter().step_by(3) {
        let mut found = Vec::new();
        texts(&document(record), "", &mut found);
        for (path, text) in found {
            if text.is_empty() || text.contains(['\r', '\n']) {
                continue;
            }
            let query = format!("any where {path} == {}", quote(&text));
            assert_eq!(ask(&query, record), (true, true), "{query}\n{record}");
            asked += 1;
        }
    }
    assert!(asked > 500, "{asked}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn pieces_of_derived_values_are_found_by_the_prefilter(
        at: prop::sample::Index, which: prop::sample::Index, cut: (prop::sample::Index, prop::sample::Index), upper: bool,
    ) {
        let records = records();
        let record = &records[at.index(records.len())];
        let mut found = Vec::new();
        texts(&document(record), "", &mut found);
        let (path, text) = &found[which.index(found.len())];
        let (a, b) = (cut.0.index(text.len() + 1), cut.1.index(text.len() + 1));
        let piece = text.get(a.min(b)..a.max(b)).unwrap_or_default();
        prop_assume!(!piece.is_empty() && !piece.contains(['*', '?', '\r', '\n']));
        let piece = if upper { piece.to_ascii_uppercase() } else { piece.to_owned() };
        let query = format!("any where {path} : {}", quote(&format!("*{piece}*")));
        let is_date = ["@timestamp", "event.created"].contains(&path.as_str()) || path.ends_with(".start");
        prop_assume!(!is_date);
        let (matches, is_candidate) = ask(&query, record);
        prop_assert!(!matches || is_candidate, "{query}\n{record}");
    }

    #[test]
    fn escapes_in_json_in_json_are_let_through(at in 0..23_usize) {
        let mut letters: Vec<char> = "screenconnect.service.EXE".chars().collect();
        let escaped = format!("\\u{:04x}", u32::from(letters[at]));
        letters[at] = '\0';
        let name: String = letters.into_iter().collect::<String>().replace('\0', &escaped);
        let payload = format!(
            r##"{{"EventData":{{"Data":[{{"@Name":"ParentImage","#text":"C:\\x\\{name}"}},{{"@Name":"Image","#text":"C:\\cmd.exe"}}]}}}}"##
        );
        let record = serde_json::json!({
            "EventId": 1, "Provider": "Microsoft-Windows-Sysmon", "Payload": payload,
        });
        let query = r#"process where process.parent.name : "ScreenConnect.Service.exe""#;
        prop_assert_eq!(ask(query, &record.to_string()), (true, true));
    }
}

#[test]
fn raw_and_derived_fields_stand_side_by_side() {
    let record = records().into_iter().find(|record| record.contains("evtx-dump-hit")).unwrap();
    for query in [
        "any where Event.System.EventID == 1",
        r#"process where event.code : "1" and event.type == "start""#,
        r#"process where winlog.event_data.ParentImage : "*ScreenConnect.Service.exe" and process.pid > 4000"#,
        r#"process where event.action == "Process creation" and winlog.event_data.Nothing == null"#,
    ] {
        assert_eq!(ask(query, &record), (true, true), "{query}");
    }
}

#[test]
fn old_documents_match_when_they_are_rebuilt() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus/sources/m365-defender-old-ecs/evidence/log.ndjson");
    let text = std::fs::read_to_string(path).unwrap();
    for (documents, expected) in [(Documents::AsTheyStand, 0), (Documents::Rebuilt, 1)] {
        let engine = Engine::new(&RuleSet::bundled(), &Options::default(), Filtering::Prefilter).unwrap();
        let engine = engine.with_documents(documents);
        for record in text.lines() {
            let location =
                Location { source: 0, entry: 0, segment: 0, offset: 0, length: record.len() as u64 };
            let mut found = Found::default();
            let candidate =
                Candidate { record: record.as_bytes(), rendered: None, location, flags: Flags::empty() };
            engine.examine(&mut engine.examiner(), candidate, &mut found);
            assert_eq!(found.hits.len(), expected, "{record}");
            for hit in &found.hits {
                let member = &hit.members[0];
                assert!(member.flags.contains(Flags::RENORMALISED));
                let document = Document::read_with(member.json(), Documents::of(member.flags));
                assert_eq!(document.text("event.type").as_deref(), Some("start"));
            }
        }
    }
}
