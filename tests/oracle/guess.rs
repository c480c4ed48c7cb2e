//! Values that pass a test, found by guessing.

use coldtrail::eql::ast::{ArithmeticOp, Case};
use proptest::prelude::*;
use proptest::test_runner::TestRng;

use super::draw::one;
use super::number::Number;
use super::patterns::fitting;
use super::term::{Given, Term};
use super::test::Test;
use super::value::{Kind, Scalar, kind};
use super::witness::recased;

/// What a `*` may stand for.
const FILLS: [&str; 6] = ["", "x", " /c \"a\\b\" ", "C:\\Program Files\\", "<&'+>", "k\u{e9}y"];

/// So many guesses are made.
const GUESSES: usize = 100;

/// The constants of a term and a test, of which guesses are made.
#[derive(Debug, Default)]
pub(crate) struct Guess {
    texts: Vec<String>,
    numbers: Vec<Number>,
}

impl Guess {
    /// Values of which the term makes what passes the test; others if none were found.
    pub(crate) fn that_passes(term: &Term, test: &Test, rng: &mut TestRng) -> Given {
        if let (Term::Field(field), Some(value)) = (term, asked_for(test, rng)) {
            return Given::from([(field.clone(), Some(value))]);
        }
        let mut guess = Guess::default();
        guess.learn_term(term);
        guess.learn_test(test, rng);
        guess.until(term, |result| result.is_some_and(|value| test.passes(&value)), rng)
    }

    /// Values of which the term makes anything.
    pub(crate) fn that_is_there(term: &Term, rng: &mut TestRng) -> Given {
        let mut guess = Guess::default();
        guess.learn_term(term);
        guess.until(term, |result| result.is_some(), rng)
    }

    fn until(&self, term: &Term, passes: impl Fn(Option<Scalar>) -> bool, rng: &mut TestRng) -> Given {
        let fields = term.fields();
        let mut guesses = (0..GUESSES).map(|_| {
            let guessed = fields.iter().map(|field| (field.clone(), Some(self.value(kind(field), rng))));
            guessed.collect::<Given>()
        });
        let first = guesses.next().unwrap_or_default();
        guesses.find(|given| passes(term.of(given))).unwrap_or(first)
    }

    fn value(&self, kind: Kind, rng: &mut TestRng) -> Scalar {
        match kind {
            Kind::Text | Kind::Address => Scalar::Text(self.text(rng)),
            Kind::Long => self.number(rng).whole().map_or(Scalar::Text("none".to_owned()), Scalar::Number),
            Kind::Double => Scalar::Number(Number::Double(self.number(rng).double())),
            Kind::Number => Scalar::Number(self.number(rng)),
        }
    }

    /// A constant, some in a row, or as long a text as some number says.
    fn text(&self, rng: &mut TestRng) -> String {
        if rng.random_ratio(1, 4) {
            let length = match self.number(rng) {
                Number::Whole(length) => usize::try_from(length).unwrap_or(0).min(40),
                Number::Double(_) => 1,
            };
            return "x".repeat(length);
        }
        let texts: Vec<&str> = self.texts.iter().map(String::as_str).chain(FILLS).collect();
        (0..rng.random_range(1..5)).map(|_| one(&texts, rng)).collect()
    }

    /// A constant, one near it, or what two of them make.
    fn number(&self, rng: &mut TestRng) -> Number {
        let near = Number::Whole(rng.random_range(-2..20));
        if self.numbers.is_empty() {
            return near;
        }
        let (constant, other) = (one(&self.numbers, rng), one(&[one(&self.numbers, rng), near], rng));
        let op = one(
            &[ArithmeticOp::Add, ArithmeticOp::Subtract, ArithmeticOp::Multiply, ArithmeticOp::Divide],
            rng,
        );
        let made = if rng.random_ratio(1, 3) { Some(constant) } else { constant.reckon(op, other) };
        made.map(Number::constant).filter(|made| made.double().is_finite()).unwrap_or(near)
    }

    fn learn(&mut self, scalar: &Scalar) {
        match scalar {
            Scalar::Text(text) => {
                self.numbers.extend(Number::read(text));
                self.texts.push(text.clone());
            }
            Scalar::Number(number) => {
                self.numbers.push(*number);
                self.texts.push(number.to_string());
            }
        }
    }

    fn learn_term(&mut self, term: &Term) {
        match term {
            Term::Field(_) => {}
            Term::Constant(scalar) => self.learn(scalar),
            Term::Length(inner) | Term::Number(inner, _) | Term::Text(inner) => self.learn_term(inner),
            Term::IndexOf(inner, wanted, ..) => {
                self.texts.push(wanted.clone());
                self.learn_term(inner);
            }
            Term::Substring(inner, start, end) => {
                let places = [Some(*start), *end];
                self.numbers.extend(places.iter().flatten().map(|at| Number::Whole(at.abs().into())));
                self.learn_term(inner);
            }
            Term::Between { source, left, right, .. } => {
                self.texts.extend([left.clone(), right.clone()]);
                self.learn_term(source);
            }
            Term::Concat(parts) => parts.iter().for_each(|part| self.learn_term(part)),
            Term::Arithmetic { sides, .. } => sides.iter().for_each(|side| self.learn_term(side)),
        }
    }

    fn learn_test(&mut self, test: &Test, rng: &mut TestRng) {
        match test {
            Test::Order(_, limit) => self.learn(limit),
            Test::Equal(_) | Test::In(_) => asked_for(test, rng).iter().for_each(|value| self.learn(value)),
            _ => self.texts.extend(asked_for(test, rng).and_then(|value| match value {
                Scalar::Text(text) => Some(text),
                Scalar::Number(_) => None,
            })),
        }
    }
}

/// A value that passes, if there is one to be read off the test.
fn asked_for(test: &Test, rng: &mut TestRng) -> Option<Scalar> {
    let cased = |text: String, case: Case, rng: &mut TestRng| match case {
        Case::Sensitive => text,
        Case::Insensitive => recased(&text, rng),
    };
    Some(Scalar::Text(match test {
        Test::Order(..) => return None,
        Test::Equal(wanted) => return Some(wanted.clone()),
        Test::In(wanted) => return Some(one(wanted, rng)),
        Test::InAnyCase(words) => recased(&one(words, rng), rng),
        Test::Like(patterns, case) => cased(filled(&one(patterns, rng), rng), *case, rng),
        Test::Regex(patterns, case) => cased(fitting(&one(patterns, rng), rng), *case, rng),
        Test::StartsWith(word, case) => cased(word.clone(), *case, rng) + &filled("*", rng),
        Test::EndsWith(word, case) => filled("*", rng) + &cased(word.clone(), *case, rng),
        Test::Contains(word, case) => filled("*", rng) + &cased(word.clone(), *case, rng) + &filled("*", rng),
        Test::Within(blocks) => one(blocks, rng).split('/').next().unwrap_or_default().to_owned(),
        Test::Address(address) => address.clone(),
    }))
}

/// A text that fits a wildcard pattern.
pub(crate) fn filled(pattern: &str, rng: &mut TestRng) -> String {
    let mut text = String::new();
    for character in pattern.chars() {
        match character {
            '*' => text.push_str(one(&FILLS, rng)),
            '?' => text.push(one(&['a', '\\', '"', '\u{e9}'], rng)),
            plain => text.push(plain),
        }
    }
    text
}
