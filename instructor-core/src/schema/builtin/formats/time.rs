//! Types of time, in the form that the crate reads without `serde::rfc3339` and the like.

use ::time::{
    Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset, Weekday,
};

use super::DATE;
use crate::model::ResponseModel;
use crate::schema::graph::{Edge, Format, Node, Scalar};

/// The fraction of a second is always there, and leap seconds are not read.
macro_rules! clock {
    () => {
        concat!(time!("[0-5][0-9]"), "\\.[0-9]{1,9}")
    };
}

macro_rules! offset {
    () => {
        "[+-](?:[01][0-9]|2[0-5]):[0-5][0-9]:[0-5][0-9]"
    };
}

const TIME: &Format = &Format::new(
    "",
    concat!("^", clock!(), "$"),
    "A time of day with a fraction of a second, such as 09:30:00.0.",
);
const LOCAL: &Format = &Format::new(
    "",
    concat!("^", date!(), " ", clock!(), "$"),
    "A date and time with a fraction of a second, such as 2024-05-17 09:30:00.0.",
);
const UTC: &Format = &Format::new(
    "",
    concat!("^", date!(), " ", clock!(), "$"),
    "A date and time in UTC with a fraction of a second, such as 2024-05-17 09:30:00.0.",
);
const WITH_OFFSET: &Format = &Format::new(
    "",
    concat!("^", date!(), " ", clock!(), " ", offset!(), "$"),
    "A date and time with a fraction of a second and an offset, such as 2024-05-17 09:30:00.0 +00:00:00.",
);
const OFFSET: &Format = &Format::new(
    "",
    concat!("^", offset!(), "$"),
    "An offset from UTC, such as +02:00:00.",
);
/// Up to 18 digits, which always fit.
const DURATION: &Format = &Format::new(
    "",
    "^-?[0-9]{1,18}\\.[0-9]{1,9}$",
    "A number of seconds with a fraction, written as a text, such as 90.0.",
);
const WEEKDAY: &Format = &Format::new(
    "",
    "^(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)$",
    "The English name of a day of the week, such as Monday.",
);
const MONTH: &Format = &Format::new(
    "",
    "^(?:January|February|March|April|May|June|July|August|September|October|November|December)$",
    "The English name of a month, such as January.",
);

formatted! {
    OffsetDateTime => WITH_OFFSET,
    PrimitiveDateTime => LOCAL,
    UtcDateTime => UTC,
    UtcOffset => OFFSET,
    Date => DATE,
    Time => TIME,
    Duration => DURATION,
    Month => MONTH,
    Weekday => WEEKDAY,
}
