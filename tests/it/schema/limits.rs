//! Types that cannot be said strictly, and types that are large.
#![allow(dead_code, reason = "these types are only looked at by their schemas")]

use std::collections::{BTreeMap, HashMap};

use expect_test::expect;
use instructor::schema::Dialect;
use instructor::{ResponseModel, Schema};
use serde::Deserialize;

use super::{Priority, assert_legal, lines, parse};

#[test]
fn open_maps_cannot_be_said_strictly() {
    #[derive(Deserialize, ResponseModel)]
    struct Maps {
        #[validate(length(min = 1, max = 9))]
        by_name: HashMap<String, u8>,
        /// Sorted.
        sorted: Option<BTreeMap<String, Vec<Priority>>>,
    }

    #[derive(Deserialize, ResponseModel)]
    struct Outer {
        maps: Vec<Maps>,
    }
    let reason = |schema: &Schema| schema.text(Dialect::OpenAiStrict).unwrap_err().reason;
    assert_eq!(
        reason(Maps::SCHEMA),
        "`Maps.by_name` is an object with open keys (use a list of structs), which OpenAI strict mode cannot say"
    );
    assert_eq!(reason(Outer::SCHEMA), reason(Maps::SCHEMA));
    expect![[r#"
        {
          "type":"object",
          "properties":{
            "by_name":{"type":"object","additionalProperties":{"type":"integer","minimum":0,"maximum":255},"minProperties":1,"maxProperties":9},
            "sorted":{"anyOf":[{"type":"object","additionalProperties":{"type":"array","items":{"type":"string","enum":["low","right_now","other!"],"description":"How urgent it is.\n- low: Can wait.\n- other!: Said in \"quotes\"."}}},{"type":"null"}],"description":"Sorted."}
          },
          "required":["by_name"]
        }"#]].assert_eq(&lines(Maps::SCHEMA.standard()));
}

/// Declares a chain of structs, each the only field of the one before.
macro_rules! chain {
    ($first:ident) => {
        #[derive(Deserialize, ResponseModel)]
        struct $first { leaf: u8 }
    };
    ($first:ident $second:ident $($rest:ident)*) => {
        #[derive(Deserialize, ResponseModel)]
        struct $first { next: $second }
        chain!($second $($rest)*);
    };
}

#[test]
fn ten_levels_can_be_said_strictly_and_eleven_cannot() {
    chain!(A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
    A0::SCHEMA
        .text(Dialect::OpenAiStrict)
        .expect_err("eleven levels");
    assert_legal(A1::SCHEMA);
}

#[test]
fn a_long_chain_of_types_stays_within_the_limits_of_the_compiler() {
    chain!(B00 B01 B02 B03 B04 B05 B06 B07 B08 B09 B10 B11 B12 B13 B14 B15 B16 B17 B18 B19 B20 B21 B22 B23 B24 B25 B26
        B27 B28 B29 B30 B31 B32 B33 B34 B35 B36 B37 B38 B39);
    let schema = parse(B00::SCHEMA.standard());
    assert!(schema["$defs"]["B08"].is_object());
    assert!(schema["$defs"]["B32"].is_object());
    assert_eq!(schema["$defs"].as_object().expect("object").len(), 4);
}

#[test]
fn a_type_shared_by_many_ways_is_walked_once() {
    macro_rules! wide {
        ($($name:ident $next:ty),*) => {
            $(#[derive(Deserialize, ResponseModel)]
            struct $name { a: $next, b: $next, c: $next, d: $next })*
        };
    }
    wide!(W0 W1, W1 W2, W2 W3, W3 W4, W4 W5, W5 W6, W6 W7, W7 W8, W8 u8);
    assert_legal(W0::SCHEMA);
}

#[test]
fn a_schema_is_read_without_any_work() {
    #[derive(Deserialize, ResponseModel)]
    struct Person {
        name: String,
    }
    // A constant cannot allocate: what is read was there before the program ran.
    const SCHEMA: &Schema = Person::SCHEMA;
    let before = SCHEMA.standard();
    assert!(before.contains("\"name\""));
    assert!(std::ptr::eq(before, Person::SCHEMA.standard()));
}
