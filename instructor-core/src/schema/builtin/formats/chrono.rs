//! Types of chrono.

use ::chrono::{
    DateTime, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday,
};

use super::{DATE, DATE_TIME, LOCAL_DATE_TIME, LOCAL_TIME};
use crate::model::ResponseModel;
use crate::schema::graph::{Body, Edge, Field, Format, Named, Node, Scalar};
use crate::schema::identity::identity;
use crate::schema::literal::Literal;

const WEEKDAY: &Format = &Format::new(
    "",
    "^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)$",
    "A day of the week: Mon, Tue, Wed, Thu, Fri, Sat or Sun.",
);
const MONTH: &Format = &Format::new(
    "",
    "^(?:January|February|March|April|May|June|July|August|September|October|November|December)$",
    "The English name of a month, such as January.",
);

formatted! {
    DateTime<Utc> => DATE_TIME,
    DateTime<FixedOffset> => DATE_TIME,
    NaiveDate => DATE,
    NaiveTime => LOCAL_TIME,
    NaiveDateTime => LOCAL_DATE_TIME,
    Weekday => WEEKDAY,
    Month => MONTH,
}

impl ResponseModel for TimeDelta {
    /// Seconds and nanoseconds, which are counted up from the second below.
    const NODE: Edge = Edge::to(&Node::Named(&Named::new(
        identity(module_path!(), "TimeDelta", line!(), column!()),
        "TimeDelta",
        Literal::new("A span of time: its seconds, and the nanoseconds beyond them."),
        Body::Tuple(&[
            Field::new(Literal::EMPTY, Literal::new("Seconds."), Edge::to(SECONDS)),
            Field::new(
                Literal::EMPTY,
                Literal::new("Nanoseconds."),
                Edge::to(NANOSECONDS),
            ),
        ]),
    )));
    type Partial = Self;
}

/// Of a span of as many milliseconds as 64 bits hold.
const SECONDS: &Node = &Node::Scalar(Scalar::Integer {
    minimum: -9_223_372_036_854_776,
    maximum: 9_223_372_036_854_775,
});
const NANOSECONDS: &Node = &Node::Scalar(Scalar::Integer {
    minimum: 0,
    maximum: 999_999_999,
});
