//! A query of one pattern over one field, made as a tree, so that no spelling stands in between.

use coldtrail::eql::ast::{Body, Category, EventFilter, ExprKind, Field, Literal, MatchOp};
use coldtrail::eql::{Filter, Options, Query, Search, Span, Spanned, compile};
use coldtrail::event::{Event, FieldSet, Value};

/// A compiled pattern.
pub(super) struct Matcher {
    filter: Filter,
    fields: FieldSet,
}

impl Matcher {
    /// Compiles `x OP "pattern"`; `None` if the pattern is refused.
    pub(super) fn new(op: MatchOp, pattern: &str) -> Option<Self> {
        let subject = at_no_place(ExprKind::Field(Field { path: "x".to_owned(), optional: false }));
        let values = vec![at_no_place(Literal::Text(pattern.to_owned()))];
        let condition = at_no_place(ExprKind::Match { op, subject: Box::new(subject), values });
        let event = EventFilter { category: Category::Any, condition };
        let query = Query { body: Body::Event(event), pipes: Vec::new() };
        let mut fields = FieldSet::new();
        match compile(&query, &Options::default(), &mut fields).ok()?.search {
            Search::Event(filter) => Some(Self { filter, fields }),
            _ => None,
        }
    }

    /// Whether it matches an event with this text in the field.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut event = Event::new(&self.fields);
        event.push(self.fields.find("x").expect("the query reads it"), Value::Str(text));
        self.filter.matches(&event)
    }
}

fn at_no_place<T>(node: T) -> Spanned<T> {
    Spanned::new(node, Span::default())
}

/// Cuts an input into a choice, a pattern, and, behind a NUL, a text; both no longer than `most` characters.
pub(super) fn input(data: &[u8], most: usize) -> Option<(u8, String, String)> {
    let (&choice, rest) = data.split_first()?;
    let rest = String::from_utf8_lossy(rest);
    let (pattern, text) = rest.split_once('\0')?;
    let fits = |text: &str| text.chars().count() <= most;
    (fits(pattern) && fits(text)).then(|| (choice, pattern.to_owned(), text.to_owned()))
}
