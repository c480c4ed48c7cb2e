//! What a test may be about: a field, or what functions make of fields.

use std::collections::BTreeMap;
use std::fmt;

use coldtrail::eql::ast::{ArithmeticOp, Case};
use serde_json::Value;

use super::number::Number;
use super::value::{Scalar, quoted, values};

/// A value for each of some fields; none for those that have none.
pub(crate) type Given = BTreeMap<String, Option<Scalar>>;

/// What is computed. Of nothing comes nothing.
#[derive(Clone, Debug)]
pub(crate) enum Term {
    Field(String),
    Constant(Scalar),
    /// How many characters.
    Length(Box<Term>),
    /// Where a text begins in it, at or behind a place; nothing if nowhere.
    IndexOf(Box<Term>, String, Option<i64>, Case),
    /// From a place to before another; negative ones count from the end.
    Substring(Box<Term>, i64, Option<i64>),
    /// What stands behind the first of one text and before another: the next, or the last if `greedy`.
    Between {
        source: Box<Term>,
        left: String,
        right: String,
        greedy: bool,
        case: Case,
    },
    Concat(Vec<Term>),
    /// The number that a text is, in the base or as it says itself.
    Number(Box<Term>, Option<u32>),
    /// The text that a number is.
    Text(Box<Term>),
    /// With an operator, or with the function that is the same.
    Arithmetic {
        op: ArithmeticOp,
        sides: Box<[Term; 2]>,
        function: bool,
    },
}

impl Term {
    /// The fields that it is made of.
    pub(crate) fn fields(&self) -> Vec<String> {
        match self {
            Term::Field(field) => vec![field.clone()],
            Term::Constant(_) => Vec::new(),
            Term::Length(inner)
            | Term::IndexOf(inner, ..)
            | Term::Substring(inner, ..)
            | Term::Between { source: inner, .. }
            | Term::Number(inner, _)
            | Term::Text(inner) => inner.fields(),
            Term::Concat(parts) => parts.iter().flat_map(Term::fields).collect(),
            Term::Arithmetic { sides, .. } => sides.iter().flat_map(Term::fields).collect(),
        }
    }

    /// What it is of a record: one result for every choice of one value for each field.
    pub(crate) fn results(&self, record: &Value) -> Vec<Option<Scalar>> {
        let mut choices = vec![Given::new()];
        for field in self.fields() {
            let mut held: Vec<Option<Scalar>> = values(record, &field).into_iter().map(Some).collect();
            if held.is_empty() {
                held.push(None);
            }
            let with = |given: &Given, value: &Option<Scalar>| {
                let mut given = given.clone();
                given.insert(field.clone(), value.clone());
                given
            };
            choices = choices
                .iter()
                .flat_map(|given| held.iter().map(|value| with(given, value)).collect::<Vec<_>>())
                .collect();
        }
        choices.iter().map(|given| self.of(given)).collect()
    }

    /// What it is of those values.
    pub(crate) fn of(&self, given: &Given) -> Option<Scalar> {
        let text = |term: &Term| match term.of(given)? {
            Scalar::Text(text) => Some(text),
            Scalar::Number(_) => None,
        };
        let number = |term: &Term| match term.of(given)? {
            Scalar::Number(number) => Some(number),
            Scalar::Text(_) => None,
        };
        Some(match self {
            Term::Field(field) => given[field].clone()?,
            Term::Constant(scalar) => scalar.clone(),
            Term::Length(inner) => place(text(inner)?.chars().count()),
            Term::IndexOf(inner, wanted, start, case) => {
                let source = folded(&text(inner)?, *case);
                let start = usize::try_from(start.unwrap_or(0)).unwrap_or(0);
                place(find(&source, &folded(wanted, *case), start)?)
            }
            Term::Substring(inner, start, end) => {
                let source: Vec<char> = text(inner)?.chars().collect();
                let end = end.map_or(source.len(), |end| position(end, source.len()));
                let start = position(*start, source.len()).min(end);
                Scalar::Text(source[start..end].iter().collect())
            }
            Term::Between { source, left, right, greedy, case } => {
                let source = text(source)?;
                Scalar::Text(between(&source, left, right, *greedy, *case).unwrap_or_default())
            }
            Term::Concat(parts) => {
                let texts: Option<Vec<String>> =
                    parts.iter().map(|part| Some(plain(&part.of(given)?))).collect();
                Scalar::Text(texts?.concat())
            }
            Term::Number(inner, base) => Scalar::Number(read(&text(inner)?, *base)?),
            Term::Text(inner) => Scalar::Text(plain(&inner.of(given)?)),
            Term::Arithmetic { op, sides, .. } => {
                Scalar::Number(number(&sides[0])?.reckon(*op, number(&sides[1])?)?)
            }
        })
    }
}

/// A text as it is, or a number's.
fn plain(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Text(text) => text.clone(),
        Scalar::Number(number) => number.to_string(),
    }
}

fn place(at: usize) -> Scalar {
    Scalar::Number(Number::Whole(i128::try_from(at).expect("texts are short")))
}

pub(crate) fn folded(text: &str, case: Case) -> String {
    match case {
        Case::Sensitive => text.to_owned(),
        Case::Insensitive => text.to_ascii_lowercase(),
    }
}

/// Where `wanted` first begins at or behind `start`, in characters.
fn find(source: &str, wanted: &str, start: usize) -> Option<usize> {
    (start..=source.chars().count()).find(|at| from(source, *at).starts_with(wanted))
}

fn from(source: &str, at: usize) -> String {
    source.chars().skip(at).collect()
}

/// Where a place lies that may be counted from the end.
fn position(at: i64, length: usize) -> usize {
    let length = i64::try_from(length).expect("texts are short");
    let at = if at < 0 { at + length } else { at };
    usize::try_from(at.clamp(0, length)).expect("it is within the text")
}

fn between(source: &str, left: &str, right: &str, greedy: bool, case: Case) -> Option<String> {
    // Elasticsearch then gives back all.
    if left.is_empty() || right.is_empty() {
        return Some(source.to_owned());
    }
    let (folded_source, right) = (folded(source, case), folded(right, case));
    let start = find(&folded_source, &folded(left, case), 0)? + left.chars().count();
    let mut ends =
        (start..=source.chars().count()).filter(|at| from(&folded_source, *at).starts_with(&right));
    let end = if greedy { ends.next_back() } else { ends.next() }?;
    Some(source.chars().skip(start).take(end - start).collect())
}

fn read(text: &str, base: Option<u32>) -> Option<Number> {
    let hexadecimal = text.strip_prefix("0x").filter(|_| base.is_none_or(|base| base == 16));
    match (hexadecimal, base) {
        (Some(digits), _) => i128::from_str_radix(digits, 16).ok().map(Number::Whole),
        (None, Some(base)) => i128::from_str_radix(text, base).ok().map(Number::Whole),
        (None, None) => Number::read(text),
    }
}

/// `~` behind the name of a function that folds case.
pub(crate) fn tilde(case: Case) -> &'static str {
    if case == Case::Insensitive { "~" } else { "" }
}

/// The names of what is reckoned: the operator and the function.
fn names(op: ArithmeticOp) -> (&'static str, &'static str) {
    match op {
        ArithmeticOp::Add => ("+", "add"),
        ArithmeticOp::Subtract => ("-", "subtract"),
        ArithmeticOp::Multiply => ("*", "multiply"),
        ArithmeticOp::Divide => ("/", "divide"),
        ArithmeticOp::Modulo => ("%", "modulo"),
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = |number: &Option<i64>| number.map(|number| format!(", {number}")).unwrap_or_default();
        match self {
            Term::Field(field) => f.write_str(field),
            Term::Constant(scalar) => scalar.fmt(f),
            Term::Length(inner) => write!(f, "length({inner})"),
            Term::IndexOf(inner, wanted, start, case) => {
                write!(f, "indexOf{}({inner}, {}{})", tilde(*case), quoted(wanted), more(start))
            }
            Term::Substring(inner, start, end) => write!(f, "substring({inner}, {start}{})", more(end)),
            Term::Between { source, left, right, greedy, case } => {
                let (left, right) = (quoted(left), quoted(right));
                write!(f, "between{}({source}, {left}, {right}, {greedy})", tilde(*case))
            }
            Term::Concat(parts) => {
                let parts: Vec<String> = parts.iter().map(Term::to_string).collect();
                write!(f, "concat({})", parts.join(", "))
            }
            Term::Number(inner, base) => write!(f, "number({inner}{})", more(&base.map(i64::from))),
            Term::Text(inner) => write!(f, "string({inner})"),
            Term::Arithmetic { op, sides, function } => {
                let ([left, right], (sign, name)) = (&**sides, names(*op));
                if *function {
                    write!(f, "{name}({left}, {right})")
                } else {
                    write!(f, "({left} {sign} {right})")
                }
            }
        }
    }
}
