//! Conditions, and the obvious way to decide them.

use std::fmt;

use serde_json::Value;

use super::term::Term;
use super::test::Test;
use super::value::Scalar;

/// What a query may ask.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    /// There is nothing: `== null`.
    Missing(Term),
    /// Some value passes; what is missing passes nothing.
    Is(Term, Test),
    /// No value of a field is this: `!=`.
    NotEqual(String, Scalar),
}

impl Condition {
    /// Whether the condition holds for a record.
    pub(crate) fn holds(&self, record: &Value) -> bool {
        let passes =
            |term: &Term, test: &Test| term.results(record).iter().flatten().any(|value| test.passes(value));
        match self {
            Condition::And(parts) => parts.iter().all(|part| part.holds(record)),
            Condition::Or(parts) => parts.iter().any(|part| part.holds(record)),
            Condition::Not(inner) => !inner.holds(record),
            Condition::Missing(term) => term.results(record).contains(&None),
            Condition::Is(term, test) => passes(term, test),
            Condition::NotEqual(field, wanted) => {
                !passes(&Term::Field(field.clone()), &Test::Equal(wanted.clone()))
            }
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: &[Condition], with: &str| {
            parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(with)
        };
        match self {
            Condition::And(parts) => f.write_str(&joined(parts, " and ")),
            Condition::Or(parts) => f.write_str(&joined(parts, " or ")),
            Condition::Not(inner) => write!(f, "not ({inner})"),
            Condition::Missing(term) => write!(f, "{term} == null"),
            Condition::Is(term, test) => f.write_str(&test.asked_of(term)),
            Condition::NotEqual(field, wanted) => write!(f, "{field} != {wanted}"),
        }
    }
}
