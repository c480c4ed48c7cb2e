//! The functions of EQL: one line each in [`ALL`], one small file a family.

mod cidr;
mod convert;
mod cut;
mod math;
mod search;

use super::ast::{Case, Literal};
use super::test::Test;
use super::value::Scalar;

/// A function: its name, what it takes, and what it gives.
#[derive(Debug)]
pub struct Function {
    /// The canonical spelling; queries may write it in any case.
    pub name: &'static str,
    /// Fewest and most arguments; `usize::MAX` for no limit.
    pub arity: (usize, usize),
    /// Whether there is a `~` form.
    pub folds: bool,
    /// What it gives.
    pub gives: Gives,
    /// Computes it. No argument is null: a function of null is null without being asked.
    apply: for<'a> fn(&[Scalar<'a>], Case) -> Scalar<'a>,
    /// Turns it into a test of its first argument, for when the others are constant.
    test: Option<MakeTest>,
}

/// Makes a test of the constants behind the first argument, or says what is wrong with one of them.
type MakeTest = fn(&[&Literal], Case) -> Result<Test, BadArgument>;

/// What a function yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// True or false: the call can stand as a condition.
    Boolean,
    /// A number or a string.
    Value,
}

/// A constant that a function cannot use.
#[derive(Debug)]
pub(super) struct BadArgument {
    /// Which of the constants handed in.
    pub(super) index: usize,
    /// What is wrong.
    pub(super) message: String,
}

/// All functions, by name.
pub static ALL: [&Function; 16] = [
    &math::ADD,
    &cut::BETWEEN,
    &cidr::CIDR_MATCH,
    &convert::CONCAT,
    &math::DIVIDE,
    &search::ENDS_WITH,
    &search::INDEX_OF,
    &cut::LENGTH,
    &math::MODULO,
    &math::MULTIPLY,
    &convert::NUMBER,
    &search::STARTS_WITH,
    &convert::STRING,
    &search::STRING_CONTAINS,
    &cut::SUBSTRING,
    &math::SUBTRACT,
];

impl Function {
    /// The function's value; null if an argument is.
    pub(super) fn call<'a>(&self, arguments: &[Scalar<'a>], case: Case) -> Scalar<'a> {
        if arguments.iter().any(Scalar::is_null) { Scalar::Null } else { (self.apply)(arguments, case) }
    }

    /// The test of the first argument that a call with these further arguments is, if it is one.
    pub(super) fn test(&self, constants: &[&Literal], case: Case) -> Option<Result<Test, BadArgument>> {
        self.test.map(|make| make(constants, case))
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The function of that name, in any case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    ALL.into_iter().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// The function whose name is nearest to `name`, if any is near.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static Function> {
    // A name much longer than any function's is near to none, and not worth the work.
    if name.len() > 32 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let distance = |function: &&Function| edit_distance(&function.name.to_ascii_lowercase(), &name);
    let found = ALL.into_iter().min_by_key(distance)?;
    (distance(&found) <= found.name.len().div_ceil(3)).then_some(found)
}

/// Levenshtein's distance.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
