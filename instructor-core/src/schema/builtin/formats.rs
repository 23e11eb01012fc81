//! Dates, times, ids and the like, of crates that are there with a feature of their name. All are texts.
//!
//! Where JSON Schema has a `format` that means the same, it is used; else a pattern says what is written. Patterns know the
//! calendar only roughly: to them every month has 31 days.

#![allow(dead_code, reason = "each is used with a feature")]

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

const DATE_TIME: &Format = &Format::new(
    "date-time",
    "",
    "A date and time with an offset by RFC 3339, such as 2024-05-17T09:30:00Z.",
);
const DATE: &Format = &Format::new("date", "", "A date, such as 2024-05-17.");
const LOCAL_TIME: &Format = &Format::new(
    "",
    "^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?$",
    "A time of day without an offset, such as 09:30:00.",
);
const LOCAL_DATE_TIME: &Format = &Format::new(
    "",
    "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?$",
    "A date and time without an offset, such as 2024-05-17T09:30:00.",
);

#[cfg(feature = "chrono")]
mod chrono {
    use super::{DATE, DATE_TIME, Edge, LOCAL_DATE_TIME, LOCAL_TIME, Node, ResponseModel, Scalar};
    use ::chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

    formatted! {
        DateTime<Utc> => DATE_TIME,
        DateTime<FixedOffset> => DATE_TIME,
        NaiveDate => DATE,
        NaiveTime => LOCAL_TIME,
        NaiveDateTime => LOCAL_DATE_TIME,
    }
}

#[cfg(feature = "jiff")]
mod jiff {
    use super::{
        DATE, DATE_TIME, Edge, Format, LOCAL_DATE_TIME, LOCAL_TIME, Node, ResponseModel, Scalar,
    };
    use ::jiff::civil::{Date, DateTime, Time};
    use ::jiff::{SignedDuration, Span, Timestamp};

    // JSON Schema's `duration` has no fractions of a second.
    const SPAN: &Format = &Format::new(
        "",
        "^-?P(?!$)(?:[0-9]{1,4}Y)?(?:[0-9]{1,5}M)?(?:[0-9]{1,6}W)?(?:[0-9]{1,6}D)?(?:T(?=[0-9])(?:[0-9]{1,8}H)?(?:[0-9]{1,10}M)?(?:[0-9]{1,11}(?:\\.[0-9]{1,9})?S)?)?$",
        "An ISO 8601 duration, such as P1DT2H30M.",
    );
    const DURATION: &Format = &Format::new(
        "",
        "^-?PT(?=[0-9])(?:[0-9]{1,15}H)?(?:[0-9]{1,15}M)?(?:[0-9]{1,18}(?:\\.[0-9]{1,9})?S)?$",
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
}

/// In the form that the crate reads without `serde::rfc3339` and the like.
#[cfg(feature = "time")]
mod time {
    use super::{DATE, Edge, Format, Node, ResponseModel, Scalar};
    use ::time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

    const TIME: &Format = &Format::new(
        "",
        "^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{1,9}$",
        "A time of day with a fraction of a second, such as 09:30:00.0.",
    );
    const LOCAL: &Format = &Format::new(
        "",
        "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]) (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{1,9}$",
        "A date and time with a fraction of a second, such as 2024-05-17 09:30:00.0.",
    );
    const OFFSET: &Format = &Format::new(
        "",
        "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]) (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{1,9} [+-](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$",
        "A date and time with a fraction of a second and an offset, such as 2024-05-17 09:30:00.0 +00:00:00.",
    );

    formatted! {
        OffsetDateTime => OFFSET,
        PrimitiveDateTime => LOCAL,
        Date => DATE,
        Time => TIME,
    }
}

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
