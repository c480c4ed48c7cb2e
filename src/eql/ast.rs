//! What a query says, as a tree.
//!
//! The tree is normal in three ways, so that whoever walks it has fewer shapes to know: `and` and `or`
//! are n-ary and never directly inside themselves; a comparison whose left side alone is a literal is
//! turned round (`5 < x` is `x > 5`); `x not in (…)` is `not x in (…)`. Its height is at most
//! [`MAX_DEPTH`](super::parser::MAX_DEPTH), so recursion over it is safe.

use std::cmp::Ordering;
use std::time::Duration;

use super::functions::Function;
use super::span::Spanned;

/// A whole query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What to look for.
    pub body: Body,
    /// What to keep of the results, in the order written.
    pub pipes: Vec<Spanned<Pipe>>,
}

/// The three kinds of query.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// `process where …`: single events.
    Event(EventFilter),
    /// `sequence …`: events in order.
    Sequence(SequenceQuery),
    /// `sample by …`: events that share keys, in any order.
    Sample(SampleQuery),
}

/// `category where condition`.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFilter {
    /// Which events are asked at all.
    pub category: Category,
    /// What must hold of them.
    pub condition: Expr,
}

/// The word before `where`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Category {
    /// `any`: events with any category, or none.
    Any,
    /// Events whose category field holds exactly this.
    Named(String),
}

/// `sequence by … with maxspan=… [item] [item] … until [item]`.
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceQuery {
    /// Keys of every item; they come before the items' own.
    pub by: Vec<Spanned<Field>>,
    /// Longest time from the first to the last event, inclusive.
    pub maxspan: Option<Duration>,
    /// The items in order, at least two counting runs.
    pub items: Vec<Item>,
    /// What ends a sequence before it is whole.
    pub until: Option<KeyedFilter>,
}

/// One item of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The filter and its own keys.
    pub filter: KeyedFilter,
    /// How often in a row (`with runs=n`); at least 1.
    pub runs: u32,
    /// `![…]`: no such event may be there.
    pub missing: bool,
}

/// `[category where condition] by key, key`.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyedFilter {
    /// The bracketed part.
    pub event: Spanned<EventFilter>,
    /// The item's own keys.
    pub by: Vec<Spanned<Field>>,
}

/// `sample by … [filter] [filter] …`.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleQuery {
    /// Keys of every filter; they come before the filters' own.
    pub by: Vec<Spanned<Field>>,
    /// The filters, at least two.
    pub filters: Vec<KeyedFilter>,
}

/// What follows a `|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    /// `head n`: the first n.
    Head(u64),
    /// `tail n`: the last n.
    Tail(u64),
}

/// An expression and where it stands.
pub type Expr = Spanned<ExprKind>;

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// All hold; two or more, none of them an `And`.
    And(Vec<Expr>),
    /// One holds; two or more, none of them an `Or`.
    Or(Vec<Expr>),
    /// Does not hold.
    Not(Box<Expr>),
    /// `left op right`. When one side is a literal, it is the right one.
    Compare {
        /// The comparison.
        op: CompareOp,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `subject op (value, value, …)`: one of the values does.
    Match {
        /// How a value is compared.
        op: MatchOp,
        /// What is looked at.
        subject: Box<Expr>,
        /// One or more constants.
        values: Vec<Spanned<Literal>>,
    },
    /// `left op right`, a number.
    Arithmetic {
        /// The operation.
        op: ArithmeticOp,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `-x`; of a literal it is folded into the literal.
    Negate(Box<Expr>),
    /// `function(…)` or `function~(…)`.
    Call(Call),
    /// A field.
    Field(Field),
    /// A constant.
    Literal(Literal),
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which function; its [`name`](Function::name) is the canonical spelling.
    pub function: &'static Function,
    /// Whether letters of both cases are one (`~`, ASCII only).
    pub case: Case,
    /// As many as the function takes.
    pub arguments: Vec<Expr>,
}

/// Whether the letters A–Z and a–z differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// They do.
    Sensitive,
    /// They do not. ASCII only, as Lucene folds.
    Insensitive,
}

/// `==` and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `==`: exact, case-sensitive, no wildcards.
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// `in`, `:`, `like` and `regex`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchOp {
    /// `in`: equal, case-sensitive.
    In,
    /// `in~`: equal, any case.
    InInsensitive,
    /// `like`: `*` and `?` are wildcards, case-sensitive.
    Like,
    /// `:` and `like~`, which are one: wildcards, any case.
    LikeInsensitive,
    /// `regex`: Lucene syntax, the whole value.
    Regex,
    /// `regex~`
    RegexInsensitive,
}

/// `+` and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`: between integers it truncates.
    Divide,
    /// `%`: takes the sign of the dividend.
    Modulo,
}

/// A field as the query names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Dotted path, without backticks.
    pub path: String,
    /// `?path`: it may be unknown to the mapping.
    pub optional: bool,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number that fits 64 bits.
    Int(i64),
    /// Any other number; finite.
    Float(f64),
    /// A string, unescaped.
    Text(String),
}

impl CompareOp {
    /// Whether it holds of two values in this order.
    #[must_use]
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            CompareOp::Equal => order.is_eq(),
            CompareOp::NotEqual => order.is_ne(),
            CompareOp::Less => order.is_lt(),
            CompareOp::LessOrEqual => order.is_le(),
            CompareOp::Greater => order.is_gt(),
            CompareOp::GreaterOrEqual => order.is_ge(),
        }
    }

    /// The operator that says the same with its sides exchanged.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            CompareOp::Equal | CompareOp::NotEqual => self,
            CompareOp::Less => CompareOp::Greater,
            CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
            CompareOp::Greater => CompareOp::Less,
            CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        }
    }
}

impl Expr {
    /// The expressions directly below this one.
    pub fn children(&self) -> impl Iterator<Item = &Expr> {
        let (many, one, two): (&[Expr], _, _) = match &self.node {
            ExprKind::And(all) | ExprKind::Or(all) => (all, None, None),
            ExprKind::Call(call) => (&call.arguments, None, None),
            ExprKind::Compare { left, right, .. } | ExprKind::Arithmetic { left, right, .. } => {
                (&[], Some(left), Some(right))
            }
            ExprKind::Not(inner) | ExprKind::Negate(inner) | ExprKind::Match { subject: inner, .. } => {
                (&[], Some(inner), None)
            }
            ExprKind::Field(_) | ExprKind::Literal(_) => (&[], None, None),
        };
        many.iter().chain(one.map(AsRef::as_ref)).chain(two.map(AsRef::as_ref))
    }
}
