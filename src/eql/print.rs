//! A query back to text, such that parsing it again gives the same tree.

use std::fmt::{self, Display, Formatter, Write};
use std::time::Duration;

use super::ast::{
    ArithmeticOp, Body, Case, Category, CompareOp, EventFilter, Expr, ExprKind, Field, Item, KeyedFilter,
    Literal, MatchOp, Pipe, Query, SampleQuery, SequenceQuery,
};
use super::parser::{Level, is_keyword};
use super::span::Spanned;

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.body {
            Body::Event(event) => event.fmt(f)?,
            Body::Sequence(sequence) => sequence.fmt(f)?,
            Body::Sample(sample) => sample.fmt(f)?,
        }
        self.pipes.iter().try_for_each(|pipe| write!(f, " | {}", pipe.node))
    }
}

impl Display for EventFilter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} where {}", self.category, self.condition.node)
    }
}

impl Display for Category {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Category::Any => f.write_str("any"),
            Category::Named(name) if is_plain(&name.to_ascii_lowercase()) => f.write_str(name),
            Category::Named(name) => quoted(f, name),
        }
    }
}

impl Display for SequenceQuery {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("sequence")?;
        keys(f, &self.by)?;
        if let Some(maxspan) = self.maxspan {
            f.write_str(" with maxspan=")?;
            duration(f, maxspan)?;
        }
        self.items.iter().try_for_each(|item| write!(f, " {item}"))?;
        self.until.iter().try_for_each(|until| write!(f, " until {until}"))
    }
}

impl Display for Item {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.missing { "!" } else { "" }, self.filter)?;
        if self.runs > 1 { write!(f, " with runs={}", self.runs) } else { Ok(()) }
    }
}

impl Display for KeyedFilter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.event.node)?;
        keys(f, &self.by)
    }
}

impl Display for SampleQuery {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("sample")?;
        keys(f, &self.by)?;
        self.filters.iter().try_for_each(|filter| write!(f, " {filter}"))
    }
}

impl Display for Pipe {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Pipe::Head(count) => write!(f, "head {count}"),
            Pipe::Tail(count) => write!(f, "tail {count}"),
        }
    }
}

impl Display for ExprKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ExprKind::And(all) => joined(f, all, " and ", Level::Not),
            ExprKind::Or(all) => joined(f, all, " or ", Level::And),
            ExprKind::Not(inner) => {
                f.write_str("not ")?;
                operand(f, inner, Level::Not)
            }
            ExprKind::Compare { op, left, right } => {
                operand(f, left, Level::Add)?;
                write!(f, " {} ", op.symbol())?;
                operand(f, right, Level::Add)
            }
            ExprKind::Match { op, subject, values } => {
                operand(f, subject, Level::Add)?;
                write!(f, " {} ", op.symbol())?;
                list(f, values)
            }
            ExprKind::Arithmetic { op, left, right } => {
                let level = op.level();
                operand(f, left, level)?;
                write!(f, " {} ", op.symbol())?;
                operand(f, right, level.next())
            }
            ExprKind::Negate(inner) => {
                f.write_char('-')?;
                // A sign before a number would be read as part of it.
                let literal = matches!(inner.node, ExprKind::Literal(_));
                if literal { write!(f, "({})", inner.node) } else { operand(f, inner, Level::Unary) }
            }
            ExprKind::Call(call) => {
                let tilde = if call.case == Case::Insensitive { "~" } else { "" };
                write!(f, "{}{tilde}(", call.function.name)?;
                joined(f, &call.arguments, ", ", Level::Or)?;
                f.write_char(')')
            }
            ExprKind::Field(field) => field.fmt(f),
            ExprKind::Literal(literal) => literal.fmt(f),
        }
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let optional = if self.optional { "?" } else { "" };
        if self.path.split('.').all(is_plain) {
            write!(f, "{optional}{}", self.path)
        } else {
            write!(f, "{optional}`{}`", self.path.replace('`', "``"))
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => f.write_str("null"),
            Literal::Bool(value) => value.fmt(f),
            Literal::Int(value) => value.fmt(f),
            // `Debug`, since `Display` drops the point of `3.0`.
            Literal::Float(value) => write!(f, "{value:?}"),
            Literal::Text(text) => quoted(f, text),
        }
    }
}

impl CompareOp {
    /// As it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            CompareOp::Equal => "==",
            CompareOp::NotEqual => "!=",
            CompareOp::Less => "<",
            CompareOp::LessOrEqual => "<=",
            CompareOp::Greater => ">",
            CompareOp::GreaterOrEqual => ">=",
        }
    }
}

impl MatchOp {
    /// As it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            MatchOp::In => "in",
            MatchOp::InInsensitive => "in~",
            MatchOp::Like => "like",
            MatchOp::LikeInsensitive => ":",
            MatchOp::Regex => "regex",
            MatchOp::RegexInsensitive => "regex~",
        }
    }
}

impl ArithmeticOp {
    /// As it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            ArithmeticOp::Add => "+",
            ArithmeticOp::Subtract => "-",
            ArithmeticOp::Multiply => "*",
            ArithmeticOp::Divide => "/",
            ArithmeticOp::Modulo => "%",
        }
    }
}

/// Puts brackets around what binds less tightly than `floor`.
fn operand(f: &mut Formatter<'_>, expr: &Expr, floor: Level) -> fmt::Result {
    if Level::of(&expr.node) < floor { write!(f, "({})", expr.node) } else { expr.node.fmt(f) }
}

fn joined(f: &mut Formatter<'_>, all: &[Expr], between: &str, floor: Level) -> fmt::Result {
    for (place, expr) in all.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { between })?;
        operand(f, expr, floor)?;
    }
    Ok(())
}

fn list(f: &mut Formatter<'_>, values: &[Spanned<Literal>]) -> fmt::Result {
    f.write_char('(')?;
    for (place, value) in values.iter().enumerate() {
        write!(f, "{}{}", if place == 0 { "" } else { ", " }, value.node)?;
    }
    f.write_char(')')
}

fn keys(f: &mut Formatter<'_>, by: &[Spanned<Field>]) -> fmt::Result {
    for (place, key) in by.iter().enumerate() {
        write!(f, "{}{}", if place == 0 { " by " } else { ", " }, key.node)?;
    }
    Ok(())
}

fn duration(f: &mut Formatter<'_>, duration: Duration) -> fmt::Result {
    let millis = duration.as_millis();
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
        if millis.is_multiple_of(length) {
            return write!(f, "{}{unit}", millis / length);
        }
    }
    write!(f, "{millis}ms")
}

fn is_plain(word: &str) -> bool {
    let first =
        word.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'@'));
    first && word[1..].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !is_keyword(word)
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c.is_control() => write!(f, "\\u{{{:04x}}}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
