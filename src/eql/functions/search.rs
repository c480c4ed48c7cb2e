//! endsWith, indexOf, startsWith, stringContains.

use std::borrow::Cow;

use super::{BadArgument, Function, Gives};
use crate::eql::ast::{Case, Literal};
use crate::eql::test::Test;
use crate::eql::value::{Number, Scalar, Wildcard};

pub(super) static ENDS_WITH: Function = predicate(
    "endsWith",
    |a, case| of_two(a, case, |text, part| text.ends_with(part)),
    |constants, case| single(constants, |text| Wildcard::suffix(text, case)),
);
pub(super) static STARTS_WITH: Function = predicate(
    "startsWith",
    |a, case| of_two(a, case, |text, part| text.starts_with(part)),
    |constants, case| single(constants, |text| Wildcard::prefix(text, case)),
);
pub(super) static STRING_CONTAINS: Function = predicate(
    "stringContains",
    |a, case| of_two(a, case, contains),
    |constants, case| single(constants, |text| Wildcard::infix(text, case)),
);
pub(super) static INDEX_OF: Function = Function {
    name: "indexOf",
    arity: (2, 3),
    folds: true,
    gives: Gives::Value,
    apply: index_of,
    test: None,
};

type Apply = for<'a> fn(&[Scalar<'a>], Case) -> Scalar<'a>;

const fn predicate(name: &'static str, apply: Apply, test: super::MakeTest) -> Function {
    Function { name, arity: (2, 2), folds: true, gives: Gives::Boolean, apply, test: Some(test) }
}

/// Nothing contains the empty string, as in Elasticsearch.
fn contains(text: &str, part: &str) -> bool {
    !part.is_empty() && text.contains(part)
}

fn single(constants: &[&Literal], wildcard: impl FnOnce(&str) -> Wildcard) -> Result<Test, BadArgument> {
    match constants {
        [Literal::Text(text)] => Ok(Test::wildcard(wildcard(text))),
        _ => Err(BadArgument { index: 0, message: "this is no string".to_owned() }),
    }
}

/// Text as it is compared: in lower case when case does not matter.
pub(super) fn folded(text: Cow<'_, str>, case: Case) -> Cow<'_, str> {
    match case {
        Case::Insensitive if text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            text.to_ascii_lowercase().into()
        }
        _ => text,
    }
}

fn of_two<'a>(arguments: &[Scalar<'_>], case: Case, holds: impl Fn(&str, &str) -> bool) -> Scalar<'a> {
    let [text, part] = arguments else { return Scalar::Null };
    match (text.as_text(), part.as_text()) {
        (Some(text), Some(part)) => Scalar::Bool(holds(&folded(text, case), &folded(part, case))),
        _ => Scalar::Null,
    }
}

/// Where `part` first stands at or behind `start`, in UTF-16 units; null if nowhere.
fn index_of<'a>(arguments: &[Scalar<'a>], case: Case) -> Scalar<'a> {
    let texts = arguments.first().and_then(Scalar::as_text).zip(arguments.get(1).and_then(Scalar::as_text));
    let Some((text, part)) = texts else { return Scalar::Null };
    let (text, part) = (folded(text, case), folded(part, case));
    let start = arguments
        .get(2)
        .map_or(Some(0), Scalar::as_index)
        .and_then(|start| usize::try_from(start.max(0)).ok());
    let Some(start) = start.and_then(|start| super::cut::byte_offset(&text, start)) else {
        return Scalar::Null;
    };
    match text[start..].find(&*part) {
        Some(found) => Scalar::Number(Number::Int(super::cut::units(&text[..start + found]))),
        None => Scalar::Null,
    }
}
