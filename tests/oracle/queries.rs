//! Conditions and records by chance, which often meet.

use coldtrail::eql::ast::{ArithmeticOp, CompareOp};
use proptest::prelude::*;
use proptest::test_runner::TestRng;
use serde_json::Value;

use super::condition::Condition;
use super::draw::{case, number, one, piece, scalar};
use super::number::Number;
use super::term::{Given, Term};
use super::test::Test;
use super::value::{Kind, Scalar, kind};
use super::{ADDRESSES, BLOCKS, FIELDS, NUMBERS, WORDS};
use super::{patterns, witness};

const ORDERS: [CompareOp; 4] =
    [CompareOp::Less, CompareOp::LessOrEqual, CompareOp::Greater, CompareOp::GreaterOrEqual];

const OPERATIONS: [ArithmeticOp; 5] = [
    ArithmeticOp::Add,
    ArithmeticOp::Subtract,
    ArithmeticOp::Multiply,
    ArithmeticOp::Divide,
    ArithmeticOp::Modulo,
];

/// Conditions up to three deep.
pub(crate) fn conditions() -> impl Strategy<Value = Condition> {
    let leaf = Just(()).prop_perturb(|(), mut rng| leaf(&mut rng));
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::And),
            2 => prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::Or),
            1 => inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

/// A condition, and records of which some are made for it.
pub(crate) fn cases() -> impl Strategy<Value = (Condition, Vec<Value>)> {
    conditions().prop_flat_map(|condition| {
        let made_for = condition.clone();
        let drafts = Just(()).prop_perturb(move |(), mut rng| witness::draft(&made_for, &mut rng));
        let records = prop_oneof![records(), drafts];
        (Just(condition), prop::collection::vec(records, 30))
    })
}

fn records() -> impl Strategy<Value = Value> {
    Just(()).prop_perturb(|(), mut rng| {
        let mut fields = Vec::new();
        for field in FIELDS.iter().chain(&NUMBERS).chain(&["source.ip"]) {
            if rng.random_ratio(7, 10) {
                let count = one(&[1, 1, 1, 2, 0], &mut rng);
                fields.push(((*field).to_owned(), (0..count).map(|_| scalar(field, &mut rng)).collect()));
            }
        }
        witness::record(fields, &mut rng)
    })
}

fn leaf(rng: &mut TestRng) -> Condition {
    let field = one(&FIELDS, rng).to_owned();
    match rng.random_range(0..20) {
        0 => Condition::Missing(Term::Field(field)),
        1 => Condition::NotEqual(field, Scalar::Text(one(&WORDS, rng).to_owned())),
        2..9 => Condition::Is(Term::Field(field), text_test(one(&WORDS, rng), rng)),
        9..12 => {
            let field = one(&NUMBERS, rng);
            match rng.random_range(0..6) {
                0 => Condition::Missing(Term::Field(field.to_owned())),
                1 => Condition::NotEqual(field.to_owned(), Scalar::Number(number(field, rng))),
                _ => Condition::Is(Term::Field(field.to_owned()), number_test(number(field, rng), rng)),
            }
        }
        12 => {
            let test = if rng.random() {
                Test::Address(one(&ADDRESSES[1..], rng).to_owned())
            } else {
                Test::Within((0..rng.random_range(1..3)).map(|_| one(&BLOCKS, rng).to_owned()).collect())
            };
            Condition::Is(Term::Field("source.ip".to_owned()), test)
        }
        13..17 => computed(text_term(2, rng), rng),
        _ => computed(number_term(2, rng), rng),
    }
}

/// What is true of a text.
fn text_test(word: &str, rng: &mut TestRng) -> Test {
    let words = |rng: &mut TestRng| {
        let others = rng.random_range(0..3);
        let mut words: Vec<String> = (0..others).map(|_| one(&WORDS, rng).to_owned()).collect();
        words.push(word.to_owned());
        words
    };
    match rng.random_range(0..12) {
        0 => Test::Equal(Scalar::Text(word.to_owned())),
        1 => Test::Order(one(&ORDERS, rng), Scalar::Text(word.to_owned())),
        2 => Test::In(words(rng).into_iter().map(Scalar::Text).collect()),
        3 => Test::InAnyCase(words(rng)),
        4..6 => {
            let like = words(rng).iter().map(|word| wildcard(word, rng)).collect();
            Test::Like(like, case(rng))
        }
        6..9 => {
            let patterns = words(rng).iter().map(|word| patterns::about(word, rng)).collect();
            Test::Regex(patterns, case(rng))
        }
        9 => Test::StartsWith(word.chars().take(rng.random_range(0..20)).collect(), case(rng)),
        10 => Test::EndsWith(word.chars().skip(rng.random_range(0..20)).collect(), case(rng)),
        _ => Test::Contains(piece(word, rng), case(rng)),
    }
}

/// The word with a `*` or `?` for some of it.
fn wildcard(word: &str, rng: &mut TestRng) -> String {
    let wild = one(&["*", "?", ""], rng);
    let at = rng.random_range(0..8);
    let before: String = word.chars().take(at).collect();
    let behind: String = word.chars().skip(at + 1).collect();
    format!("{wild}{before}{wild}{behind}")
}

/// What is true of a number, or is not far from it.
fn number_test(number: Number, rng: &mut TestRng) -> Test {
    match rng.random_range(0..4) {
        0 => Test::Equal(Scalar::Number(number)),
        1 => Test::In(vec![Scalar::Number(number), Scalar::Number(Number::Whole(1))]),
        _ => Test::Order(one(&ORDERS, rng), Scalar::Number(number)),
    }
}

/// What is true of what the term makes of some values.
fn computed(term: Term, rng: &mut TestRng) -> Condition {
    let given: Given =
        term.fields().into_iter().map(|field| (field.clone(), Some(scalar(&field, rng)))).collect();
    match term.of(&given) {
        Some(_) if rng.random_ratio(1, 10) => Condition::Missing(term),
        Some(Scalar::Text(text)) => Condition::Is(term, text_test(&text, rng)),
        Some(Scalar::Number(number)) if number.double().is_finite() => {
            Condition::Is(term, number_test(number.constant(), rng))
        }
        _ => Condition::Missing(term),
    }
}

fn text_term(depth: usize, rng: &mut TestRng) -> Term {
    let field = |rng: &mut TestRng| Term::Field(one(&FIELDS, rng).to_owned());
    if depth == 0 {
        return field(rng);
    }
    let inner = text_term(rng.random_range(0..depth), rng);
    match rng.random_range(0..5) {
        0 => {
            let end = rng.random_bool(0.5).then(|| rng.random_range(-6..16));
            Term::Substring(Box::new(inner), rng.random_range(-12..8), end)
        }
        1 | 2 => Term::Between {
            source: Box::new(inner),
            left: piece(one(&WORDS, rng), rng),
            right: piece(one(&WORDS, rng), rng),
            greedy: rng.random(),
            case: case(rng),
        },
        3 => {
            let constant = Term::Constant(Scalar::Text(piece(one(&WORDS, rng), rng)));
            let number = Term::Field(one(&NUMBERS, rng).to_owned());
            let other = one(&[field(rng), number], rng);
            Term::Concat(vec![inner, constant, other])
        }
        _ => Term::Text(Box::new(Term::Field(one(&NUMBERS, rng).to_owned()))),
    }
}

fn number_term(depth: usize, rng: &mut TestRng) -> Term {
    let inner = Box::new(text_term(rng.random_range(0..depth), rng));
    match rng.random_range(0..6) {
        0 => Term::Length(inner),
        1 => {
            let start = rng.random_bool(0.5).then(|| rng.random_range(-2..8));
            Term::IndexOf(inner, piece(one(&WORDS, rng), rng), start, case(rng))
        }
        2 => Term::Number(inner, one(&[None, None, Some(16), Some(10)], rng)),
        _ => {
            let field = one(&NUMBERS, rng);
            let with = match rng.random_range(0..3) {
                0 if depth > 1 => number_term(depth - 1, rng),
                1 => Term::Field(one(&NUMBERS, rng).to_owned()),
                _ => Term::Constant(Scalar::Number(number(field, rng))),
            };
            let mut sides = [Term::Field(field.to_owned()), with];
            if rng.random() {
                sides.reverse();
            }
            Term::Arithmetic { op: one(&OPERATIONS, rng), sides: Box::new(sides), function: rng.random() }
        }
    }
}

/// Makes sure that fields are what they are taken for.
#[test]
fn fields_are_of_their_kinds() {
    assert!(FIELDS.iter().all(|field| kind(field) == Kind::Text));
    assert!(NUMBERS.iter().all(|field| matches!(kind(field), Kind::Long | Kind::Double | Kind::Number)));
}
