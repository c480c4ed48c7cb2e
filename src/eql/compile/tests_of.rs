//! Operators and constants to tests, by the type of what is tested.

use super::Compiler;
use crate::eql::ast::{Case, CompareOp, Literal, MatchOp};
use crate::eql::diagnostic::Diagnostic;
use crate::eql::span::Spanned;
use crate::eql::test::Test;
use crate::eql::types::FieldType;
use crate::eql::value::{
    Block, Number, PatternError, Period, Version, Wildcard, Words, address, compile_pattern, time_of,
};
use crate::event::Value;

type Constant = Spanned<Literal>;

impl Compiler<'_> {
    /// The test of `op literal`; of `!=`, the test to be negated.
    pub(super) fn comparison_test(
        &mut self,
        op: CompareOp,
        kind: &FieldType,
        literal: &Constant,
    ) -> Option<Test> {
        match op {
            CompareOp::Equal | CompareOp::NotEqual => {
                self.equality_test(kind, std::slice::from_ref(literal), Case::Sensitive)
            }
            _ => self.order_test(op, kind, literal),
        }
    }

    /// The test of `op (values…)`.
    pub(super) fn match_test(&mut self, op: MatchOp, kind: &FieldType, values: &[Constant]) -> Option<Test> {
        match op {
            MatchOp::In => self.equality_test(kind, values, Case::Sensitive),
            MatchOp::InInsensitive => self.equality_test(kind, values, Case::Insensitive),
            MatchOp::Like => self.wildcard_test(op, kind, values, Case::Sensitive),
            MatchOp::LikeInsensitive => self.wildcard_test(op, kind, values, Case::Insensitive),
            MatchOp::Regex => self.pattern_test(op, kind, values, Case::Sensitive),
            MatchOp::RegexInsensitive => self.pattern_test(op, kind, values, Case::Insensitive),
        }
    }

    /// Equal to one of the values. Nulls among them are equal to nothing.
    fn equality_test(&mut self, kind: &FieldType, values: &[Constant], case: Case) -> Option<Test> {
        let values: Vec<&Constant> = values.iter().filter(|value| value.node != Literal::Null).collect();
        Some(match kind {
            FieldType::Unknown => equal_as_they_come(&values, case),
            FieldType::Keyword => Test::words(self.all(&values, kind, text)?.into_iter(), case),
            FieldType::Long | FieldType::Double => Test::Numbers(sorted(self.all(&values, kind, number)?)),
            FieldType::Boolean => Test::Bools(self.all(&values, kind, boolean)?.into()),
            FieldType::Date(formats) => {
                let periods = self.all(&values, kind, |literal| period(literal, formats))?.into();
                Test::Times { op: CompareOp::Equal, periods, formats: formats.clone().into() }
            }
            FieldType::Ip => {
                Test::Blocks(self.all(&values, kind, |literal| Block::parse(text(literal)?))?.into())
            }
            FieldType::Version => {
                Test::Versions(self.all(&values, kind, |literal| text(literal).map(Version::parse))?.into())
            }
        })
    }

    fn order_test(&mut self, op: CompareOp, kind: &FieldType, literal: &Constant) -> Option<Test> {
        match (kind, &literal.node) {
            (FieldType::Unknown | FieldType::Keyword, Literal::Text(text)) => {
                Some(Test::TextOrder(op, text.as_str().into()))
            }
            (FieldType::Unknown | FieldType::Long | FieldType::Double, number_)
                if number(number_).is_some() =>
            {
                Some(Test::NumberOrder(op, number(number_)?))
            }
            (FieldType::Date(formats), _) => {
                let period = self.one(literal, kind, |literal| period(literal, formats))?;
                Some(Test::Times { op, periods: Box::new([period]), formats: formats.clone().into() })
            }
            (FieldType::Ip, _) => self
                .one(literal, kind, |literal| address(text(literal)?))
                .map(|bound| Test::AddressOrder(op, bound)),
            (FieldType::Version, Literal::Text(text)) => Some(Test::VersionOrder(op, Version::parse(text))),
            (_, other) => {
                let message = format!("{} has no order against {other}", kind.name());
                self.report(Diagnostic::new(
                    message,
                    literal.span,
                    format!("`{}` cannot use this", op.symbol()),
                ));
                None
            }
        }
    }

    fn wildcard_test(
        &mut self,
        op: MatchOp,
        kind: &FieldType,
        values: &[Constant],
        case: Case,
    ) -> Option<Test> {
        let texts = self.strings(op, kind, values)?;
        let is_wild = |text: &str| text.contains(['*', '?']);
        let wild = texts.iter().zip(values).filter(|(text, _)| is_wild(text));
        let wildcards =
            self.patterns(wild.map(|(text, value)| (*text, value)), |text| Wildcard::new(text, case))?;
        let words = Words::new(texts.iter().copied().filter(|text| !is_wild(text)), case);
        Some(Test::Text { words, wildcards })
    }

    fn pattern_test(
        &mut self,
        op: MatchOp,
        kind: &FieldType,
        values: &[Constant],
        case: Case,
    ) -> Option<Test> {
        let texts = self.strings(op, kind, values)?;
        let mut room = self.pattern_room;
        let compile = |text: &str| compile_pattern(text, case, &mut room);
        let patterns = self.patterns(texts.into_iter().zip(values), compile);
        self.pattern_room = room;
        patterns.map(Test::Patterns)
    }

    /// All patterns compiled; those that are refused are reported.
    fn patterns<'v, P>(
        &mut self,
        texts: impl Iterator<Item = (&'v str, &'v Constant)>,
        mut compile: impl FnMut(&str) -> Result<P, PatternError>,
    ) -> Option<Box<[P]>> {
        let (mut patterns, mut is_sound) = (Vec::new(), true);
        for (text, value) in texts {
            match compile(text) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => {
                    is_sound = false;
                    let shown: String = text.chars().take(80).collect();
                    let message = format!("the pattern `{shown}` {}", error.message);
                    self.report(Diagnostic::new(message, value.span, "this pattern").with_help(error.help));
                }
            }
        }
        is_sound.then(|| patterns.into())
    }

    /// The values of an operator that compares strings.
    fn strings<'v>(&mut self, op: MatchOp, kind: &FieldType, values: &'v [Constant]) -> Option<Vec<&'v str>> {
        if !matches!(kind, FieldType::Unknown | FieldType::Keyword) {
            let help =
                if *kind == FieldType::Ip { "use `==`, `in` or cidrMatch" } else { "use `==` or `in`" };
            let message = format!("`{}` compares strings, and this field is {}", op.symbol(), kind.name());
            let span = values.first()?.span;
            self.report(Diagnostic::new(message, span, "compared with this").with_help(help));
            return None;
        }
        let mut texts = Vec::with_capacity(values.len());
        for value in values {
            match text(value) {
                Some(text) => texts.push(text),
                None => {
                    let message = format!("`{}` compares strings, and {} is none", op.symbol(), value.node);
                    self.report(
                        Diagnostic::new(message, value.span, "no string").with_help("use `==` or `in`"),
                    );
                }
            }
        }
        (texts.len() == values.len()).then_some(texts)
    }

    /// All constants as `read` reads them; those that it cannot read are reported.
    fn all<'v, T>(
        &mut self,
        values: &[&'v Constant],
        kind: &FieldType,
        read: impl Fn(&'v Literal) -> Option<T>,
    ) -> Option<Vec<T>> {
        let read: Vec<T> = values.iter().filter_map(|value| self.one(value, kind, &read)).collect();
        (read.len() == values.len()).then_some(read)
    }

    fn one<'v, T>(
        &mut self,
        value: &'v Constant,
        kind: &FieldType,
        read: impl Fn(&'v Literal) -> Option<T>,
    ) -> Option<T> {
        let found = read(&value.node);
        if found.is_none() {
            let message = format!("this field is {}, and {} is none", kind.name(), value.node);
            self.report(Diagnostic::new(message, value.span, "of another type"));
        }
        found
    }
}

/// What constants of each type a value of unknown type equals: the constants say what it is.
fn equal_as_they_come(values: &[&Constant], case: Case) -> Test {
    let each = || values.iter().map(|value| &value.node);
    let texts: Vec<&str> = each().filter_map(text).collect();
    let numbers: Vec<Number> = each().filter_map(number).collect();
    let bools: Box<[bool]> =
        each().filter_map(|value| if let Literal::Bool(b) = value { Some(*b) } else { None }).collect();
    let mut tests = Vec::new();
    if !texts.is_empty() {
        tests.push(Test::words(texts.into_iter(), case));
    }
    if !numbers.is_empty() {
        tests.push(Test::Numbers(sorted(numbers)));
    }
    if !bools.is_empty() {
        tests.push(Test::Bools(bools));
    }
    if tests.len() == 1 { tests.remove(0) } else { Test::AnyOf(tests.into()) }
}

fn sorted(mut numbers: Vec<Number>) -> Box<[Number]> {
    numbers.sort_by(Number::order);
    numbers.into()
}

fn text(literal: &Literal) -> Option<&str> {
    match literal {
        Literal::Text(text) => Some(text),
        _ => None,
    }
}

fn number(literal: &Literal) -> Option<Number> {
    match literal {
        Literal::Int(value) => Some(Number::Int((*value).into())),
        Literal::Float(value) => Some(Number::Float(*value)),
        _ => None,
    }
}

fn boolean(literal: &Literal) -> Option<bool> {
    match literal {
        Literal::Bool(value) => Some(*value),
        Literal::Text(text) => crate::eql::test::boolean(Value::Str(text)),
        _ => None,
    }
}

fn period(literal: &Literal, formats: &[String]) -> Option<Period> {
    match literal {
        Literal::Text(text) => Period::parse(text, formats),
        Literal::Int(millis) => time_of(Value::Int(*millis), formats).map(Period::instant),
        _ => None,
    }
}
