//! What stands in the parentheses of `length`, `range` and `multiple_of`.

use darling::util::SpannedValue;
use darling::{Error, FromMeta, Result};
use syn::{Expr, Lit, UnOp};

/// `length(min = 1, max = 60)`. `message` and `code` are the `validator` crate's.
#[derive(FromMeta)]
pub(crate) struct Length {
    pub(crate) min: Option<SpannedValue<Count>>,
    pub(crate) max: Option<SpannedValue<Count>>,
    pub(crate) equal: Option<SpannedValue<Count>>,
    #[darling(default, rename = "message")]
    _message: Option<String>,
    #[darling(default, rename = "code")]
    _code: Option<String>,
}

/// `range(min = 0, max = 130)`
#[derive(FromMeta)]
pub(crate) struct Range {
    pub(crate) min: Option<SpannedValue<Bound>>,
    pub(crate) max: Option<SpannedValue<Bound>>,
    pub(crate) exclusive_min: Option<SpannedValue<Bound>>,
    pub(crate) exclusive_max: Option<SpannedValue<Bound>>,
    #[darling(default, rename = "message")]
    _message: Option<String>,
    #[darling(default, rename = "code")]
    _code: Option<String>,
}

/// A number of characters, items or entries.
#[derive(Clone, Copy)]
pub(crate) struct Count(pub(crate) u64);

/// A bound of a range.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    Integer(i128),
    Decimal(f64),
}

impl FromMeta for Count {
    fn from_expr(expr: &Expr) -> Result<Self> {
        match literal(expr) {
            Some((Lit::Int(number), false)) => number.base10_parse().ok().map(Count),
            _ => None,
        }
        .ok_or_else(|| {
            let message = "a length is a whole number from 0 to 2^64 - 1, such as `60`";
            Error::custom(message).with_span(expr)
        })
    }
}

impl FromMeta for Bound {
    fn from_expr(expr: &Expr) -> Result<Self> {
        match literal(expr) {
            Some((Lit::Int(number), negative)) => number
                .base10_parse()
                .ok()
                .map(|value: i128| Bound::Integer(if negative { -value } else { value })),
            Some((Lit::Float(number), negative)) => number
                .base10_parse()
                .ok()
                .filter(|value: &f64| value.is_finite())
                .map(|value| Bound::Decimal(if negative { -value } else { value })),
            _ => None,
        }
        .ok_or_else(|| {
            let message =
                "a bound is a number that fits `i128` or `f64`, such as `0`, `-40` or `0.5`";
            Error::custom(message).with_span(expr)
        })
    }
}

/// The literal in `expr`, and whether there is a minus before it.
pub(in crate::attr) fn literal(expr: &Expr) -> Option<(&Lit, bool)> {
    match expr {
        Expr::Lit(literal) => Some((&literal.lit, false)),
        Expr::Group(group) => literal(&group.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match literal(&unary.expr) {
            Some((literal, false)) => Some((literal, true)),
            _ => None,
        },
        _ => None,
    }
}
