//! Conditions, and the obvious way to decide them.

use std::fmt;

use proptest::prelude::*;
use serde_json::Value;

use super::{FIELDS, WORDS};

/// What a query may ask. A leaf holds if any value of the field passes; a missing field passes nothing.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Missing(String),
    Equal(String, String),
    NotEqual(String, String),
    In(String, Vec<String>),
    InAnyCase(String, Vec<String>),
    Like(String, String),
    LikeAnyCase(String, String),
    StartsWith(String, String),
    EndsWithAnyCase(String, String),
    Contains(String, String),
}

impl Condition {
    /// Whether the condition holds for a record.
    pub(crate) fn holds(&self, record: &Value) -> bool {
        let any = |field: &str, passes: &dyn Fn(&str) -> bool| {
            values(record, field).iter().any(|value| passes(value))
        };
        match self {
            Condition::And(parts) => parts.iter().all(|part| part.holds(record)),
            Condition::Or(parts) => parts.iter().any(|part| part.holds(record)),
            Condition::Not(inner) => !inner.holds(record),
            Condition::Missing(field) => values(record, field).is_empty(),
            Condition::Equal(field, word) => any(field, &|value| value == word),
            Condition::NotEqual(field, word) => !any(field, &|value| value == word),
            Condition::In(field, words) => any(field, &|value| words.iter().any(|word| word == value)),
            Condition::InAnyCase(field, words) => {
                any(field, &|value| words.iter().any(|word| word.eq_ignore_ascii_case(value)))
            }
            Condition::Like(field, pattern) => any(field, &|value| fits(pattern, value)),
            Condition::LikeAnyCase(field, pattern) => {
                any(field, &|value| fits(&pattern.to_ascii_lowercase(), &value.to_ascii_lowercase()))
            }
            Condition::StartsWith(field, word) => any(field, &|value| value.starts_with(word)),
            Condition::EndsWithAnyCase(field, word) => {
                any(field, &|value| value.to_ascii_lowercase().ends_with(&word.to_ascii_lowercase()))
            }
            // Elasticsearch finds nothing by an empty text.
            Condition::Contains(field, word) => any(field, &|value| !word.is_empty() && value.contains(word)),
        }
    }
}

/// All texts that a field holds, nested or dotted, arrays flattened.
fn values(record: &Value, field: &str) -> Vec<String> {
    match record {
        Value::Array(elements) => elements.iter().flat_map(|element| values(element, field)).collect(),
        Value::String(text) if field.is_empty() => vec![text.clone()],
        Value::Object(members) => {
            let below = members.iter().filter_map(|(key, value)| {
                let rest = field.strip_prefix(key.as_str())?;
                let rest = if rest.is_empty() { rest } else { rest.strip_prefix('.')? };
                Some(values(value, rest))
            });
            below.flatten().collect()
        }
        _ => Vec::new(),
    }
}

/// The textbook's wildcard match.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for wanted in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match wanted {
                '*' => reach[at] || (at > 0 && next[at - 1]),
                '?' => at > 0 && reach[at - 1],
                plain => at > 0 && reach[at - 1] && text[at - 1] == plain,
            };
        }
        reach = next;
    }
    reach[text.len()]
}

fn quoted(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('\t', "\\t");
    format!("\"{escaped}\"")
}

fn list(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: &[Condition], with: &str| {
            parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(with)
        };
        match self {
            Condition::And(parts) => f.write_str(&joined(parts, " and ")),
            Condition::Or(parts) => f.write_str(&joined(parts, " or ")),
            Condition::Not(inner) => write!(f, "not ({inner})"),
            Condition::Missing(field) => write!(f, "{field} == null"),
            Condition::Equal(field, word) => write!(f, "{field} == {}", quoted(word)),
            Condition::NotEqual(field, word) => write!(f, "{field} != {}", quoted(word)),
            Condition::In(field, words) => write!(f, "{field} in ({})", list(words)),
            Condition::InAnyCase(field, words) => write!(f, "{field} in~ ({})", list(words)),
            Condition::Like(field, pattern) => write!(f, "{field} like {}", quoted(pattern)),
            Condition::LikeAnyCase(field, pattern) => write!(f, "{field} : {}", quoted(pattern)),
            Condition::StartsWith(field, word) => write!(f, "startsWith({field}, {})", quoted(word)),
            Condition::EndsWithAnyCase(field, word) => write!(f, "endsWith~({field}, {})", quoted(word)),
            Condition::Contains(field, word) => write!(f, "stringContains({field}, {})", quoted(word)),
        }
    }
}

/// Conditions up to three deep.
pub(crate) fn conditions() -> impl Strategy<Value = Condition> {
    let field = || prop::sample::select(FIELDS.to_vec()).prop_map(str::to_owned);
    let word = || prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned);
    let words = || prop::collection::vec(word(), 1..4);
    let pattern = (word(), 0_usize..8, prop::sample::select(vec!["*", "?", ""])).prop_map(
        |(word, at, wild): (String, _, _)| {
            let at = word.char_indices().map(|(at, _)| at).nth(at).unwrap_or(word.len());
            format!("{wild}{}{wild}{}", &word[..at], word[at..].chars().skip(1).collect::<String>())
        },
    );
    let leaf = prop_oneof![
        1 => field().prop_map(Condition::Missing),
        3 => (field(), word()).prop_map(|(field, word)| Condition::Equal(field, word)),
        1 => (field(), word()).prop_map(|(field, word)| Condition::NotEqual(field, word)),
        2 => (field(), words()).prop_map(|(field, words)| Condition::In(field, words)),
        2 => (field(), words()).prop_map(|(field, words)| Condition::InAnyCase(field, words)),
        2 => (field(), pattern.clone()).prop_map(|(field, pattern)| Condition::Like(field, pattern)),
        3 => (field(), pattern).prop_map(|(field, pattern)| Condition::LikeAnyCase(field, pattern)),
        1 => (field(), word()).prop_map(|(field, word)| Condition::StartsWith(field, word)),
        1 => (field(), word()).prop_map(|(field, word)| Condition::EndsWithAnyCase(field, word)),
        1 => (field(), word()).prop_map(|(field, word)| Condition::Contains(field, word)),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::And),
            2 => prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::Or),
            1 => inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}
