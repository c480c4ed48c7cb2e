//! The document within a record that carries it: a search hit, an elasticdump or Splunk export line, an
//! update of a bulk request.

use super::nesting::{Nesting, Stop};

/// Keys whose value is the document, each with the keys that may stand before it.
const CARRIERS: &[(&str, &[&str])] = &[
    (
        "_source",
        &[
            "_index",
            "_type",
            "_id",
            "_score",
            "_version",
            "_seq_no",
            "_primary_term",
            "_routing",
            "found",
            "fields",
            "sort",
        ],
    ),
    ("result", &["preview", "offset", "lastrow"]),
    ("doc", &["doc_as_upsert", "detect_noop"]),
];

/// What a search gives instead of `_source` when that was not asked for.
const FIELDS: &[u8] = b"fields";

/// The document that `record` carries, or `record` itself.
#[must_use]
pub fn inner(record: &[u8]) -> &[u8] {
    carried(record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record).trim_ascii()).unwrap_or(record)
}

/// The document that `record` carries. The first key mostly tells.
fn carried(record: &[u8]) -> Option<&[u8]> {
    let (mut nesting, mut at) = (Nesting::new(true), 0);
    let mut keys: Vec<&[u8]> = Vec::new();
    let mut fields = None;
    loop {
        let (next, stop) = nesting.follow(record, at);
        at = next;
        match stop {
            Stop::Key(key) => {
                let key = &record[key + 1..at - 1];
                if !CARRIERS.iter().any(|(carrier, before)| {
                    carrier.as_bytes() == key || before.iter().any(|known| known.as_bytes() == key)
                }) {
                    return fields;
                }
                keys.push(key);
            }
            Stop::Member => {
                let value = value_at(record, at);
                match keys.split_last() {
                    Some((key, before)) if carries(key, before) && value.starts_with(b"{") => {
                        return Some(value);
                    }
                    Some((key, [first, ..])) if *key == FIELDS && *first == b"_index" => fields = Some(value),
                    _ => {}
                }
                at += value.len();
                nesting.pass_value();
            }
            Stop::LineFeed => at += 1,
            Stop::More | Stop::Closed | Stop::Damage => return fields,
        }
    }
}

fn carries(key: &[u8], before: &[&[u8]]) -> bool {
    CARRIERS.iter().any(|(carrier, known)| {
        carrier.as_bytes() == key
            && before.iter().all(|key| known.iter().any(|known| known.as_bytes() == *key))
    })
}

/// The container that begins at `at`, as far as it goes.
fn value_at(record: &[u8], at: usize) -> &[u8] {
    let (mut nesting, mut end) = (Nesting::new(false), at);
    loop {
        let (next, stop) = nesting.follow(record, end);
        match stop {
            Stop::LineFeed => end = next + 1,
            Stop::Closed => return &record[at..next],
            _ => return &record[at..],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carried_document_is_found() {
        for (record, document) in [
            (
                r#"{"_index":"i","_id":"1","_score":1.0,"_source":{"a":{"b":1}},"sort":[1]}"#,
                r#"{"a":{"b":1}}"#,
            ),
            (r#"{"_index":"i","_id":"1","fields":{"a.b":["x"]}}"#, r#"{"a.b":["x"]}"#),
            (r#"{"_index":"i","fields":{"a.b":["x"]},"_source":{"a":1}}"#, r#"{"a":1}"#),
            (r#"{"preview":false,"offset":0,"result":{"_time":"x"}}"#, r#"{"_time":"x"}"#),
            (r#"{"doc":{"a":1},"doc_as_upsert":true}"#, r#"{"a":1}"#),
            (r#"{"_source":{"cut":"#, r#"{"cut":"#),
        ] {
            assert_eq!(inner(record.as_bytes()), document.as_bytes(), "{record}");
        }
    }

    #[test]
    fn other_documents_stay_as_they_are() {
        for record in [
            r#"{"@timestamp":"x","_source":{"a":1}}"#,
            r#"{"fields":{"env":"prod"},"@timestamp":"x"}"#,
            r#"{"result":"success","doc":{"a":1},"message":"x"}"#,
            r#"{"preview":false,"lastrow":true}"#,
            "{}",
            "no json",
            "",
        ] {
            assert_eq!(inner(record.as_bytes()), record.as_bytes());
        }
    }
}
