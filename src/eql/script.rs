//! What is more than one test of one field: calls, arithmetic, comparisons of comparisons.
//!
//! Elasticsearch runs these as scripts. Within one, null propagates and logic has three values; the
//! script as a whole holds or does not. A field of several values is tried with each, two fields with
//! each pair.

use super::ast::{Case, CompareOp, Literal};
use super::functions::Function;
use super::reading::Reading;
use super::test::Test;
use super::value::Scalar;
use crate::event::Event;

/// Choices of values that are tried at least. One field is always tried whole; only the product of
/// several arrays in one record can be more than this, and what lies beyond is not tried.
const MAX_CHOICES: usize = 1 << 18;

/// A computed expression and the fields it reads.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) slots: Vec<Reading>,
    pub(super) root: Step,
}

/// A node of a script.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Constant(Literal),
    /// A field, by its place among the slots.
    Slot(usize),
    Call {
        function: &'static Function,
        case: Case,
        arguments: Vec<Step>,
    },
    Compare {
        op: CompareOp,
        left: Box<Step>,
        right: Box<Step>,
    },
    Test {
        subject: Box<Step>,
        test: Test,
    },
    IsNull(Box<Step>),
    Not(Box<Step>),
    And(Vec<Step>),
    Or(Vec<Step>),
}

impl Script {
    /// Whether the script is true for any choice of its fields' values.
    pub(super) fn holds(&self, event: &Event) -> bool {
        let values: Vec<Vec<Scalar<'_>>> = self.slots.iter().map(|slot| scalars(slot, event)).collect();
        let longest = values.iter().map(Vec::len).max().unwrap_or(1);
        let mut choice = vec![0; values.len()];
        let mut slots: Vec<Scalar<'_>> = values.iter().map(|values| values[0].clone()).collect();
        for _ in 0..longest.max(MAX_CHOICES) {
            if self.root.value(&slots).as_bool() == Some(true) {
                return true;
            }
            let Some(turned) = advance(&mut choice, &values) else { return false };
            for slot in 0..=turned {
                slots[slot] = values[slot][choice[slot]].clone();
            }
        }
        false
    }

    /// The value of a script without fields.
    pub(super) fn constant(&self) -> Option<Literal> {
        if !self.slots.is_empty() {
            return None;
        }
        Some(match self.root.value(&[]) {
            Scalar::Null => Literal::Null,
            Scalar::Bool(value) => Literal::Bool(value),
            Scalar::Text(text) => Literal::Text(text.into_owned()),
            Scalar::Number(number) => match number.as_int().and_then(|int| i64::try_from(int).ok()) {
                Some(int) => Literal::Int(int),
                None => Literal::Float(number.as_f64()),
            },
        })
    }
}

/// A missing field is tried as null.
fn scalars<'e>(slot: &'e Reading, event: &'e Event) -> Vec<Scalar<'e>> {
    let values: Vec<_> = slot.scalars(event).collect();
    if values.is_empty() { vec![Scalar::Null] } else { values }
}

/// Goes on to the next choice, as an odometer does; the highest place that turned.
fn advance(choice: &mut [usize], values: &[Vec<Scalar<'_>>]) -> Option<usize> {
    for (place, chosen) in choice.iter_mut().enumerate() {
        *chosen += 1;
        if *chosen < values[place].len() {
            return Some(place);
        }
        *chosen = 0;
    }
    None
}

impl Step {
    fn value<'s>(&'s self, slots: &[Scalar<'s>]) -> Scalar<'s> {
        match self {
            Step::Constant(literal) => Scalar::constant(literal),
            Step::Slot(slot) => slots[*slot].clone(),
            Step::Call { function, case, arguments } => {
                let arguments: Vec<_> = arguments.iter().map(|argument| argument.value(slots)).collect();
                function.call(&arguments, *case)
            }
            Step::Compare { op, left, right } => compare(*op, &left.value(slots), &right.value(slots)),
            Step::Test { subject, test } => match subject.value(slots) {
                Scalar::Null => Scalar::Null,
                value => Scalar::Bool(test.passes(value.as_value())),
            },
            Step::IsNull(inner) => Scalar::Bool(inner.value(slots).is_null()),
            Step::Not(inner) => {
                inner.value(slots).as_bool().map_or(Scalar::Null, |value| Scalar::Bool(!value))
            }
            Step::And(all) => fold(all, slots, false),
            Step::Or(all) => fold(all, slots, true),
        }
    }
}

fn compare<'a>(op: CompareOp, left: &Scalar<'_>, right: &Scalar<'_>) -> Scalar<'a> {
    if left.is_null() || right.is_null() {
        return Scalar::Null;
    }
    Scalar::Bool(match left.compare(right) {
        Some(order) => op.holds(order),
        None => op == CompareOp::NotEqual,
    })
}

/// `decisive` if any step is, else null if any step is null, else its opposite.
fn fold<'s>(steps: &'s [Step], slots: &[Scalar<'s>], decisive: bool) -> Scalar<'s> {
    let mut unknown = false;
    for step in steps {
        match step.value(slots).as_bool() {
            Some(value) if value == decisive => return Scalar::Bool(decisive),
            Some(_) => {}
            None => unknown = true,
        }
    }
    if unknown { Scalar::Null } else { Scalar::Bool(!decisive) }
}
