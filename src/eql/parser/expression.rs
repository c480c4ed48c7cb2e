//! Expressions, by precedence climbing.

use super::{Level, MAX_DEPTH, Parsed, Parser, is_keyword};
use crate::eql::ast::{ArithmeticOp, Call, Case, CompareOp, Expr, ExprKind, Field, Literal, MatchOp};
use crate::eql::diagnostic::Diagnostic;
use crate::eql::functions;
use crate::eql::lexer::Token;
use crate::eql::span::{Span, Spanned};

/// An expression with its height. A chain of operators makes a tall tree without nesting in the text,
/// so the depth of the brackets alone does not bound it.
pub(super) struct Tall {
    pub(super) expr: Expr,
    height: usize,
}

impl Tall {
    fn leaf(kind: ExprKind, span: Span) -> Self {
        Self { expr: Spanned::new(kind, span), height: 1 }
    }
}

impl Parser<'_> {
    /// An expression whose operators all bind at least as tightly as `floor`.
    pub(super) fn expression(&mut self, floor: Level) -> Parsed<Tall> {
        let mut left = self.prefix(floor)?;
        loop {
            left = match self.infix() {
                Some(Infix::Or) if floor <= Level::Or => self.chain(left, "or", Level::And)?,
                Some(Infix::And) if floor <= Level::And => self.chain(left, "and", Level::Not)?,
                Some(Infix::Compare(op)) if floor <= Level::Compare => self.comparison(left, op)?,
                Some(Infix::Match(op)) if floor <= Level::Compare => self.matching(left, op)?,
                Some(Infix::NotIn) if floor <= Level::Compare => self.not_in(left)?,
                Some(Infix::Arithmetic(op)) if floor <= op.level() => self.arithmetic(left, op)?,
                _ => return Ok(left),
            };
        }
    }

    fn infix(&self) -> Option<Infix> {
        Some(match *self.peek() {
            Token::Word("or") => Infix::Or,
            Token::Word("and") => Infix::And,
            Token::Word("not") => Infix::NotIn,
            Token::Symbol("==") => Infix::Compare(CompareOp::Equal),
            Token::Symbol("!=") => Infix::Compare(CompareOp::NotEqual),
            Token::Symbol("<") => Infix::Compare(CompareOp::Less),
            Token::Symbol("<=") => Infix::Compare(CompareOp::LessOrEqual),
            Token::Symbol(">") => Infix::Compare(CompareOp::Greater),
            Token::Symbol(">=") => Infix::Compare(CompareOp::GreaterOrEqual),
            Token::Word("in") => Infix::Match(MatchOp::In),
            Token::TildeWord("in") => Infix::Match(MatchOp::InInsensitive),
            Token::Word("like") => Infix::Match(MatchOp::Like),
            Token::Symbol(":") | Token::TildeWord("like") => Infix::Match(MatchOp::LikeInsensitive),
            Token::Word("regex") => Infix::Match(MatchOp::Regex),
            Token::TildeWord("regex") => Infix::Match(MatchOp::RegexInsensitive),
            Token::Symbol("+") => Infix::Arithmetic(ArithmeticOp::Add),
            Token::Symbol("-") => Infix::Arithmetic(ArithmeticOp::Subtract),
            Token::Symbol("*") => Infix::Arithmetic(ArithmeticOp::Multiply),
            Token::Symbol("/") => Infix::Arithmetic(ArithmeticOp::Divide),
            Token::Symbol("%") => Infix::Arithmetic(ArithmeticOp::Modulo),
            _ => return None,
        })
    }

    fn prefix(&mut self, floor: Level) -> Parsed<Tall> {
        let start = self.span();
        if self.is_word("not") && floor <= Level::Not {
            self.advance();
            let inner = self.deeper(|parser| parser.expression(Level::Not))?;
            return self.grow(start, &[inner.height], ExprKind::Not(Box::new(inner.expr)));
        }
        if self.take_symbol("-") {
            return self.negation(start);
        }
        if self.take_symbol("+") {
            return self.deeper(|parser| parser.expression(Level::Unary));
        }
        self.primary()
    }

    /// What follows a minus sign; a number takes it in.
    fn negation(&mut self, start: Span) -> Parsed<Tall> {
        if let Token::Number(digits) = *self.peek() {
            let literal = self.number(&format!("-{digits}"))?;
            return Ok(Tall::leaf(ExprKind::Literal(literal), self.since(start)));
        }
        let inner = self.deeper(|parser| parser.expression(Level::Unary))?;
        self.grow(start, &[inner.height], ExprKind::Negate(Box::new(inner.expr)))
    }

    fn primary(&mut self) -> Parsed<Tall> {
        let start = self.span();
        if self.take_symbol("(") {
            let mut inner = self.deeper(|parser| parser.expression(Level::Or))?;
            self.expect_symbol(")", "to close the bracket")?;
            inner.expr.span = self.since(start);
            return Ok(inner);
        }
        if self.is_call() {
            return self.call();
        }
        if self.is_field() {
            let field = self.field()?;
            return Ok(Tall::leaf(ExprKind::Field(field.node), field.span));
        }
        let literal = self.literal("a field, a value or a function")?;
        Ok(Tall::leaf(ExprKind::Literal(literal.node), literal.span))
    }

    fn is_field(&self) -> bool {
        match self.peek() {
            Token::Word(word) => !is_keyword(word),
            Token::Backticked(_) | Token::Symbol("?") => true,
            _ => false,
        }
    }

    fn is_call(&self) -> bool {
        let name = match self.peek() {
            Token::TildeWord(_) => true,
            Token::Word(word) => !is_keyword(word),
            _ => false,
        };
        name && matches!(self.tokens.get(self.at + 1).map(|next| &next.node), Some(Token::Symbol("(")))
    }

    /// `?a.b`; a keyword is as good as any name behind a dot.
    pub(super) fn field(&mut self) -> Parsed<Spanned<Field>> {
        let start = self.span();
        let optional = self.take_symbol("?");
        if !self.is_field() || self.is_symbol("?") {
            return Err(self.unexpected("a field"));
        }
        let mut path = String::new();
        loop {
            match self.peek() {
                Token::Word(word) => path.push_str(word),
                Token::Backticked(name) => path.push_str(name),
                _ => return Err(self.unexpected("the rest of the field's name")),
            }
            self.advance();
            if !self.take_symbol(".") {
                break;
            }
            path.push('.');
        }
        if self.is_symbol("[") && self.touches_last() {
            return Err(self.unexpected("no brackets behind a field"));
        }
        if self.is_word("of") {
            let problem = Diagnostic::new(format!("`{path} of` is not supported"), self.span(), "here");
            return Err(self.report(problem.with_help("use a sequence by process.entity_id")));
        }
        Ok(Spanned::new(Field { path, optional }, self.since(start)))
    }

    /// A constant, with its sign; `expected` is for the message.
    fn literal(&mut self, expected: &str) -> Parsed<Spanned<Literal>> {
        let start = self.span();
        let literal = match self.peek().clone() {
            Token::Word("null") => Literal::Null,
            Token::Word("true") => Literal::Bool(true),
            Token::Word("false") => Literal::Bool(false),
            Token::Text(text) => Literal::Text(text),
            Token::Number(digits) => return Ok(Spanned::new(self.number(digits)?, start)),
            Token::Symbol("-") if matches!(self.tokens[self.at + 1].node, Token::Number(_)) => {
                self.advance();
                let Token::Number(digits) = *self.peek() else { return Err(self.unexpected("a number")) };
                let number = self.number(&format!("-{digits}"))?;
                return Ok(Spanned::new(number, self.since(start)));
            }
            _ => return Err(self.unexpected(expected)),
        };
        self.advance();
        Ok(Spanned::new(literal, start))
    }

    /// Reads `digits` (with its sign) as the number at hand: an integer if it fits, else a double.
    fn number(&mut self, digits: &str) -> Parsed<Literal> {
        let span = self.span();
        self.advance();
        if let Ok(value) = digits.parse() {
            return Ok(Literal::Int(value));
        }
        match digits.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Literal::Float(value)),
            _ => Err(self.report(Diagnostic::new("this number is out of range", span, "too large"))),
        }
    }

    fn call(&mut self) -> Parsed<Tall> {
        let start = self.span();
        let (name, case) = match *self.peek() {
            Token::TildeWord(name) => (name, Case::Insensitive),
            Token::Word(name) => (name, Case::Sensitive),
            _ => return Err(self.unexpected("a function")),
        };
        self.advance();
        let (arguments, height) = self.deeper(Self::arguments)?;
        let Some(function) = functions::find(name) else {
            return Err(self.unknown_function(name, start));
        };
        if case == Case::Insensitive && !function.folds {
            let message = format!("`{}` has no `~` form", function.name);
            self.report(
                Diagnostic::new(message, start, "here").with_help(format!("write `{}(…)`", function.name)),
            );
        }
        let (least, most) = function.arity;
        if !(least..=most).contains(&arguments.len()) {
            let many = match (least, most) {
                (1, 1) => "one argument".to_owned(),
                (least, usize::MAX) => format!("{least} arguments or more"),
                (least, most) if least == most => format!("{least} arguments"),
                (least, most) => format!("{least} to {most} arguments"),
            };
            let message = format!("`{}` takes {many}", function.name);
            let found = format!("found {}", arguments.len());
            self.report(Diagnostic::new(message, self.since(start), found));
        }
        self.grow(start, &[height], ExprKind::Call(Call { function, case, arguments }))
    }

    /// `(a, b, …)`, and the height of the tallest.
    fn arguments(&mut self) -> Parsed<(Vec<Expr>, usize)> {
        let (mut arguments, mut height) = (Vec::new(), 0);
        self.expect_symbol("(", "before the arguments")?;
        if self.take_symbol(")") {
            return Ok((arguments, height));
        }
        loop {
            let argument = self.expression(Level::Or)?;
            height = height.max(argument.height);
            arguments.push(argument.expr);
            if !self.take_symbol(",") {
                break;
            }
        }
        self.expect_symbol(")", "after the arguments")?;
        Ok((arguments, height))
    }

    fn unknown_function(&mut self, name: &str, span: Span) -> super::Reported {
        let help = match name.to_ascii_lowercase().as_str() {
            "wildcard" => "use the operator: field like~ (\"a*\", \"b*\")".to_owned(),
            "match" | "matchlite" => "use the operator: field regex~ \"…\"".to_owned(),
            _ => match functions::nearest(name) {
                Some(near) => format!("did you mean `{}`?", near.name),
                None => {
                    let names: Vec<&str> = functions::ALL.iter().map(|function| function.name).collect();
                    format!("the functions are {}", names.join(", "))
                }
            },
        };
        self.report(
            Diagnostic::new(format!("there is no function `{name}`"), span, "unknown").with_help(help),
        )
    }

    /// `first or a or b …` as one node, whatever its length; the same for `and`.
    fn chain(&mut self, first: Tall, word: &str, level: Level) -> Parsed<Tall> {
        let start = first.expr.span;
        let mut height = first.height;
        let mut all = Vec::new();
        flatten(first.expr, word, &mut all);
        while self.take_word(word) {
            let next = self.expression(level)?;
            height = height.max(next.height);
            flatten(next.expr, word, &mut all);
        }
        let kind = if word == "or" { ExprKind::Or(all) } else { ExprKind::And(all) };
        self.grow(start, &[height], kind)
    }

    fn comparison(&mut self, left: Tall, op: CompareOp) -> Parsed<Tall> {
        let start = left.expr.span;
        self.advance();
        let right = self.expression(Level::Add)?;
        self.refuse_chain()?;
        let heights = [left.height, right.height];
        let is_literal = |expr: &Expr| matches!(expr.node, ExprKind::Literal(_));
        let turn = is_literal(&left.expr) && !is_literal(&right.expr);
        let (op, left, right) = if turn { (op.flipped(), right, left) } else { (op, left, right) };
        let kind = ExprKind::Compare { op, left: Box::new(left.expr), right: Box::new(right.expr) };
        self.grow(start, &heights, kind)
    }

    fn matching(&mut self, left: Tall, op: MatchOp) -> Parsed<Tall> {
        let start = left.expr.span;
        self.advance();
        let values = self.values(op)?;
        self.refuse_chain()?;
        self.grow(start, &[left.height], ExprKind::Match { op, subject: Box::new(left.expr), values })
    }

    fn not_in(&mut self, left: Tall) -> Parsed<Tall> {
        let start = left.expr.span;
        self.advance();
        let op = match self.infix() {
            Some(Infix::Match(op @ (MatchOp::In | MatchOp::InInsensitive))) => op,
            _ => {
                let problem = Diagnostic::new("only `in` takes `not` before it", self.span(), "here");
                return Err(self.report(
                    problem.with_help("write `not` before the whole comparison: not field : \"…\""),
                ));
            }
        };
        let inner = self.matching(left, op)?;
        self.grow(start, &[inner.height], ExprKind::Not(Box::new(inner.expr)))
    }

    /// One constant, or several in brackets.
    fn values(&mut self, op: MatchOp) -> Parsed<Vec<Spanned<Literal>>> {
        let expected = format!("a constant or a list of constants after `{}`", op.symbol());
        if !self.take_symbol("(") {
            return Ok(vec![self.literal(&expected)?]);
        }
        let mut values = Vec::new();
        loop {
            values.push(self.literal("a constant")?);
            if !self.take_symbol(",") {
                break;
            }
        }
        self.expect_symbol(")", "to close the list")?;
        Ok(values)
    }

    fn refuse_chain(&mut self) -> Parsed<()> {
        if !matches!(self.infix(), Some(Infix::Compare(_) | Infix::Match(_) | Infix::NotIn)) {
            return Ok(());
        }
        let problem = Diagnostic::new("comparisons do not chain", self.span(), "a second comparison");
        Err(self.report(problem.with_help("join them with `and`: a < b and b < c")))
    }

    fn arithmetic(&mut self, left: Tall, op: ArithmeticOp) -> Parsed<Tall> {
        let start = left.expr.span;
        self.advance();
        let right = self.expression(op.level().next())?;
        let heights = [left.height, right.height];
        let kind = ExprKind::Arithmetic { op, left: Box::new(left.expr), right: Box::new(right.expr) };
        self.grow(start, &heights, kind)
    }

    /// A node over subtrees of these heights.
    fn grow(&mut self, start: Span, below: &[usize], kind: ExprKind) -> Parsed<Tall> {
        let height = 1 + below.iter().max().copied().unwrap_or(0);
        let span = self.since(start);
        if height > MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        Ok(Tall { expr: Spanned::new(kind, span), height })
    }
}

enum Infix {
    Or,
    And,
    NotIn,
    Compare(CompareOp),
    Match(MatchOp),
    Arithmetic(ArithmeticOp),
}

/// Adds `expr` to a chain of `word`s; a chain in brackets is the same chain.
fn flatten(expr: Expr, word: &str, all: &mut Vec<Expr>) {
    match expr.node {
        ExprKind::Or(inner) if word == "or" => all.extend(inner),
        ExprKind::And(inner) if word == "and" => all.extend(inner),
        node => all.push(Spanned::new(node, expr.span)),
    }
}
