//! Dates and times: their schemas know the calendar as their types do.

use instructor::ResponseModel;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::near_misses::{Texts, near_misses};

/// Common years, leap years, and years that end a century, with a leap day and without.
const YEARS: [u16; 12] = [0, 1, 4, 100, 1900, 1996, 2000, 2023, 2024, 2100, 2400, 9999];

/// What is put into texts that are right.
const PIECES: [&str; 16] = [
    "0", "1", "2", "3", "5", "6", "9", "29", "30", "31", "60", "-", ":", ".", " ", "é",
];

/// Holds a type against its schema: on every day of these years and some that are none, before and after which stands the rest
/// of the text; and on texts that are nearly right.
fn agree<T: ResponseModel + Serialize + DeserializeOwned>(before: &str, after: &str) {
    let name = std::any::type_name::<T>();
    let texts = Texts::of::<T>();
    let mut days = 0;
    for year in YEARS {
        for month in 0..=13 {
            for day in 0..=32 {
                let text = format!("{before}{year:04}-{month:02}-{day:02}{after}");
                let accepted = texts.are_accepted(&text);
                let read = serde_json::from_value::<T>(json!(text)).is_ok();
                assert_eq!(accepted, read, "{name}: {text}");
                days += usize::from(accepted);
            }
        }
    }
    assert_eq!(days, 12 * 365 + 6, "{name}");
    let seeds = [
        format!("{before}2024-02-29{after}"),
        format!("{before}1999-12-31{after}"),
    ];
    nearly::<T>(&seeds.each_ref().map(String::as_str));
}

/// Holds a type against its schema on texts that are nearly right.
fn nearly<T: ResponseModel + Serialize + DeserializeOwned>(seeds: &[&str]) {
    let name = std::any::type_name::<T>();
    let texts = Texts::of::<T>();
    for text in near_misses(seeds, &PIECES, 20_000) {
        let read = serde_json::from_value::<T>(json!(text));
        if texts.are_accepted(&text) {
            let read = read.unwrap_or_else(|error| panic!("{name}: {text}: {error}"));
            let written = serde_json::to_value(read).expect("JSON");
            let written = written.as_str().expect("a text");
            assert!(texts.are_accepted(written), "{name}: {text}, {written}");
        }
    }
}

#[cfg(feature = "chrono")]
#[test]
fn chrono() {
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
    agree::<NaiveDate>("", "");
    agree::<NaiveDateTime>("", "T23:59:60.5");
    agree::<DateTime<FixedOffset>>("", "T09:30:00.25+05:30");
    agree::<DateTime<Utc>>("", "T09:30:00Z");
    nearly::<NaiveTime>(&["00:00:00", "09:30:00.25", "23:59:60"]);
}

#[cfg(feature = "jiff")]
#[test]
fn jiff() {
    use jiff::civil::{Date, DateTime, Time};
    use jiff::{SignedDuration, Span};
    agree::<Date>("", "");
    agree::<DateTime>("", "T23:59:59.123456789");
    nearly::<Time>(&["00:00:00", "09:30:00.25", "23:59:60"]);
    nearly::<Span>(&[
        "P1Y2M3W4DT5H6M7.5S",
        "-P2W",
        "PT999M",
        "P9999Y99999M999999W999999DT99999999H9999999999M99999999999.999999999S",
    ]);
    nearly::<SignedDuration>(&["PT5H6M7.5S", "-PT2H"]);
    // The longest one is read too. It is written with more hours, which nobody is asked for.
    let longest = "PT999999999999999H999999999999999M999999999999999999.999999999S";
    assert!(Texts::of::<SignedDuration>().are_accepted(longest));
    serde_json::from_value::<SignedDuration>(json!(longest)).expect("it fits");
}

#[cfg(feature = "time")]
#[test]
fn time() {
    use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};
    agree::<Date>("", "");
    agree::<PrimitiveDateTime>("", " 23:59:59.0");
    agree::<UtcDateTime>("", " 23:59:59.0");
    agree::<OffsetDateTime>("", " 09:30:00.25 +25:59:59");
    nearly::<Time>(&["00:00:00.0", "09:30:00.25", "23:59:59.999999999"]);
    nearly::<UtcOffset>(&["+00:00:00", "-25:59:59"]);
    nearly::<Duration>(&["0.0", "-1.5", "999999999999999999.999999999"]);
}
