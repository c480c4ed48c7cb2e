//! The literals that a matching record must contain.
//!
//! # Soundness
//! The analysis may only ever *weaken*: where it is not sure it says [`Requirement::Nothing`]. It speaks of
//! the record's unescaped text and of ASCII case folded; what JSON does to the text is the prefilter's
//! matter. Values that can be spelled in more than one way (numbers, booleans, times, addresses) require
//! nothing, and neither do fields that are derived from something else in the record, nor what is
//! negated: a missing field matches a negation.

use std::iter::Peekable;
use std::net::IpAddr;
use std::str::Chars;

use super::ast::{Body, Call, CompareOp, EventFilter, Expr, ExprKind, Literal, MatchOp, Query};
use super::types::{FieldType, Types};
use crate::event::{self, Value, parse_time};

/// What must stand in a record's text for it to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing is known.
    Nothing,
    /// This text.
    Text(String),
    /// All of these.
    All(Vec<Requirement>),
    /// At least one of these.
    Any(Vec<Requirement>),
}

impl Requirement {
    fn all(parts: impl IntoIterator<Item = Requirement>) -> Self {
        let mut parts: Vec<_> = parts.into_iter().filter(|part| *part != Requirement::Nothing).collect();
        match parts.len() {
            0 => Requirement::Nothing,
            1 => parts.remove(0),
            _ => Requirement::All(parts),
        }
    }

    fn any(parts: impl IntoIterator<Item = Requirement>) -> Self {
        let mut parts: Vec<_> = parts.into_iter().collect();
        match parts.len() {
            _ if parts.contains(&Requirement::Nothing) => Requirement::Nothing,
            0 => Requirement::Nothing,
            1 => parts.remove(0),
            _ => Requirement::Any(parts),
        }
    }
}

/// What a record must contain to match the query, or any item of it.
#[must_use]
pub fn requirement(query: &Query, types: &Types) -> Requirement {
    let analysis = Analysis { types };
    match &query.body {
        Body::Event(filter) => analysis.of_filter(filter),
        Body::Sequence(sequence) => {
            let items = sequence.items.iter().map(|item| &item.filter).chain(&sequence.until);
            Requirement::any(items.map(|filter| analysis.of_filter(&filter.event.node)))
        }
        Body::Sample(sample) => {
            Requirement::any(sample.filters.iter().map(|filter| analysis.of_filter(&filter.event.node)))
        }
    }
}

#[derive(Clone, Copy)]
struct Analysis<'t> {
    types: &'t Types,
}

impl Analysis<'_> {
    /// The category is derived for most sources, and requires nothing.
    fn of_filter(self, filter: &EventFilter) -> Requirement {
        self.holds(&filter.condition)
    }

    /// What must be there for `expr` to hold.
    fn holds(self, expr: &Expr) -> Requirement {
        match &expr.node {
            ExprKind::And(parts) => Requirement::all(parts.iter().map(|part| self.holds(part))),
            ExprKind::Or(parts) => Requirement::any(parts.iter().map(|part| self.holds(part))),
            ExprKind::Not(inner) => self.fails(inner),
            ExprKind::Compare { op, left, right } => self.compared(*op, left, right),
            ExprKind::Match { op, subject, values } => {
                if !self.is_verbatim(subject) {
                    return Requirement::Nothing;
                }
                Requirement::any(values.iter().map(|value| Self::matched(*op, &value.node)))
            }
            ExprKind::Call(call) => self.called(call),
            ExprKind::Arithmetic { .. } | ExprKind::Negate(_) | ExprKind::Field(_) | ExprKind::Literal(_) => {
                Requirement::Nothing
            }
        }
    }

    /// What must be there for `expr` not to hold: De Morgan, and `not x != "a"`.
    fn fails(self, expr: &Expr) -> Requirement {
        match &expr.node {
            ExprKind::And(parts) => Requirement::any(parts.iter().map(|part| self.fails(part))),
            ExprKind::Or(parts) => Requirement::all(parts.iter().map(|part| self.fails(part))),
            ExprKind::Not(inner) => self.holds(inner),
            ExprKind::Compare { op: CompareOp::NotEqual, left, right } => {
                self.compared(CompareOp::Equal, left, right)
            }
            _ => Requirement::Nothing,
        }
    }

    fn compared(self, op: CompareOp, left: &Expr, right: &Expr) -> Requirement {
        match (op, &right.node) {
            (CompareOp::Equal, ExprKind::Literal(Literal::Bool(true)))
            | (CompareOp::NotEqual, ExprKind::Literal(Literal::Bool(false))) => self.holds_as_call(left),
            (CompareOp::Equal, ExprKind::Literal(Literal::Text(literal))) if self.is_verbatim(left) => {
                text(literal)
            }
            _ => Requirement::Nothing,
        }
    }

    /// `startsWith(…) == true`.
    fn holds_as_call(self, expr: &Expr) -> Requirement {
        match &expr.node {
            ExprKind::Call(call) => self.called(call),
            _ => Requirement::Nothing,
        }
    }

    fn matched(op: MatchOp, value: &Literal) -> Requirement {
        let Literal::Text(literal) = value else { return Requirement::Nothing };
        match op {
            MatchOp::In | MatchOp::InInsensitive => text(literal),
            MatchOp::Like | MatchOp::LikeInsensitive if !literal.contains(['*', '?']) => text(literal),
            MatchOp::Like | MatchOp::LikeInsensitive => {
                Requirement::all(literal.split(['*', '?']).filter(|piece| !piece.is_empty()).map(piece))
            }
            MatchOp::Regex | MatchOp::RegexInsensitive => {
                Requirement::all(mandatory_runs(literal).iter().map(|run| piece(run)))
            }
        }
    }

    fn called(self, call: &Call) -> Requirement {
        let contains = matches!(call.function.name, "startsWith" | "endsWith" | "stringContains");
        match call.arguments.as_slice() {
            [subject, Expr { node: ExprKind::Literal(Literal::Text(literal)), .. }]
                if contains && self.is_verbatim(subject) =>
            {
                piece(literal)
            }
            _ => Requirement::Nothing,
        }
    }

    /// Whether the value of `expr` stands in the record as it is: a field, or an unbroken piece of one.
    fn is_verbatim(self, expr: &Expr) -> bool {
        match &expr.node {
            ExprKind::Field(field) => event::is_verbatim(&field.path) && self.is_text(&field.path),
            ExprKind::Call(call) => {
                matches!(call.function.name, "substring" | "between")
                    && call.arguments.first().is_some_and(|part| self.is_verbatim(part))
            }
            _ => false,
        }
    }

    /// Whether the field's values are texts that a mapping leaves as they are: other types have many
    /// spellings, and a `null_value` stands for what is not there.
    fn is_text(self, path: &str) -> bool {
        self.types.resolve(path).is_some_and(|field| {
            matches!(field.kind, FieldType::Unknown | FieldType::Keyword) && field.null_value.is_none()
        })
    }
}

/// A whole value, if it has one spelling only.
fn text(literal: &str) -> Requirement {
    let has_other_spellings = literal.parse::<f64>().is_ok()
        || matches!(literal, "true" | "false")
        || literal.parse::<IpAddr>().is_ok()
        || parse_time(Value::Str(literal)).is_some();
    if has_other_spellings { Requirement::Nothing } else { piece(literal) }
}

/// Part of a value: a number may be spelled with an exponent, so digits and what goes with them tell
/// nothing.
fn piece(literal: &str) -> Requirement {
    let is_numeric =
        literal.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-' | b'e' | b'E'));
    if is_numeric { Requirement::Nothing } else { Requirement::Text(literal.to_owned()) }
}

/// The runs of plain characters that every match of a regular expression contains. Groups, classes and
/// optional characters are left out; an alternation at the top leaves nothing.
fn mandatory_runs(pattern: &str) -> Vec<String> {
    let (mut runs, mut run, mut depth) = (Vec::new(), String::new(), 0_usize);
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        let plain = match character {
            '\\' => rest.next().filter(|escaped| !escaped.is_ascii_alphanumeric()),
            '|' if depth == 0 => return Vec::new(),
            '(' => {
                depth += 1;
                None
            }
            ')' => {
                depth = depth.saturating_sub(1);
                None
            }
            '[' => {
                skip_class(&mut rest);
                None
            }
            '"' => {
                // What is quoted is repeated as one.
                rest.by_ref().find(|character| *character == '"');
                None
            }
            '*' | '?' | '+' | '{' => {
                let is_repeated_again = matches!(rest.peek(), Some('*' | '?' | '+' | '{'));
                if character != '+' || is_repeated_again {
                    run.pop();
                }
                if character == '{' {
                    rest.by_ref().find(|character| *character == '}');
                }
                None
            }
            '.' | '#' | '@' | '&' | '~' | '<' | '>' | '|' => None,
            plain => Some(plain),
        };
        match plain {
            Some(plain) if depth == 0 => run.push(plain),
            _ => runs.push(std::mem::take(&mut run)),
        }
    }
    runs.push(run);
    runs.into_iter().filter(|run| !run.is_empty()).collect()
}

/// Passes over the rest of a class, in which only a bracket that is not the first character closes it.
fn skip_class(rest: &mut Peekable<Chars<'_>>) {
    rest.next_if_eq(&'^');
    let mut is_first = true;
    while let Some(character) = rest.next() {
        match character {
            ']' if !is_first => return,
            '\\' => drop(rest.next()),
            _ => {}
        }
        is_first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(condition: &str) -> String {
        fn show(requirement: &Requirement) -> String {
            let list =
                |parts: &[Requirement], with: &str| parts.iter().map(show).collect::<Vec<_>>().join(with);
            match requirement {
                Requirement::Nothing => "-".to_owned(),
                Requirement::Text(text) => text.clone(),
                Requirement::All(parts) => format!("({})", list(parts, " & ")),
                Requirement::Any(parts) => format!("({})", list(parts, " | ")),
            }
        }
        let query = super::super::parse(&format!("any where {condition}")).unwrap();
        show(&requirement(&query, &Types::Ecs))
    }

    #[test]
    fn what_must_be_there_is_found_and_nothing_else() {
        for (condition, expected) in [
            (r#"process.name == "cmd.exe""#, "cmd.exe"),
            (r#"process.name : ("a.exe", "b*c?d") and file.name like "*x*""#, "((a.exe | (b & c & d)) & x)"),
            (r#"process.name == "a" or process.pid == 4"#, "-"),
            (r#"process.name == "a" and process.pid == 4"#, "a"),
            (r#"not process.name == "a""#, "-"),
            (r#"not process.name != "a""#, "a"),
            (r#"not (process.name != "a" or file.name : "b")"#, "a"),
            (r#"not (process.name != "a" and file.name != "b")"#, "(a | b)"),
            (r#"process.name in ("a", "4688")"#, "-"),
            (r#"process.name != "a""#, "-"),
            (r#"event.type == "start""#, "-"),
            (r#"source.ip == "10.0.0.1""#, "-"),
            (r#"startsWith~(file.path, "C:") and endsWith("x", file.path)"#, "C:"),
            (r#"substring(file.name, -4) == ".lnk""#, ".lnk"),
            (r#"concat(file.name, "x") == "ax""#, "-"),
            (r#"process.name regex """ab[0-9]{2}cd\.(exe|dll)ef?""""#, "(ab & cd.)"),
            (r#"process.name regex~ """abc|def""""#, "-"),
            (r#"process.name regex """[(]ab""""#, "ab"),
            (r#"process.name regex """([)]ab)?cd""""#, "cd"),
            (r#"process.name regex """([])]ab)?[^]]cd""""#, "cd"),
            (r#"process.name regex """"ab"*cd""""#, "cd"),
            (r#"process.name regex """ab+?cd+""""#, "(a & cd)"),
            (r#"process.name regex """ab+{0}cd{2}?""""#, "(a & c)"),
            (r#"stringContains(file.path, "tmp") == true"#, "tmp"),
        ] {
            assert_eq!(of(condition), expected, "{condition}");
        }
    }
}
