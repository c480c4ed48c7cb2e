//! Numbers: integers exactly, all others as doubles.

use std::cmp::Ordering;
use std::fmt;

use crate::event::Value;

/// A number. Integers are wide enough that no sum or product of two 64-bit ones overflows.
#[derive(Clone, Copy, Debug)]
pub(in crate::eql) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    /// A value of a numeric field: a number, or a string that spells one.
    pub(in crate::eql) fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Int(value) => Some(Number::Int(value.into())),
            Value::UInt(value) => Some(Number::Int(value.into())),
            Value::Float(value) => Some(Number::Float(value)),
            Value::Str(text) => Self::parse(text),
            Value::Null | Value::Bool(_) => None,
        }
    }

    /// Reads decimal text, as Elasticsearch coerces it.
    pub(in crate::eql) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(value) = text.parse() {
            return Some(Number::Int(value));
        }
        // `parse` alone would take `inf` and `nan`.
        let decimal = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
        let value = if decimal { text.parse().ok()? } else { return None };
        Some(Number::Float(value))
    }

    /// As a double, rounded if need be.
    pub(in crate::eql) fn as_f64(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "rounding is what is asked for")]
            Number::Int(value) => value as f64,
            Number::Float(value) => value,
        }
    }

    /// As an integer, when it is a whole number.
    pub(in crate::eql) fn as_int(self) -> Option<i128> {
        match self {
            Number::Int(value) => Some(value),
            #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^100")]
            Number::Float(value) if value.fract() == 0.0 && value.abs() < 1e30 => Some(value as i128),
            Number::Float(_) => None,
        }
    }

    /// The exact order; none with NaN.
    pub(in crate::eql) fn compare(self, other: Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Int(a), Number::Float(b)) => compare_mixed(a, b),
            (Number::Float(a), Number::Int(b)) => compare_mixed(b, a).map(Ordering::reverse),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
        }
    }

    /// A total order that agrees with [`compare`](Self::compare), for sorted lists.
    pub(in crate::eql) fn order(&self, other: &Number) -> Ordering {
        self.compare(*other).unwrap_or(Ordering::Less)
    }
}

/// Compares without rounding the integer, which a double may not hold.
fn compare_mixed(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    let whole = float.floor();
    match Number::Float(whole).as_int() {
        Some(floor) => {
            Some(int.cmp(&floor).then(if float > whole { Ordering::Less } else { Ordering::Equal }))
        }
        None => Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater }),
    }
}

impl fmt::Display for Number {
    /// Doubles keep their point (`3.0`), as Java prints them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(value) => value.fmt(f),
            Number::Float(value) => write!(f, "{value:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_doubles_compare_without_rounding() {
        let compare = |a: i128, b: f64| Number::Int(a).compare(Number::Float(b));
        assert_eq!(compare(3, 3.0), Some(Ordering::Equal));
        assert_eq!(compare(3, 3.5), Some(Ordering::Less));
        assert_eq!(compare(-3, -3.5), Some(Ordering::Greater));
        assert_eq!(compare((1 << 53) + 1, 9_007_199_254_740_992.0), Some(Ordering::Greater));
        assert_eq!(compare(1, f64::INFINITY), Some(Ordering::Less));
        assert_eq!(compare(1, f64::NAN), None);
    }

    #[test]
    fn text_is_a_number_only_if_it_spells_one() {
        for (text, expected) in [
            ("5", Some("5")),
            ("-4.5", Some("-4.5")),
            ("1e3", Some("1000.0")),
            ("inf", None),
            ("0x1", None),
            ("", None),
        ] {
            assert_eq!(Number::parse(text).map(|number| number.to_string()).as_deref(), expected, "{text}");
        }
    }
}
