//! between, length, substring. Places and lengths are UTF-16 units, as in Java; a cut through a
//! character leaves U+FFFD.

use std::borrow::Cow;

use super::search::folded;
use super::{Function, Gives};
use crate::eql::ast::Case;
use crate::eql::value::{Number, Scalar};

pub(super) static BETWEEN: Function =
    Function { name: "between", arity: (3, 4), folds: true, gives: Gives::Value, apply: between, test: None };
pub(super) static LENGTH: Function =
    Function { name: "length", arity: (1, 1), folds: false, gives: Gives::Value, apply: length, test: None };
pub(super) static SUBSTRING: Function = Function {
    name: "substring",
    arity: (2, 3),
    folds: false,
    gives: Gives::Value,
    apply: substring,
    test: None,
};

/// How long `text` is in UTF-16.
pub(super) fn units(text: &str) -> i128 {
    let units = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
    i128::try_from(units).unwrap_or(i128::MAX)
}

/// The byte at which the UTF-16 unit `unit` begins; none behind the end.
pub(super) fn byte_offset(text: &str, unit: usize) -> Option<usize> {
    let mut left = unit;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return Some(at);
        }
        left = left.saturating_sub(c.len_utf16());
    }
    (left == 0).then_some(text.len())
}

fn length<'a>(arguments: &[Scalar<'a>], _: Case) -> Scalar<'a> {
    let text = arguments.first().and_then(Scalar::as_text);
    text.map_or(Scalar::Null, |text| Scalar::Number(Number::Int(units(&text))))
}

fn substring<'a>(arguments: &[Scalar<'a>], _: Case) -> Scalar<'a> {
    let Some(text) = arguments.first().and_then(Scalar::as_text) else { return Scalar::Null };
    let units: Vec<u16> = text.encode_utf16().collect();
    let Some(start) = arguments.get(1).and_then(|start| place(start, units.len())) else {
        return Scalar::Null;
    };
    let end = arguments.get(2).map_or(Some(units.len()), |end| place(end, units.len()));
    let Some(end) = end else { return Scalar::Null };
    Scalar::Text(Cow::Owned(String::from_utf16_lossy(units.get(start..end).unwrap_or_default())))
}

/// A place in a text of `length` units; counted from the end if negative, and kept inside.
fn place(scalar: &Scalar<'_>, length: usize) -> Option<usize> {
    let place = scalar.as_number()?.as_int()?;
    let whole = i128::try_from(length).ok()?;
    let place = if place < 0 { place.saturating_add(whole) } else { place };
    usize::try_from(place.clamp(0, whole)).ok()
}

/// What stands between the first `left` and the next `right`, or the last one if greedy; nothing if
/// one of them is absent, and the whole text if one of them is empty.
fn between<'a>(arguments: &[Scalar<'a>], case: Case) -> Scalar<'a> {
    let texts: Vec<Cow<'_, str>> = arguments.iter().take(3).filter_map(Scalar::as_text).collect();
    let [text, left, right] = texts.as_slice() else { return Scalar::Null };
    if left.is_empty() || right.is_empty() {
        return arguments[0].clone();
    }
    let greedy = arguments.get(3).and_then(Scalar::as_bool).unwrap_or(false);
    // Folding ASCII moves no byte, so places in the folded text are places in the text.
    let folded = [text, left, right].map(|text| folded(Cow::Borrowed(text), case));
    let found = inside(&folded[0], &folded[1], &folded[2], greedy);
    Scalar::Text(Cow::Owned(found.map_or(String::new(), |(start, end)| text[start..end].to_owned())))
}

fn inside(text: &str, left: &str, right: &str, greedy: bool) -> Option<(usize, usize)> {
    let start = text.find(left)? + left.len();
    let end = if greedy { text[start..].rfind(right)? } else { text[start..].find(right)? };
    Some((start, start + end))
}
