//! One question to one value of a field.

use regex::Regex;

use super::ast::{Case, CompareOp};
use super::value::{Block, Number, Period, Version, Wildcard, Words, address, time_of};
use crate::event::Value;

/// What a value is asked. A value that cannot be read as what it is compared with fails.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// Text that is one of the words or fits one of the wildcards.
    Text {
        words: Words,
        wildcards: Box<[Wildcard]>,
    },
    /// Text that one of the patterns fits.
    Patterns(Box<[Regex]>),
    /// Text in byte order.
    TextOrder(CompareOp, Box<str>),
    /// A number among these, which are sorted.
    Numbers(Box<[Number]>),
    NumberOrder(CompareOp, Number),
    Bools(Box<[bool]>),
    /// A time that compares so with one of these.
    Times {
        op: CompareOp,
        periods: Box<[Period]>,
        formats: Box<[String]>,
    },
    /// An address in one of the blocks.
    Blocks(Box<[Block]>),
    AddressOrder(CompareOp, u128),
    Versions(Box<[Version]>),
    VersionOrder(CompareOp, Version),
    /// One of several tests.
    AnyOf(Box<[Test]>),
}

impl Test {
    pub(super) fn words<'w>(words: impl Iterator<Item = &'w str>, case: Case) -> Self {
        Test::Text { words: Words::new(words, case), wildcards: Box::default() }
    }

    pub(super) fn wildcard(wildcard: Wildcard) -> Self {
        Test::Text { words: Words::new(std::iter::empty(), Case::Sensitive), wildcards: Box::new([wildcard]) }
    }

    /// Whether `value`, which is not null, passes.
    pub(super) fn passes(&self, value: Value<'_>) -> bool {
        match self {
            Test::Text { .. } | Test::Patterns(_) | Test::TextOrder(..) => match value {
                Value::Str(text) => self.text_passes(text),
                Value::Null => false,
                // Doubles keep their point, as in the text of most records.
                Value::Float(number) => self.text_passes(&format!("{number:?}")),
                Value::Bool(_) | Value::Int(_) | Value::UInt(_) => self.text_passes(&value.to_string()),
            },
            Test::Numbers(numbers) => Number::of(value)
                .is_some_and(|number| numbers.binary_search_by(|other| other.order(&number)).is_ok()),
            Test::NumberOrder(op, bound) => Number::of(value)
                .and_then(|number| number.compare(*bound))
                .is_some_and(|order| op.holds(order)),
            Test::Bools(wanted) => boolean(value).is_some_and(|value| wanted.contains(&value)),
            Test::Times { op, periods, formats } => time_of(value, formats)
                .is_some_and(|time| periods.iter().any(|period| period.compares(*op, time))),
            Test::Blocks(_) | Test::AddressOrder(..) | Test::Versions(_) | Test::VersionOrder(..) => {
                matches!(value, Value::Str(text) if self.text_passes(text))
            }
            Test::AnyOf(tests) => tests.iter().any(|test| test.passes(value)),
        }
    }

    fn text_passes(&self, text: &str) -> bool {
        match self {
            Test::Text { words, wildcards } => {
                (!words.is_empty() && words.contains(text))
                    || wildcards.iter().any(|wildcard| wildcard.matches(text))
            }
            Test::Patterns(patterns) => patterns.iter().any(|pattern| pattern.is_match(text)),
            Test::TextOrder(op, bound) => op.holds(text.cmp(bound)),
            Test::Blocks(blocks) => {
                address(text).is_some_and(|address| blocks.iter().any(|block| block.contains(address)))
            }
            Test::AddressOrder(op, bound) => {
                address(text).is_some_and(|address| op.holds(address.cmp(bound)))
            }
            Test::Versions(versions) => versions.contains(&Version::parse(text)),
            Test::VersionOrder(op, bound) => op.holds(Version::parse(text).cmp(bound)),
            _ => false,
        }
    }
}

/// A value of a boolean field; Elasticsearch takes it in quotes too.
pub(super) fn boolean(value: Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(value),
        Value::Str("true") => Some(true),
        Value::Str("false" | "") => Some(false),
        _ => None,
    }
}
