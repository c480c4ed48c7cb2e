//! concat, number, string.

use std::borrow::Cow;

use super::{Function, Gives};
use crate::eql::ast::Case;
use crate::eql::value::{Number, Scalar};

/// Bytes of the longest concatenation; a longer one is null. Records are bounded, but a query may
/// repeat a field.
const MAX_TEXT: usize = 64 << 20;

pub(super) static CONCAT: Function = Function {
    name: "concat",
    arity: (1, usize::MAX),
    folds: false,
    gives: Gives::Value,
    apply: concat,
    test: None,
};
pub(super) static NUMBER: Function =
    Function { name: "number", arity: (1, 2), folds: false, gives: Gives::Value, apply: number, test: None };
pub(super) static STRING: Function =
    Function { name: "string", arity: (1, 1), folds: false, gives: Gives::Value, apply: string, test: None };

fn concat<'a>(arguments: &[Scalar<'a>], _: Case) -> Scalar<'a> {
    let mut all = String::new();
    for text in arguments.iter().filter_map(Scalar::as_text) {
        if all.len() + text.len() > MAX_TEXT {
            return Scalar::Null;
        }
        all.push_str(&text);
    }
    Scalar::Text(Cow::Owned(all))
}

fn string<'a>(arguments: &[Scalar<'a>], _: Case) -> Scalar<'a> {
    match arguments {
        [Scalar::Text(text)] => Scalar::Text(text.clone()),
        [other] => other.as_text().map_or(Scalar::Null, |text| Scalar::Text(Cow::Owned(text.into_owned()))),
        _ => Scalar::Null,
    }
}

/// Text as a number, in base 10 or the one given. Where Elasticsearch fails the query, null.
fn number<'a>(arguments: &[Scalar<'a>], _: Case) -> Scalar<'a> {
    let Some(text) = arguments.first().and_then(Scalar::as_text) else { return Scalar::Null };
    let hexadecimal = text.strip_prefix("0x");
    let base = match (arguments.get(1), hexadecimal) {
        (Some(base), _) => base.as_index().and_then(|base| u32::try_from(base).ok()),
        (None, Some(_)) => Some(16),
        (None, None) => return Number::parse(&text).map_or(Scalar::Null, Scalar::Number),
    };
    let digits = if base == Some(16) { hexadecimal.unwrap_or(&text) } else { &text };
    match base {
        Some(base @ 2..=36) => i128::from_str_radix(digits, base)
            .map_or(Scalar::Null, |number| Scalar::Number(Number::Int(number))),
        _ => Scalar::Null,
    }
}
