//! A rule's filters as conditions of the obvious evaluator.

use coldtrail::eql::ast::{
    Body, Call, Case, Category, CompareOp, EventFilter, Expr, ExprKind, Literal, MatchOp, Query,
};

use super::condition::Condition;

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
            Condition::And(vec![Condition::Equal("event.category".to_owned(), name.clone()), asked])
        }
    }
}

fn of(expr: &Expr) -> Condition {
    let all = |parts: &[Expr]| parts.iter().map(of).collect();
    match &expr.node {
        ExprKind::And(parts) => Condition::And(all(parts)),
        ExprKind::Or(parts) => Condition::Or(all(parts)),
        ExprKind::Not(inner) => Condition::Not(Box::new(of(inner))),
        ExprKind::Compare { op, left, right } => compared(*op, field(left), right),
        ExprKind::Match { op, subject, values } => {
            matched(*op, &field(subject), values.iter().map(|value| word(&value.node)).collect())
        }
        ExprKind::Call(call) => called(call),
        ExprKind::Literal(Literal::Bool(true)) => Condition::And(Vec::new()),
        _ => panic!("`{}` is no condition yet", expr.node),
    }
}

fn compared(op: CompareOp, field: String, with: &Expr) -> Condition {
    match (op, &with.node) {
        (CompareOp::Equal, ExprKind::Literal(Literal::Null)) => Condition::Missing(field),
        (CompareOp::NotEqual, ExprKind::Literal(Literal::Null)) => {
            Condition::Not(Box::new(Condition::Missing(field)))
        }
        (CompareOp::Equal, ExprKind::Literal(literal)) => Condition::Equal(field, word(literal)),
        (CompareOp::NotEqual, ExprKind::Literal(literal)) => Condition::NotEqual(field, word(literal)),
        (op, with) => panic!("{op:?} with `{with}` is no condition yet"),
    }
}

fn matched(op: MatchOp, field: &str, words: Vec<String>) -> Condition {
    let any = |of: fn(String, String) -> Condition, words: Vec<String>| {
        Condition::Or(words.into_iter().map(|word| of(field.to_owned(), word)).collect())
    };
    match op {
        MatchOp::In => Condition::In(field.to_owned(), words),
        MatchOp::InInsensitive => Condition::InAnyCase(field.to_owned(), words),
        MatchOp::Like => any(Condition::Like, words),
        MatchOp::LikeInsensitive => any(Condition::LikeAnyCase, words),
        MatchOp::Regex | MatchOp::RegexInsensitive => panic!("{op:?} is no condition yet"),
    }
}

fn called(call: &Call) -> Condition {
    let of = match (call.function.name, call.case) {
        ("startsWith", Case::Sensitive) => Condition::StartsWith,
        ("endsWith", Case::Insensitive) => Condition::EndsWithAnyCase,
        ("stringContains", Case::Sensitive) => Condition::Contains,
        (name, case) => panic!("{name}, {case:?}, is no condition yet"),
    };
    match call.arguments.as_slice() {
        [subject, Expr { node: ExprKind::Literal(literal), .. }] => of(field(subject), word(literal)),
        arguments => panic!("{arguments:?} are no condition's yet"),
    }
}

fn field(expr: &Expr) -> String {
    match &expr.node {
        ExprKind::Field(field) => field.path.clone(),
        other => panic!("`{other}` is no condition's subject yet"),
    }
}

fn word(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => text.clone(),
        other => panic!("`{other}` is no condition's word yet"),
    }
}
