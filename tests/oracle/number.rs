//! Numbers, and what is reckoned with them.

use std::cmp::Ordering;
use std::fmt;

use coldtrail::eql::ast::ArithmeticOp;

/// A number. Whole ones are wide enough for what is made of those of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Whole(i128),
    Double(f64),
}

impl Number {
    /// The number that a text is, in decimal, with blanks around it or without.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let double = || text.parse().ok().filter(|double: &f64| double.is_finite()).map(Number::Double);
        text.parse().ok().map(Number::Whole).or_else(double)
    }

    pub(crate) fn double(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "doubles are what is asked for")]
            Number::Whole(whole) => whole as f64,
            Number::Double(double) => double,
        }
    }

    /// The number without its fraction, if it is one of 64 bits then.
    pub(crate) fn whole(self) -> Option<Self> {
        let whole = match self {
            Number::Whole(whole) => whole,
            Number::Double(double) => truncated(double),
        };
        i64::try_from(whole).ok().map(|_| Number::Whole(whole))
    }

    /// As a constant: whole numbers of more than 64 bits are doubles there.
    pub(crate) fn constant(self) -> Self {
        self.whole().filter(|whole| *whole == self).unwrap_or(Number::Double(self.double()))
    }

    /// As it is compared: what is made of whole numbers and has more than 64 bits, sign or none, is a double then.
    pub(crate) fn compared(self) -> Self {
        match self {
            Number::Whole(whole) if i64::try_from(whole).is_err() && u64::try_from(whole).is_err() => {
                Number::Double(self.double())
            }
            number => number,
        }
    }

    /// Which is greater, to the last digit; nothing is known of 0/0.
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Number::Double(left), Number::Double(right)) => left.partial_cmp(&right),
            (Number::Whole(left), Number::Whole(right)) => Some(left.cmp(&right)),
            (Number::Whole(_), Number::Double(right)) if !right.is_finite() => 0.0_f64.partial_cmp(&right),
            (Number::Whole(left), Number::Double(right)) => {
                let fraction = 0.0_f64.partial_cmp(&right.fract())?;
                Some(left.cmp(&truncated(right)).then(fraction))
            }
            (Number::Double(_), Number::Whole(_)) => other.compare(self).map(Ordering::reverse),
        }
    }

    /// `self op other`: whole of whole numbers, of which nothing is divided by 0, else in doubles.
    pub(crate) fn reckon(self, op: ArithmeticOp, other: Self) -> Option<Self> {
        if let (Number::Whole(left), Number::Whole(right)) = (self, other) {
            let result = match op {
                ArithmeticOp::Add => left.checked_add(right),
                ArithmeticOp::Subtract => left.checked_sub(right),
                ArithmeticOp::Multiply => left.checked_mul(right),
                ArithmeticOp::Divide => left.checked_div(right),
                ArithmeticOp::Modulo => left.checked_rem(right),
            };
            return result.map(Number::Whole);
        }
        let (left, right) = (self.double(), other.double());
        Some(Number::Double(match op {
            ArithmeticOp::Add => left + right,
            ArithmeticOp::Subtract => left - right,
            ArithmeticOp::Multiply => left * right,
            ArithmeticOp::Divide => left / right,
            ArithmeticOp::Modulo => left % right,
        }))
    }
}

fn truncated(double: f64) -> i128 {
    #[expect(clippy::cast_possible_truncation, reason = "the fraction is to go")]
    let whole = double as i128;
    whole
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Whole(whole) => write!(f, "{whole}"),
            Number::Double(double) => write!(f, "{double:?}"),
        }
    }
}
