//! A rule's filters as conditions of the obvious evaluator.

use coldtrail::eql::ast::{
    Body, Call, Case, Category, CompareOp, EventFilter, Expr, ExprKind, Literal, MatchOp, Query,
};

use super::condition::Condition;
use super::lucene::{self, Pattern};
use super::number::Number;
use super::term::Term;
use super::test::Test;
use super::value::{Kind, Scalar, kind};

/// The filters of a query: one of an event query, one for each item of a sequence or sample.
pub(crate) fn filters(query: &Query) -> Vec<&EventFilter> {
    match &query.body {
        Body::Event(filter) => vec![filter],
        Body::Sequence(sequence) => {
            let items = sequence.items.iter().map(|item| &item.filter);
            items.chain(&sequence.until).map(|item| &item.event.node).collect()
        }
        Body::Sample(sample) => sample.filters.iter().map(|filter| &filter.event.node).collect(),
    }
}

/// What a filter asks, its category too.
///
/// # Panics
/// If it asks what no condition can: then [`Condition`] wants another case.
pub(crate) fn condition(filter: &EventFilter) -> Condition {
    let asked = of(&filter.condition);
    match &filter.category {
        Category::Any => asked,
        Category::Named(name) => {
            let category = Term::Field("event.category".to_owned());
            Condition::And(vec![Condition::Is(category, Test::Equal(Scalar::Text(name.clone()))), asked])
        }
    }
}

fn of(expr: &Expr) -> Condition {
    let all = |parts: &[Expr]| parts.iter().map(of).collect();
    match &expr.node {
        ExprKind::And(parts) => Condition::And(all(parts)),
        ExprKind::Or(parts) => Condition::Or(all(parts)),
        ExprKind::Not(inner) => Condition::Not(Box::new(of(inner))),
        ExprKind::Compare { op, left, right } => compared(*op, term(left), literal(right)),
        ExprKind::Match { op, subject, values } => {
            Condition::Is(term(subject), matched(*op, values.iter().map(|value| &value.node)))
        }
        ExprKind::Call(call) => called(call),
        ExprKind::Literal(Literal::Bool(true)) => Condition::And(Vec::new()),
        _ => panic!("`{}` is no condition yet", expr.node),
    }
}

fn compared(op: CompareOp, left: Term, right: &Literal) -> Condition {
    let is_address = matches!(&left, Term::Field(field) if kind(field) == Kind::Address);
    match (op, left, right) {
        (CompareOp::Equal, left, Literal::Null) => Condition::Missing(left),
        (CompareOp::NotEqual, left @ Term::Field(_), Literal::Null) => {
            Condition::Not(Box::new(Condition::Missing(left)))
        }
        (CompareOp::Equal, left, Literal::Text(text)) if is_address => {
            Condition::Is(left, Test::Address(text.clone()))
        }
        (CompareOp::Equal, left, right) => Condition::Is(left, Test::Equal(scalar(right))),
        (CompareOp::NotEqual, Term::Field(field), right) if !is_address => {
            Condition::NotEqual(field, scalar(right))
        }
        (CompareOp::NotEqual, left, right) => panic!("`{left} != {right}` is no condition yet"),
        (op, left, right) => Condition::Is(left, Test::Order(op, scalar(right))),
    }
}

fn matched<'v>(op: MatchOp, values: impl Iterator<Item = &'v Literal>) -> Test {
    match op {
        MatchOp::In => Test::In(values.map(scalar).collect()),
        MatchOp::InInsensitive => Test::InAnyCase(values.map(word).collect()),
        MatchOp::Like => Test::Like(values.map(word).collect(), Case::Sensitive),
        MatchOp::LikeInsensitive => Test::Like(values.map(word).collect(), Case::Insensitive),
        MatchOp::Regex => Test::Regex(values.map(pattern).collect(), Case::Sensitive),
        MatchOp::RegexInsensitive => Test::Regex(values.map(pattern).collect(), Case::Insensitive),
    }
}

fn called(call: &Call) -> Condition {
    let [subject, constants @ ..] = call.arguments.as_slice() else { panic!("there are arguments") };
    let words: Vec<String> = constants.iter().map(|constant| word(literal(constant))).collect();
    let test = match (call.function.name, words.as_slice()) {
        ("startsWith", [word]) => Test::StartsWith(word.clone(), call.case),
        ("endsWith", [word]) => Test::EndsWith(word.clone(), call.case),
        ("stringContains", [word]) => Test::Contains(word.clone(), call.case),
        ("cidrMatch", _) => Test::Within(words),
        (name, _) => panic!("{name} is no condition yet"),
    };
    Condition::Is(term(subject), test)
}

/// What is computed.
fn term(expr: &Expr) -> Term {
    let call = match &expr.node {
        ExprKind::Field(field) => return Term::Field(field.path.clone()),
        ExprKind::Literal(literal) => return Term::Constant(scalar(literal)),
        ExprKind::Arithmetic { op, left, right } => {
            let sides = Box::new([term(left), term(right)]);
            return Term::Arithmetic { op: *op, sides, function: false };
        }
        ExprKind::Call(call) => call,
        other => panic!("`{other}` is no condition's subject yet"),
    };
    let first = || Box::new(term(&call.arguments[0]));
    let text = |at: usize| word(literal(&call.arguments[at]));
    let number = |at: usize| call.arguments.get(at).map(|argument| whole(literal(argument)));
    match call.function.name {
        "length" => Term::Length(first()),
        "indexOf" => Term::IndexOf(first(), text(1), number(2), call.case),
        "substring" => Term::Substring(first(), number(1).unwrap_or(0), number(2)),
        "between" => {
            let greedy = call.arguments.get(3).is_some_and(|greedy| *literal(greedy) == Literal::Bool(true));
            Term::Between { source: first(), left: text(1), right: text(2), greedy, case: call.case }
        }
        "concat" => Term::Concat(call.arguments.iter().map(term).collect()),
        "number" => {
            Term::Number(first(), number(1).map(|base| u32::try_from(base).expect("a base is small")))
        }
        "string" => Term::Text(first()),
        name => panic!("{name} is no condition's subject yet"),
    }
}

fn literal(expr: &Expr) -> &Literal {
    match &expr.node {
        ExprKind::Literal(literal) => literal,
        other => panic!("`{other}` is no condition's constant yet"),
    }
}

fn scalar(literal: &Literal) -> Scalar {
    match literal {
        Literal::Text(text) => Scalar::Text(text.clone()),
        Literal::Int(whole) => Scalar::Number(Number::Whole((*whole).into())),
        Literal::Float(double) => Scalar::Number(Number::Double(*double)),
        other => panic!("`{other}` is no condition's constant yet"),
    }
}

fn word(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => text.clone(),
        other => panic!("`{other}` is no condition's word yet"),
    }
}

fn pattern(literal: &Literal) -> Pattern {
    lucene::read(&word(literal))
}

fn whole(literal: &Literal) -> i64 {
    match literal {
        Literal::Int(whole) => *whole,
        other => panic!("`{other}` is no place in a text"),
    }
}
