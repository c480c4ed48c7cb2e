//! What is drawn by chance.

use coldtrail::eql::ast::Case;
use proptest::prelude::*;
use proptest::test_runner::TestRng;

use super::number::Number;
use super::value::{Kind, Scalar, kind};
use super::{ADDRESSES, WORDS};

/// Whole numbers: small ones, for what is reckoned; and those that a double does not hold.
const WHOLE: [i128; 16] = [
    -7,
    -1,
    0,
    1,
    2,
    3,
    5,
    8,
    10,
    16,
    4688,
    65536,
    9_007_199_254_740_992,
    9_007_199_254_740_993,
    i64::MAX as i128,
    -(i64::MAX as i128),
];

/// Others.
const DOUBLES: [f64; 6] = [-7.0, -0.25, 0.5, 3.0, 4.5, 10.75];

pub(crate) fn one<T: Clone>(all: &[T], rng: &mut TestRng) -> T {
    all[rng.random_range(0..all.len())].clone()
}

pub(crate) fn case(rng: &mut TestRng) -> Case {
    one(&[Case::Sensitive, Case::Insensitive], rng)
}

/// A part of the text, or nothing of it.
pub(crate) fn piece(text: &str, rng: &mut TestRng) -> String {
    text.chars().skip(rng.random_range(0..10)).take(rng.random_range(0..6)).collect()
}

/// A number that the field may hold.
pub(crate) fn number(field: &str, rng: &mut TestRng) -> Number {
    match kind(field) {
        Kind::Double => Number::Double(one(&DOUBLES, rng)),
        _ if rng.random_ratio(1, 4) => Number::Double(one(&DOUBLES, rng)),
        _ => Number::Whole(one(&WHOLE, rng)),
    }
}

/// A value that the field may hold.
pub(crate) fn scalar(field: &str, rng: &mut TestRng) -> Scalar {
    match kind(field) {
        Kind::Text => Scalar::Text(one(&WORDS, rng).to_owned()),
        Kind::Address => Scalar::Text(one(&ADDRESSES, rng).to_owned()),
        Kind::Long => Scalar::Number(number(field, rng).whole().expect("those drawn fit")),
        Kind::Double | Kind::Number => Scalar::Number(number(field, rng)),
    }
}
