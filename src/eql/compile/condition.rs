//! Conditions to nodes.
//!
//! A null that is known when compiling (`?field` that no mapping has) makes its leaf hold neither as it
//! stands nor negated, so negations are pushed down to the leaves.

use super::Compiler;
use super::operand::Operand;
use crate::eql::ast::{Call, CompareOp, Expr, ExprKind, Literal, MatchOp};
use crate::eql::diagnostic::Diagnostic;
use crate::eql::filter::Node;
use crate::eql::functions::Gives;
use crate::eql::reading::Reading;
use crate::eql::script::{Script, Step};
use crate::eql::span::Spanned;
use crate::eql::test::Test;
use crate::eql::types::FieldType;

/// Under how many negations, odd or even.
#[derive(Clone, Copy, PartialEq)]
enum Polarity {
    Holds,
    Fails,
}

impl Polarity {
    fn flipped(self) -> Self {
        if self == Polarity::Holds { Polarity::Fails } else { Polarity::Holds }
    }

    fn of(self, node: Node) -> Node {
        match (self, node) {
            (Polarity::Holds, node) => node,
            (Polarity::Fails, Node::Always) => Node::Never,
            (Polarity::Fails, Node::Never) => Node::Always,
            (Polarity::Fails, Node::Not(inner)) => *inner,
            (Polarity::Fails, node) => Node::Not(Box::new(node)),
        }
    }
}

impl Compiler<'_> {
    /// A whole condition. After an error has been reported, any node.
    pub(super) fn condition(&mut self, expr: &Expr) -> Node {
        self.branch(expr, Polarity::Holds)
    }

    fn branch(&mut self, expr: &Expr, polarity: Polarity) -> Node {
        let mut branches = |all: &[Expr]| all.iter().map(|expr| self.branch(expr, polarity)).collect();
        match (&expr.node, polarity) {
            (ExprKind::Not(inner), _) => self.branch(inner, polarity.flipped()),
            (ExprKind::And(all), Polarity::Holds) | (ExprKind::Or(all), Polarity::Fails) => {
                Node::All(branches(all))
            }
            (ExprKind::Or(all), Polarity::Holds) | (ExprKind::And(all), Polarity::Fails) => {
                Node::Any(branches(all))
            }
            // A null holds under neither polarity.
            _ => self.leaf(expr).map_or(Node::Never, |node| polarity.of(node)),
        }
    }

    /// A leaf; `None` when it is null, or wrong and reported.
    fn leaf(&mut self, expr: &Expr) -> Option<Node> {
        match &expr.node {
            ExprKind::Compare { op, left, right } => self.comparison(*op, left, right, expr),
            ExprKind::Match { op, subject, values } => self.matching(*op, subject, values, expr),
            ExprKind::Call(call) if call.function.gives == Gives::Boolean => self.predicate(call, expr),
            ExprKind::Literal(Literal::Bool(value)) => Some(constant(*value)),
            ExprKind::Literal(Literal::Null) => None,
            ExprKind::Field(_) => match self.operand(expr)? {
                Operand::Field(reading)
                    if matches!(reading.kind, FieldType::Boolean | FieldType::Unknown) =>
                {
                    Some(Node::Leaf(reading, Test::Bools(Box::new([true]))))
                }
                Operand::Field(_) => self.no_condition(expr),
                Operand::Constant(_) | Operand::Computed(_) => None,
            },
            _ => self.no_condition(expr),
        }
    }

    fn no_condition(&mut self, expr: &Expr) -> Option<Node> {
        let problem = Diagnostic::new("this is no condition", expr.span, "neither true nor false");
        self.report(problem.with_help("compare it with something, or ask whether it is there: … != null"));
        None
    }

    fn comparison(&mut self, op: CompareOp, left: &Expr, right: &Expr, whole: &Expr) -> Option<Node> {
        match (self.operand(left)?, self.operand(right)?) {
            (Operand::Constant(Literal::Null), other) | (other, Operand::Constant(Literal::Null)) => {
                null_check(op, other)
            }
            (Operand::Constant(_), Operand::Constant(_)) => self.computed(whole),
            (subject, Operand::Constant(literal)) => {
                self.against(op, left, subject, Spanned::new(literal, right.span))
            }
            (Operand::Constant(literal), subject) => {
                self.against(op.flipped(), right, subject, Spanned::new(literal, left.span))
            }
            _ => {
                let problem =
                    Diagnostic::new("a comparison needs a constant on one side", whole.span, "both vary");
                self.report(problem.with_help("Elasticsearch compares no field with another one"));
                None
            }
        }
    }

    /// `subject op literal`, the literal not null.
    fn against(
        &mut self,
        op: CompareOp,
        expr: &Expr,
        subject: Operand,
        literal: Spanned<Literal>,
    ) -> Option<Node> {
        match subject {
            Operand::Field(reading) => {
                let test = self.comparison_test(op, &reading.kind, &literal)?;
                let leaf = Node::Leaf(reading, test);
                Some(if op == CompareOp::NotEqual { Node::Not(Box::new(leaf)) } else { leaf })
            }
            Operand::Computed(script) => {
                if let Some(polarity) = folded(expr, op, &literal) {
                    return self.leaf(expr).map(|node| polarity.of(node));
                }
                let test = self.comparison_test(op, &FieldType::Unknown, &literal)?;
                let step = Step::Test { subject: Box::new(script.root), test };
                let root = if op == CompareOp::NotEqual { Step::Not(Box::new(step)) } else { step };
                Some(Node::Script(Script { slots: script.slots, root }))
            }
            Operand::Constant(_) => None,
        }
    }

    fn matching(
        &mut self,
        op: MatchOp,
        subject: &Expr,
        values: &[Spanned<Literal>],
        whole: &Expr,
    ) -> Option<Node> {
        match self.operand(subject)? {
            Operand::Field(reading) => {
                let test = self.match_test(op, &reading.kind, values)?;
                Some(Node::Leaf(reading, test))
            }
            Operand::Constant(_) | Operand::Computed(_) => self.computed(whole),
        }
    }

    fn predicate(&mut self, call: &Call, whole: &Expr) -> Option<Node> {
        let first = call.arguments.first()?;
        if let ExprKind::Field(_) = first.node
            && let Some(test) = self.test_of_call(call)
        {
            let test = test?;
            let reading: Reading = match self.operand(first)? {
                Operand::Field(reading) => reading,
                Operand::Constant(_) | Operand::Computed(_) => return None,
            };
            return Some(Node::Leaf(reading, test));
        }
        self.computed(whole)
    }

    /// The whole of `expr` as a script, or as what it always is.
    fn computed(&mut self, expr: &Expr) -> Option<Node> {
        let script = self.script(expr)?;
        match script.constant() {
            None => Some(Node::Script(script)),
            Some(Literal::Bool(value)) => Some(constant(value)),
            Some(_) => None,
        }
    }
}

fn constant(value: bool) -> Node {
    if value { Node::Always } else { Node::Never }
}

/// A comparison with null: `==` and `!=` ask whether the other side is there, others are null.
fn null_check(op: CompareOp, other: Operand) -> Option<Node> {
    let polarity = match op {
        CompareOp::Equal => Polarity::Fails,
        CompareOp::NotEqual => Polarity::Holds,
        CompareOp::Less | CompareOp::LessOrEqual | CompareOp::Greater | CompareOp::GreaterOrEqual => {
            return None;
        }
    };
    let there = match other {
        Operand::Constant(literal) => constant(literal != Literal::Null),
        Operand::Field(reading) => Node::Exists(reading),
        Operand::Computed(script) => {
            let is_null = Step::IsNull(Box::new(script.root));
            let root = if polarity == Polarity::Fails { is_null } else { Step::Not(Box::new(is_null)) };
            return Some(Node::Script(Script { slots: script.slots, root }));
        }
    };
    Some(polarity.of(there))
}

/// `cidrMatch(…) == true` is `cidrMatch(…)`, and `!= true` and `== false` its negation.
fn folded(expr: &Expr, op: CompareOp, literal: &Literal) -> Option<Polarity> {
    let ExprKind::Call(call) = &expr.node else { return None };
    let Literal::Bool(value) = literal else { return None };
    match (call.function.gives, op) {
        (Gives::Boolean, CompareOp::Equal) => Some(if *value { Polarity::Holds } else { Polarity::Fails }),
        (Gives::Boolean, CompareOp::NotEqual) => Some(if *value { Polarity::Fails } else { Polarity::Holds }),
        _ => None,
    }
}
