//! The sides of comparisons: constants, fields, and what is computed of them.

use super::Compiler;
use crate::eql::ast::{ArithmeticOp, Call, Case, CompareOp, Expr, ExprKind, Field, Literal, MatchOp};
use crate::eql::diagnostic::Diagnostic;
use crate::eql::functions;
use crate::eql::reading::Reading;
use crate::eql::script::{Script, Step};
use crate::eql::span::{Span, Spanned};
use crate::eql::test::Test;
use crate::eql::types::FieldType;

/// What an expression is, as far as it can be told without an event.
pub(super) enum Operand {
    Constant(Literal),
    Field(Reading),
    Computed(Script),
}

impl Compiler<'_> {
    /// Resolves an expression; `None` after an error has been reported.
    pub(super) fn operand(&mut self, expr: &Expr) -> Option<Operand> {
        match &expr.node {
            ExprKind::Literal(literal) => Some(Operand::Constant(literal.clone())),
            ExprKind::Field(field) => self.field(field, expr.span),
            _ => {
                let script = self.script(expr)?;
                Some(script.constant().map_or_else(|| Operand::Computed(script), Operand::Constant))
            }
        }
    }

    fn field(&mut self, field: &Field, span: Span) -> Option<Operand> {
        match self.reading(&field.path) {
            Some(reading) => Some(Operand::Field(reading)),
            None if field.optional => Some(Operand::Constant(Literal::Null)),
            None => {
                self.report_unmapped(field, span);
                None
            }
        }
    }

    /// The type of a field; of anything else it is not known.
    fn kind(&mut self, expr: &Expr) -> FieldType {
        match &expr.node {
            ExprKind::Field(field) => {
                self.reading(&field.path).map_or(FieldType::Unknown, |reading| reading.kind)
            }
            _ => FieldType::Unknown,
        }
    }

    /// The whole of `expr` as a script.
    pub(super) fn script(&mut self, expr: &Expr) -> Option<Script> {
        let mut slots = Vec::new();
        let root = self.step(expr, &mut slots)?;
        Some(Script { slots, root })
    }

    fn step(&mut self, expr: &Expr, slots: &mut Vec<Reading>) -> Option<Step> {
        match &expr.node {
            ExprKind::Literal(literal) => Some(Step::Constant(literal.clone())),
            ExprKind::Field(field) => match self.field(field, expr.span)? {
                Operand::Field(reading) => Some(Step::Slot(slot(slots, reading))),
                Operand::Constant(literal) => Some(Step::Constant(literal)),
                Operand::Computed(_) => None,
            },
            ExprKind::Call(call) => self.call(call, slots),
            ExprKind::Arithmetic { op, left, right } => {
                let arguments = vec![self.step(left, slots)?, self.step(right, slots)?];
                arithmetic(*op, arguments)
            }
            ExprKind::Negate(inner) => {
                let minus = Step::Constant(Literal::Int(-1));
                arithmetic(ArithmeticOp::Multiply, vec![self.step(inner, slots)?, minus])
            }
            ExprKind::Not(inner) => Some(Step::Not(Box::new(self.step(inner, slots)?))),
            ExprKind::And(all) => self.steps(all, slots).map(Step::And),
            ExprKind::Or(all) => self.steps(all, slots).map(Step::Or),
            ExprKind::Compare { op, left, right } => self.compare_step(*op, left, right, slots),
            ExprKind::Match { op, subject, values } => self.match_step(*op, subject, values, slots),
        }
    }

    fn steps(&mut self, all: &[Expr], slots: &mut Vec<Reading>) -> Option<Vec<Step>> {
        all.iter().map(|expr| self.step(expr, slots)).collect()
    }

    fn call(&mut self, call: &Call, slots: &mut Vec<Reading>) -> Option<Step> {
        if let Some(test) = self.test_of_call(call) {
            let subject = Box::new(self.step(call.arguments.first()?, slots)?);
            return Some(Step::Test { subject, test: test? });
        }
        let arguments = self.steps(&call.arguments, slots)?;
        Some(Step::Call { function: call.function, case: call.case, arguments })
    }

    /// The test that a call is of its first argument, when the others are constants: the outer `None`
    /// if it is none, the inner after an error.
    pub(super) fn test_of_call(&mut self, call: &Call) -> Option<Option<Test>> {
        let (_, constants) = call.arguments.split_first()?;
        let literal = |expr: &'_ Expr| match &expr.node {
            ExprKind::Literal(Literal::Null) => None,
            ExprKind::Literal(literal) => Some(literal.clone()),
            _ => None,
        };
        let literals: Vec<Literal> = constants.iter().map(literal).collect::<Option<_>>()?;
        let made = call.function.test(&literals.iter().collect::<Vec<_>>(), call.case)?;
        Some(match made {
            Ok(test) => Some(test),
            Err(bad) => {
                let span = constants.get(bad.index).map_or(Span::default(), |argument| argument.span);
                self.report(Diagnostic::new(
                    bad.message,
                    span,
                    format!("`{}` cannot use this", call.function.name),
                ));
                None
            }
        })
    }

    fn compare_step(
        &mut self,
        op: CompareOp,
        left: &Expr,
        right: &Expr,
        slots: &mut Vec<Reading>,
    ) -> Option<Step> {
        if let (ExprKind::Literal(literal), true) = (&right.node, !matches!(left.node, ExprKind::Literal(_)))
        {
            let kind = self.kind(left);
            let subject = Box::new(self.step(left, slots)?);
            return match (literal, op) {
                (Literal::Null, CompareOp::Equal) => Some(Step::IsNull(subject)),
                (Literal::Null, CompareOp::NotEqual) => Some(Step::Not(Box::new(Step::IsNull(subject)))),
                (Literal::Null, _) => Some(Step::Constant(Literal::Null)),
                _ => {
                    let value = Spanned::new(literal.clone(), right.span);
                    let test = self.comparison_test(op, &kind, &value)?;
                    let step = Step::Test { subject, test };
                    Some(if op == CompareOp::NotEqual { Step::Not(Box::new(step)) } else { step })
                }
            };
        }
        let (left, right) = (Box::new(self.step(left, slots)?), Box::new(self.step(right, slots)?));
        Some(Step::Compare { op, left, right })
    }

    fn match_step(
        &mut self,
        op: MatchOp,
        subject: &Expr,
        values: &[Spanned<Literal>],
        slots: &mut Vec<Reading>,
    ) -> Option<Step> {
        let kind = self.kind(subject);
        let test = self.match_test(op, &kind, values)?;
        let subject = Box::new(self.step(subject, slots)?);
        Some(Step::Test { subject, test })
    }
}

/// The slot of a field: one for each, however often it is named.
fn slot(slots: &mut Vec<Reading>, reading: Reading) -> usize {
    let known = slots.iter().position(|slot| slot.field == reading.field);
    known.unwrap_or_else(|| {
        slots.push(reading);
        slots.len() - 1
    })
}

fn arithmetic(op: ArithmeticOp, arguments: Vec<Step>) -> Option<Step> {
    let name = match op {
        ArithmeticOp::Add => "add",
        ArithmeticOp::Subtract => "subtract",
        ArithmeticOp::Multiply => "multiply",
        ArithmeticOp::Divide => "divide",
        ArithmeticOp::Modulo => "modulo",
    };
    Some(Step::Call { function: functions::find(name)?, case: Case::Sensitive, arguments })
}
