//! Types of other crates: what their schemas accept is deserialised, and what serde writes satisfies them.

use std::collections::BTreeMap;

use instructor::schema::{Dialect, MapKey};
use instructor::{ResponseModel, schema_json};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::parse;

/// Texts that come near to some format or other.
const TEXTS: [&str; 60] = [
    "",
    "2024-05-17T09:30:00Z",
    "2024-05-17t09:30:00z",
    "2024-05-17T09:30:00.5+05:30",
    "2024-05-17T09:30:00.123456789-11:00",
    "2024-05-17 09:30:00Z",
    "2024-05-17T09:30:00",
    "2024-05-17T09:30:00.5",
    "2024-05-17T24:00:00Z",
    "2024-13-17T09:30:00Z",
    "2024-02-30T09:30:00Z",
    "2024-05-17 09:30:00.0",
    "2024-05-17 09:30:00.123456789",
    "2024-05-17 09:30:00.0 +00:00:00",
    "2024-05-17 09:30:00.0 -05:30:00",
    "2024-05-17 09:30:00 +00:00",
    "2024-05-17",
    "2024-02-29",
    "2023-02-29",
    "2024-5-17",
    "20240517",
    "09:30:00",
    "09:30:00.0",
    "09:30:00.25",
    "09:30",
    "24:00:00",
    "09:30:00Z",
    "9:30:00",
    "PT0S",
    "PT2H30M",
    "PT1.5S",
    "-PT5M",
    "P1DT2H",
    "P1Y2M3W4D",
    "P",
    "PT",
    "P0.5D",
    "1 day",
    "67e55044-10b1-426f-9247-bb680e5fe0c8",
    "67E55044-10B1-426F-9247-BB680E5FE0C8",
    "67e5504410b1426f9247bb680e5fe0c8",
    "67e55044",
    "https://example.org/a?b#c",
    "mailto:a@b.org",
    "/a/b",
    "127.0.0.1",
    "::1",
    "256.0.0.1",
    "12.50",
    "-0",
    "79228162514264337593543950335",
    "99999999999999999999999999999",
    "1e3",
    "Mon",
    "Monday",
    "monday",
    "May",
    "may",
    "+02:00:00",
    "+02:00",
];

/// Values of other types.
fn others() -> Vec<Value> {
    vec![
        json!(null),
        json!(1),
        json!(true),
        json!([1, 2]),
        json!([256]),
        json!([]),
        json!({}),
    ]
}

/// Holds a type against its schema; gives how many values the schema accepts.
fn agree<T: ResponseModel + Serialize + DeserializeOwned>() -> usize {
    let name = std::any::type_name::<T>();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&parse(T::SCHEMA.standard()))
        .expect("a schema");
    let mut accepted = 0;
    let texts = TEXTS.map(Value::from);
    for value in texts.into_iter().chain(others()) {
        let wrapped = json!({"content": value});
        let read = serde_json::from_value::<T>(value.clone());
        if validator.is_valid(&wrapped) {
            accepted += 1;
            read.unwrap_or_else(|error| panic!("{name}: accepted but not read: {value}: {error}"));
        } else if let Ok(read) = read {
            let written = serde_json::to_value(read).expect("JSON");
            // The greatest `Decimal`s are the known exception.
            assert!(
                validator.is_valid(&json!({"content": written}))
                    || written == json!("79228162514264337593543950335"),
                "{name}: {value} is written as {written}, which the schema refuses"
            );
        }
    }
    // Every dialect has a schema, if only in words.
    for dialect in Dialect::ALL {
        schema_json::<T>(dialect).expect("can be said");
    }
    accepted
}

#[cfg(feature = "chrono")]
#[test]
fn chrono() {
    use chrono::{
        DateTime, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday,
    };
    assert!(agree::<DateTime<Utc>>() >= 4);
    assert!(agree::<DateTime<FixedOffset>>() >= 4);
    assert_eq!(agree::<NaiveDate>(), 2);
    assert_eq!(agree::<NaiveTime>(), 3);
    assert_eq!(agree::<NaiveDateTime>(), 2);
    assert_eq!(agree::<Weekday>(), 1);
    assert_eq!(agree::<Month>(), 1);
    assert_eq!(agree::<TimeDelta>(), 1);
}

#[cfg(feature = "jiff")]
#[test]
fn jiff() {
    use jiff::civil::{Date, DateTime, Time};
    use jiff::{SignedDuration, Span, Timestamp};
    assert!(agree::<Timestamp>() >= 4);
    assert_eq!(agree::<Date>(), 2);
    assert_eq!(agree::<Time>(), 3);
    assert_eq!(agree::<DateTime>(), 2);
    assert_eq!(agree::<Span>(), 6);
    assert_eq!(agree::<SignedDuration>(), 4);
}

#[cfg(feature = "time")]
#[test]
fn time() {
    use time::{
        Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset,
        Weekday,
    };
    assert_eq!(agree::<OffsetDateTime>(), 2);
    assert_eq!(agree::<PrimitiveDateTime>(), 2);
    assert_eq!(agree::<Date>(), 2);
    assert_eq!(agree::<Time>(), 2);
    assert_eq!(agree::<UtcDateTime>(), 2);
    assert_eq!(agree::<UtcOffset>(), 1);
    assert_eq!(agree::<Duration>(), 1);
    assert_eq!(agree::<Month>(), 1);
    assert_eq!(agree::<Weekday>(), 1);
}

/// Holds a map with keys of a type against its schema; gives how many texts the schema accepts as a key.
fn agree_on_keys<K: MapKey + Ord + Serialize + DeserializeOwned>() -> usize {
    let name = std::any::type_name::<K>();
    let schema = parse(<BTreeMap<K, u8>>::SCHEMA.standard());
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema");
    let mut accepted = 0;
    for text in TEXTS {
        let map = json!({ text: 1 });
        let read = serde_json::from_str::<BTreeMap<K, u8>>(&map.to_string());
        if validator.is_valid(&json!({ "content": map })) {
            accepted += 1;
            let read = read.unwrap_or_else(|error| panic!("{name}: {map}: {error}"));
            let key = read.keys().next().expect("one");
            assert_eq!(
                json!(key),
                json!(key.json()),
                "{name}: in the path of a fault"
            );
        }
    }
    accepted
}

#[test]
fn keys_of_maps() {
    assert_eq!(agree_on_keys::<std::net::Ipv4Addr>(), 1);
    assert_eq!(agree_on_keys::<std::net::IpAddr>(), 2);
    #[cfg(feature = "chrono")]
    assert_eq!(agree_on_keys::<chrono::NaiveDate>(), 2);
    #[cfg(feature = "chrono")]
    assert_eq!(agree_on_keys::<chrono::Month>(), 1);
    #[cfg(feature = "jiff")]
    assert_eq!(agree_on_keys::<jiff::civil::Date>(), 2);
    #[cfg(feature = "time")]
    assert_eq!(agree_on_keys::<time::Date>(), 2);
    #[cfg(feature = "time")]
    assert_eq!(agree_on_keys::<time::Month>(), 1);
    #[cfg(feature = "uuid")]
    assert_eq!(agree_on_keys::<uuid::Uuid>(), 2);
}

#[cfg(feature = "uuid")]
#[test]
fn uuid() {
    assert_eq!(agree::<uuid::Uuid>(), 2);
}

#[cfg(feature = "url")]
#[test]
fn url() {
    assert!(agree::<url::Url>() >= 2);
}

#[cfg(feature = "rust_decimal")]
#[test]
fn rust_decimal() {
    assert_eq!(agree::<rust_decimal::Decimal>(), 3);
}

#[cfg(feature = "bytes")]
#[test]
fn bytes() {
    assert_eq!(agree::<bytes::Bytes>(), 2);

    #[derive(Debug, serde::Deserialize, ResponseModel)]
    struct Short {
        #[validate(length(max = 1))]
        #[allow(dead_code, reason = "only its schema is looked at")]
        bytes: bytes::Bytes,
    }
    assert!(Short::SCHEMA.standard().contains("\"maxItems\":1"));
}

#[cfg(feature = "rc")]
#[test]
fn counted() {
    use std::rc::Rc;
    use std::sync::Arc;
    assert_eq!(<Rc<u8>>::SCHEMA.standard(), u8::SCHEMA.standard());
    assert_eq!(<Arc<str>>::SCHEMA.standard(), String::SCHEMA.standard());
    assert_eq!(<Arc<[u8]>>::SCHEMA.standard(), <Vec<u8>>::SCHEMA.standard());

    #[derive(Debug, serde::Deserialize, ResponseModel)]
    struct Lengths {
        #[validate(length(max = 1))]
        text: Arc<str>,
        #[validate(length(max = 1))]
        slice: Rc<[u8]>,
        #[validate(length(max = 1))]
        list: Arc<Vec<u8>>,
    }
    let answer = json!({"text": "ab", "slice": [1, 2], "list": [1, 2]});
    let typed: Lengths = serde_json::from_value(answer).expect("it fits");
    let context = instructor::Context::new();
    let mut checks = instructor::Checks::new(&context);
    typed.check_rules(&instructor::Path::ROOT, &mut checks);
    let errors = checks.into_errors();
    assert_eq!(errors.len(), 3, "{errors}");
}

/// A type that describes itself when the program runs is put where it stands, with its own definitions.
#[cfg(feature = "schemars")]
#[test]
fn schemars() {
    use instructor::schema::Schemars;
    use schemars::JsonSchema;
    use serde::Deserialize;

    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    struct Legacy {
        name: String,
        children: Vec<Legacy>,
    }

    #[derive(Debug, Serialize, Deserialize, ResponseModel)]
    struct Outer {
        before: u8,
        /// The old one.
        legacy: Schemars<Legacy>,
        more: Option<Vec<Schemars<u8>>>,
        after: u8,
    }

    let text = Outer::SCHEMA.standard();
    assert!(std::ptr::eq(text, Outer::SCHEMA.standard()), "made once");
    let schema = parse(text);
    assert_eq!(
        schema["properties"]["legacy"]["description"],
        "The old one."
    );
    jsonschema::meta::validate(&schema).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let answer = |children: Value, more: Value| json!({"before": 1, "legacy": {"name": "a", "children": children}, "more": more, "after": 2});
    assert!(validator.is_valid(&answer(
        json!([{"name": "b", "children": []}]),
        json!([255])
    )));
    assert!(!validator.is_valid(&answer(json!([{"name": "b"}]), json!(null))));
    assert!(!validator.is_valid(&answer(json!([]), json!([256]))));
    for dialect in [Dialect::OpenAiStrict, Dialect::Anthropic] {
        let reason = Outer::SCHEMA.text(dialect).unwrap_err().reason;
        assert!(
            reason.contains("describes itself when the program runs"),
            "{reason}"
        );
    }
}
