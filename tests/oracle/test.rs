//! What may be asked of one value.

use std::cmp::Ordering;

use coldtrail::eql::ast::{Case, CompareOp};

use super::lucene::Pattern;
use super::term::{Term, folded, tilde};
use super::value::{Scalar, address, quoted, within};
use super::wildcard;

/// What a value passes or does not.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    Equal(Scalar),
    /// `<` and its kin: numbers as numbers, texts byte by byte.
    Order(CompareOp, Scalar),
    In(Vec<Scalar>),
    InAnyCase(Vec<String>),
    Like(Vec<String>, Case),
    Regex(Vec<Pattern>, Case),
    StartsWith(String, Case),
    EndsWith(String, Case),
    Contains(String, Case),
    /// `cidrMatch`
    Within(Vec<String>),
    /// `==` of an address, however it is written.
    Address(String),
}

impl Test {
    pub(crate) fn passes(&self, value: &Scalar) -> bool {
        match (self, value) {
            (Test::Equal(wanted), value) => same(wanted, value),
            (Test::In(wanted), value) => wanted.iter().any(|wanted| same(wanted, value)),
            (Test::Order(op, Scalar::Text(limit)), Scalar::Text(text)) => {
                ordered(*op, text.as_bytes(), limit.as_bytes())
            }
            (Test::Order(op, Scalar::Number(limit)), Scalar::Number(number)) => {
                number.compared().compare(*limit).is_some_and(|order| ordered(*op, order as i8, 0))
            }
            (test, Scalar::Text(text)) => test.passes_text(text),
            (_, Scalar::Number(_)) => false,
        }
    }

    fn passes_text(&self, text: &str) -> bool {
        match self {
            Test::InAnyCase(words) => words.iter().any(|word| word.eq_ignore_ascii_case(text)),
            Test::Like(patterns, case) => {
                patterns.iter().any(|pattern| wildcard::fits(&folded(pattern, *case), &folded(text, *case)))
            }
            Test::Regex(patterns, case) => patterns.iter().any(|pattern| pattern.fits(text, *case)),
            Test::StartsWith(word, case) => folded(text, *case).starts_with(&folded(word, *case)),
            Test::EndsWith(word, case) => folded(text, *case).ends_with(&folded(word, *case)),
            // Elasticsearch finds nothing by an empty text.
            Test::Contains(word, case) => {
                !word.is_empty() && folded(text, *case).contains(&folded(word, *case))
            }
            Test::Within(blocks) => blocks.iter().any(|block| within(text, block)),
            Test::Address(wanted) => address(text) == address(wanted),
            Test::Equal(_) | Test::Order(..) | Test::In(_) => false,
        }
    }

    /// The question, of that subject.
    pub(crate) fn asked_of(&self, subject: &Term) -> String {
        let called = |name: &str, word: &String, case: &Case| {
            format!("{name}{}({subject}, {})", tilde(*case), quoted(word))
        };
        let texts = |words: &[String]| words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
        match self {
            Test::Equal(wanted) => format!("{subject} == {wanted}"),
            Test::Order(op, limit) => format!("{subject} {} {limit}", sign(*op)),
            Test::In(wanted) => {
                let wanted: Vec<String> = wanted.iter().map(Scalar::to_string).collect();
                format!("{subject} in ({})", wanted.join(", "))
            }
            Test::InAnyCase(words) => format!("{subject} in~ ({})", texts(words)),
            Test::Like(patterns, Case::Sensitive) => format!("{subject} like ({})", texts(patterns)),
            Test::Like(patterns, Case::Insensitive) => format!("{subject} : ({})", texts(patterns)),
            Test::Regex(patterns, case) => {
                let patterns: Vec<String> = patterns.iter().map(Pattern::to_string).collect();
                format!("{subject} regex{} ({})", tilde(*case), texts(&patterns))
            }
            Test::StartsWith(word, case) => called("startsWith", word, case),
            Test::EndsWith(word, case) => called("endsWith", word, case),
            Test::Contains(word, case) => called("stringContains", word, case),
            Test::Within(blocks) => format!("cidrMatch({subject}, {})", texts(blocks)),
            Test::Address(wanted) => format!("{subject} == {}", quoted(wanted)),
        }
    }
}

fn same(one: &Scalar, other: &Scalar) -> bool {
    match (one, other) {
        (Scalar::Text(one), Scalar::Text(other)) => one == other,
        (Scalar::Number(one), Scalar::Number(other)) => {
            one.compare(other.compared()).is_some_and(Ordering::is_eq)
        }
        _ => false,
    }
}

fn ordered<T: PartialOrd>(op: CompareOp, left: T, right: T) -> bool {
    match op {
        CompareOp::Less => left < right,
        CompareOp::LessOrEqual => left <= right,
        CompareOp::Greater => left > right,
        CompareOp::GreaterOrEqual => left >= right,
        CompareOp::Equal => left == right,
        CompareOp::NotEqual => left != right,
    }
}

fn sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
        CompareOp::Equal => "==",
        CompareOp::NotEqual => "!=",
    }
}
