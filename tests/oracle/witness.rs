//! Records that satisfy a condition, and records that nearly do.

use proptest::prelude::*;
use proptest::test_runner::TestRng;
use serde_json::{Value, json};

use super::condition::Condition;
use super::spelling;

/// What a `*` may stand for.
const FILLS: [&str; 6] = ["", "x", " /c \"a\\b\" ", "C:\\Program Files\\", "<&'+>", "k\u{e9}y"];

/// What no condition asks for.
const EXTRA: [&str; 2] = ["extra", "message"];

/// So many drafts of a record are made before a condition is taken for one that nothing satisfies.
const DRAFTS: usize = 1000;

/// The fields of a record, each with one value or more.
type Fields = Vec<(String, Vec<String>)>;

/// A record that satisfies `condition`, made by luck: its tests that must hold are given what they ask for, and
/// what then fails, because another test forbids it, is thrown away.
///
/// # Panics
/// If no record can be found.
pub(crate) fn satisfying(condition: &Condition, rng: &mut TestRng) -> Value {
    let mut drafts = (0..DRAFTS).map(|_| {
        let mut fields = Fields::new();
        satisfy(condition, &mut fields, rng);
        record(fields, rng)
    });
    drafts.find(|record| condition.holds(record)).unwrap_or_else(|| panic!("nothing satisfies {condition}"))
}

/// `record` with one of the fields asked for gone, or one of its texts another. It may still satisfy what it did.
pub(crate) fn spoiled(record: &Value, rng: &mut TestRng) -> Value {
    let mut record = record.clone();
    let mut place = &mut record;
    loop {
        place = match place {
            Value::Object(members) => {
                let keys: Vec<String> =
                    members.keys().filter(|key| !EXTRA.contains(&key.as_str())).cloned().collect();
                let key = one(&keys, rng);
                if rng.random_ratio(1, 6) {
                    members.remove(&key);
                    return record;
                }
                &mut members[&key]
            }
            Value::Array(elements) => {
                let chosen = rng.random_range(0..elements.len());
                &mut elements[chosen]
            }
            Value::String(text) => {
                *text = misspelled(text, rng);
                return record;
            }
            _ => return record,
        };
    }
}

/// One character doubled, gone, or in the other case, or the same in front of or behind more.
fn misspelled(text: &str, rng: &mut TestRng) -> String {
    let at = rng.random_range(0..=text.chars().count());
    let (before, behind): (String, String) =
        (text.chars().take(at).collect(), text.chars().skip(at).collect());
    let mut rest = behind.chars();
    let first = rest.next();
    match rng.random_range(0..5) {
        0 => format!("{before}{}", rest.as_str()),
        1 => format!("{before}{}{behind}", first.unwrap_or('x')),
        2 => format!("{before}{}{}", first.map(flipped).unwrap_or_default(), rest.as_str()),
        3 => format!("{text} "),
        _ => format!("x{text}"),
    }
}

/// Puts into `fields` what the tests of `condition` ask for, as far as they ask for anything.
fn satisfy(condition: &Condition, fields: &mut Fields, rng: &mut TestRng) {
    let (field, text) = match condition {
        Condition::And(parts) => return parts.iter().for_each(|part| satisfy(part, fields, rng)),
        Condition::Or(parts) => {
            let chosen = rng.random_range(0..parts.len());
            return satisfy(&parts[chosen], fields, rng);
        }
        Condition::Not(inner) => match &**inner {
            Condition::Missing(field) => (field, filled("*", rng)),
            _ => return,
        },
        Condition::Missing(_) | Condition::NotEqual(..) => return,
        Condition::Equal(field, word) => (field, word.clone()),
        Condition::In(field, words) => (field, one(words, rng)),
        Condition::InAnyCase(field, words) => (field, recased(&one(words, rng), rng)),
        Condition::Like(field, pattern) => (field, filled(pattern, rng)),
        Condition::LikeAnyCase(field, pattern) => (field, recased(&filled(pattern, rng), rng)),
        Condition::StartsWith(field, word) => (field, word.clone() + &filled("*", rng)),
        Condition::EndsWithAnyCase(field, word) => (field, filled("*", rng) + &recased(word, rng)),
        Condition::Contains(field, word) => (field, filled("*", rng) + word + &filled("*", rng)),
    };
    match fields.iter_mut().find(|(known, _)| known == field) {
        Some((_, texts)) => texts.push(text),
        None => fields.push((field.clone(), vec![text])),
    }
}

/// A record of these fields and others; values may stand in arrays, among others.
fn record(fields: Fields, rng: &mut TestRng) -> Value {
    let extra = (EXTRA[1].to_owned(), vec![filled("*", rng)]);
    let values: Vec<(String, Value)> = fields
        .into_iter()
        .chain([extra])
        .map(|(field, mut texts)| {
            if rng.random_ratio(1, 4) {
                texts.insert(rng.random_range(0..=texts.len()), filled("*", rng));
            }
            let value = match texts.as_slice() {
                [text] if rng.random_ratio(3, 4) => json!(text),
                texts if rng.random_ratio(1, 4) => json!([texts, null]),
                texts => json!(texts),
            };
            (field, value)
        })
        .collect();
    spelling::document(values.iter().map(|(field, value)| (field.as_str(), value.clone())), rng.random())
}

fn one(words: &[String], rng: &mut TestRng) -> String {
    words[rng.random_range(0..words.len())].clone()
}

/// A text that fits a wildcard pattern.
fn filled(pattern: &str, rng: &mut TestRng) -> String {
    let mut text = String::new();
    for character in pattern.chars() {
        match character {
            '*' => text.push_str(FILLS[rng.random_range(0..FILLS.len())]),
            '?' => text.push(['a', '\\', '"', '\u{e9}'][rng.random_range(0..4)]),
            plain => text.push(plain),
        }
    }
    text
}

/// Every ASCII letter in either case.
fn recased(text: &str, rng: &mut TestRng) -> String {
    text.chars().map(|character| if rng.random() { flipped(character) } else { character }).collect()
}

fn flipped(character: char) -> char {
    if character.is_ascii_lowercase() {
        character.to_ascii_uppercase()
    } else {
        character.to_ascii_lowercase()
    }
}
