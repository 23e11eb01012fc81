//! Types of jiff. `Zoned` is not among them: whether a time has an offset in a zone, only a database of zones can tell.

use ::jiff::civil::{Date, DateTime, Time};
use ::jiff::{SignedDuration, Span, Timestamp};

use super::{DATE, DATE_TIME, LOCAL_DATE_TIME, LOCAL_TIME};
use crate::model::ResponseModel;
use crate::schema::graph::{Edge, Format, Node, Scalar};

/// One or more of the hours, minutes and seconds of a duration, each with at most so many digits.
macro_rules! clock {
    ($hours:literal, $minutes:literal, $seconds:literal) => {
        concat!(
            "(?:",
            unit!($hours, "H"),
            unit!($minutes, "M"),
            "?",
            seconds!($seconds),
            "?|",
            unit!($minutes, "M"),
            seconds!($seconds),
            "?|",
            seconds!($seconds),
            ")"
        )
    };
}

macro_rules! unit {
    ($digits:literal, $unit:literal) => {
        concat!("(?:[0-9]{1,", $digits, "}", $unit, ")")
    };
}

macro_rules! seconds {
    ($digits:literal) => {
        concat!("(?:[0-9]{1,", $digits, "}(?:\\.[0-9]{1,9})?S)")
    };
}

/// One or more of the years, months, weeks and days of a duration.
macro_rules! calendar {
    () => {
        concat!(
            "(?:",
            unit!("4", "Y"),
            unit!("5", "M"),
            "?",
            unit!("6", "W"),
            "?",
            unit!("6", "D"),
            "?|",
            unit!("5", "M"),
            unit!("6", "W"),
            "?",
            unit!("6", "D"),
            "?|",
            unit!("6", "W"),
            unit!("6", "D"),
            "?|",
            unit!("6", "D"),
            ")"
        )
    };
}

macro_rules! span_clock {
    () => {
        concat!("T", clock!("8", "10", "11"))
    };
}

/// JSON Schema's `duration` has no fractions of a second. Longer spans than these are not asked for.
const SPAN: &Format = &Format::new(
    "",
    concat!(
        "^-?P(?:",
        calendar!(),
        "(?:",
        span_clock!(),
        ")?|",
        span_clock!(),
        ")$"
    ),
    "An ISO 8601 duration, such as P1DT2H30M.",
);
const DURATION: &Format = &Format::new(
    "",
    concat!("^-?PT", clock!("15", "15", "18"), "$"),
    "An ISO 8601 duration of hours, minutes and seconds, such as PT2H30M.",
);

formatted! {
    Timestamp => DATE_TIME,
    Date => DATE,
    Time => LOCAL_TIME,
    DateTime => LOCAL_DATE_TIME,
    Span => SPAN,
    SignedDuration => DURATION,
}
