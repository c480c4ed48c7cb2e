//! add, subtract, multiply, divide, modulo: integers stay integers, and a double makes all double.
//! Where Elasticsearch fails the query (a division of integers by zero), the result is null.

use super::{Function, Gives};
use crate::eql::value::{Number, Scalar};

pub(super) static ADD: Function = arithmetic("add", |a, _| compute(a, i128::checked_add, |x, y| x + y));
pub(super) static SUBTRACT: Function =
    arithmetic("subtract", |a, _| compute(a, i128::checked_sub, |x, y| x - y));
pub(super) static MULTIPLY: Function =
    arithmetic("multiply", |a, _| compute(a, i128::checked_mul, |x, y| x * y));
pub(super) static DIVIDE: Function = arithmetic("divide", |a, _| compute(a, i128::checked_div, |x, y| x / y));
pub(super) static MODULO: Function = arithmetic("modulo", |a, _| compute(a, i128::checked_rem, |x, y| x % y));

type Apply = for<'a> fn(&[Scalar<'a>], crate::eql::ast::Case) -> Scalar<'a>;

const fn arithmetic(name: &'static str, apply: Apply) -> Function {
    Function { name, arity: (2, 2), folds: false, gives: Gives::Value, apply, test: None }
}

fn compute<'a>(
    arguments: &[Scalar<'_>],
    whole: fn(i128, i128) -> Option<i128>,
    double: fn(f64, f64) -> f64,
) -> Scalar<'a> {
    let [a, b] = arguments else { return Scalar::Null };
    let (Some(a), Some(b)) = (a.as_number(), b.as_number()) else { return Scalar::Null };
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => {
            whole(a, b).map_or(Scalar::Null, |n| Scalar::Number(Number::Int(n)))
        }
        _ => Scalar::Number(Number::Float(double(a.as_f64(), b.as_f64()))),
    }
}
