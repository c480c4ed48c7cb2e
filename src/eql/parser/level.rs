//! How tightly operators bind.

use crate::eql::ast::{ArithmeticOp, ExprKind, Literal};

/// Levels of precedence, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::eql) enum Level {
    Or,
    And,
    Not,
    Compare,
    Add,
    Multiply,
    Unary,
    Primary,
}

impl Level {
    /// The next tighter level.
    pub(in crate::eql) fn next(self) -> Self {
        match self {
            Level::Or => Level::And,
            Level::And => Level::Not,
            Level::Not => Level::Compare,
            Level::Compare => Level::Add,
            Level::Add => Level::Multiply,
            Level::Multiply => Level::Unary,
            Level::Unary | Level::Primary => Level::Primary,
        }
    }

    /// The level of the operator at the root of `expr`.
    pub(in crate::eql) fn of(expr: &ExprKind) -> Self {
        match expr {
            ExprKind::Or(_) => Level::Or,
            ExprKind::And(_) => Level::And,
            ExprKind::Not(_) => Level::Not,
            ExprKind::Compare { .. } | ExprKind::Match { .. } => Level::Compare,
            ExprKind::Arithmetic { op, .. } => op.level(),
            ExprKind::Literal(Literal::Int(value)) if *value < 0 => Level::Unary,
            ExprKind::Literal(Literal::Float(value)) if value.is_sign_negative() => Level::Unary,
            ExprKind::Negate(_) => Level::Unary,
            ExprKind::Call(_) | ExprKind::Field(_) | ExprKind::Literal(_) => Level::Primary,
        }
    }
}

impl ArithmeticOp {
    pub(in crate::eql) fn level(self) -> Level {
        match self {
            ArithmeticOp::Add | ArithmeticOp::Subtract => Level::Add,
            ArithmeticOp::Multiply | ArithmeticOp::Divide | ArithmeticOp::Modulo => Level::Multiply,
        }
    }
}
