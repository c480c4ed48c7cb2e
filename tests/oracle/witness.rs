//! Records that satisfy a condition, and records that nearly do.

use proptest::prelude::*;
use proptest::test_runner::TestRng;
use serde_json::{Value, json};

use super::condition::Condition;
use super::draw::one;
use super::guess::{Guess, filled};
use super::lucene::flipped;
use super::spelling;
use super::value::{Kind, Scalar, kind};

/// What no condition asks for.
const EXTRA: [&str; 2] = ["extra", "message"];

/// So many drafts of a record are made before a condition is taken for one that nothing satisfies.
const DRAFTS: usize = 1000;

/// The fields of a record, each with its values.
type Fields = Vec<(String, Vec<Scalar>)>;

/// A record that satisfies `condition`, made by luck: its tests that must hold are given what they ask for, and
/// what then fails, because another test forbids it, is thrown away.
///
/// # Panics
/// If no record can be found.
pub(crate) fn satisfying(condition: &Condition, rng: &mut TestRng) -> Value {
    let mut drafts = (0..DRAFTS).map(|_| draft(condition, rng));
    drafts.find(|record| condition.holds(record)).unwrap_or_else(|| panic!("nothing satisfies {condition}"))
}

/// A record that has what the tests of `condition` ask for, and may fail all the same.
pub(crate) fn draft(condition: &Condition, rng: &mut TestRng) -> Value {
    let mut fields = Fields::new();
    satisfy(condition, &mut fields, rng);
    for (_, values) in &mut fields {
        if rng.random_ratio(1, 4) {
            values.insert(rng.random_range(0..=values.len()), Scalar::Text(filled("*", rng)));
        }
    }
    record(fields, rng)
}

/// `record` with one of the fields asked for gone, or one of its values another. It may still satisfy what it did.
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
            Value::Array(elements) if !elements.is_empty() => {
                let chosen = rng.random_range(0..elements.len());
                &mut elements[chosen]
            }
            Value::String(text) => {
                *text = misspelled(text, rng);
                return record;
            }
            Value::Number(number) => {
                let near = number.as_i64().unwrap_or_default().saturating_add(rng.random_range(-2..3));
                *number = near.into();
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
    let given = match condition {
        Condition::And(parts) => return parts.iter().for_each(|part| satisfy(part, fields, rng)),
        Condition::Or(parts) => return satisfy(&one(parts, rng), fields, rng),
        Condition::Not(inner) => match &**inner {
            Condition::Missing(term) => Guess::that_is_there(term, rng),
            _ => return,
        },
        Condition::Missing(_) | Condition::NotEqual(..) => return,
        Condition::Is(term, test) => Guess::that_passes(term, test, rng),
    };
    for (field, value) in given {
        match fields.iter_mut().find(|(known, _)| *known == field) {
            Some((_, values)) => values.extend(value),
            None => fields.push((field, value.into_iter().collect())),
        }
    }
}

/// A record of these fields and others; values may stand in arrays, and numbers be written in other ways.
pub(crate) fn record(fields: Fields, rng: &mut TestRng) -> Value {
    let extra = (EXTRA[1].to_owned(), vec![Scalar::Text(filled("*", rng))]);
    let values: Vec<(String, Value)> = fields
        .into_iter()
        .chain([extra])
        .map(|(field, scalars)| {
            let mut values: Vec<Value> =
                scalars.iter().map(|scalar| json(scalar, kind(&field), rng)).collect();
            let value = match values.as_slice() {
                [_] if rng.random_ratio(3, 4) => values.remove(0),
                _ if rng.random_ratio(1, 4) => json!([values, null]),
                _ => json!(values),
            };
            (field, value)
        })
        .collect();
    spelling::document(values.iter().map(|(field, value)| (field.as_str(), value.clone())), rng.random())
}

/// A value as JSON. A field whose type is known takes numbers in quotes, too.
fn json(scalar: &Scalar, kind: Kind, rng: &mut TestRng) -> Value {
    let text = match scalar {
        Scalar::Text(text) if kind == Kind::Text && text == "4688" && rng.random() => text.clone(),
        Scalar::Text(text) => return json!(text),
        Scalar::Number(number) => number.to_string(),
    };
    let spelled = match (kind, rng.random_range(0..8)) {
        (Kind::Long | Kind::Double, 0) => format!("\"{text}\""),
        (Kind::Long, 1) if text.len() < 6 && !text.contains('.') => format!("{text}.75"),
        (Kind::Double, 1) if !text.contains('e') => format!("{text}e0"),
        _ => text,
    };
    serde_json::from_str(&spelled).expect("it is JSON")
}

/// Every ASCII letter in either case.
pub(crate) fn recased(text: &str, rng: &mut TestRng) -> String {
    text.chars().map(|character| if rng.random() { flipped(character) } else { character }).collect()
}
