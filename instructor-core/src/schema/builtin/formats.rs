//! Dates, times, ids and the like, of crates that are there with a feature of their name. All are texts.
//!
//! Where JSON Schema has a `format` that means the same, it is used; else a pattern says exactly what is written. Patterns know
//! the calendar, and are in the syntax that ECMA 262 and the `regex` crate share.

#![allow(
    dead_code,
    unused_macros,
    unused_imports,
    reason = "each is used with a feature"
)]

use crate::model::ResponseModel;
use crate::schema::graph::{Edge, Format, Node, Scalar};

macro_rules! formatted {
    ($($type:ty => $format:expr),* $(,)?) => {
        $(impl ResponseModel for $type {
            const NODE: Edge = Edge::to(&Node::Scalar(Scalar::Formatted($format)));
            type Partial = Self;
        })*
    };
}

/// A day of the Gregorian calendar, in the years 0 to 9999. One of four years is a leap year, and of those that end a century
/// again one of four.
macro_rules! date {
    () => {
        concat!(
            "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])",
            "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)",
            "|02-(?:0[1-9]|1[0-9]|2[0-8]))",
            "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
        )
    };
}

/// An hour, a minute, and what the crate takes for a second.
macro_rules! time {
    ($second:literal) => {
        concat!("(?:[01][0-9]|2[0-3]):[0-5][0-9]:", $second)
    };
}

/// The time of chrono and jiff. Both read a leap second, and chrono also writes it.
macro_rules! time_with_leap_second {
    () => {
        concat!(time!("(?:[0-5][0-9]|60)"), "(?:\\.[0-9]{1,9})?")
    };
}

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "time")]
mod time;

const DATE_TIME: &Format = &Format::new(
    "date-time",
    "",
    "A date and time with an offset by RFC 3339, such as 2024-05-17T09:30:00Z.",
);
const DATE: &Format = &Format::new("date", "", "A date, such as 2024-05-17.");
const LOCAL_TIME: &Format = &Format::new(
    "",
    concat!("^", time_with_leap_second!(), "$"),
    "A time of day without an offset, such as 09:30:00.",
);
const LOCAL_DATE_TIME: &Format = &Format::new(
    "",
    concat!("^", date!(), "T", time_with_leap_second!(), "$"),
    "A date and time without an offset, such as 2024-05-17T09:30:00.",
);

#[cfg(feature = "uuid")]
mod uuid {
    use super::{Edge, Format, Node, ResponseModel, Scalar};

    const UUID: &Format = &Format::new(
        "uuid",
        "",
        "A UUID, such as 67e55044-10b1-426f-9247-bb680e5fe0c8.",
    );

    formatted! {
        ::uuid::Uuid => UUID,
    }
}

/// Not every URI is a URL to the WHATWG: one of `http` without a host is refused.
#[cfg(feature = "url")]
mod url {
    use super::{Edge, Format, Node, ResponseModel, Scalar};

    const URL: &Format = &Format::new("uri", "", "An absolute URL, such as https://example.org/a.");

    formatted! {
        ::url::Url => URL,
    }
}

/// The last few numbers below `Decimal::MAX`, of 29 digits, are left out.
#[cfg(feature = "rust_decimal")]
mod decimal {
    use super::{Edge, Format, Node, ResponseModel, Scalar};

    const DECIMAL: &Format = &Format::new(
        "",
        "^-?(?:[0-9]{1,28}|[1-6][0-9]{28}|7[0-8][0-9]{27})(?:\\.[0-9]{1,28})?$",
        "A decimal number, written as a text, such as 12.50.",
    );

    formatted! {
        ::rust_decimal::Decimal => DECIMAL,
    }
}
