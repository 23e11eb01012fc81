//! Cases of the conformance table (area `schema`) that this version can express, by their ids.
//!
//! Left out: `schema-01`, `-02` and `-04` (a list, a scalar or a literal as the whole answer), `-08` (an `Args:` section in
//! a docstring: Rust documents the fields themselves), and of `-11` tuples, sets and open bounds.
#![allow(dead_code, reason = "these types are only looked at by their schemas")]

use std::collections::HashMap;

use instructor::ResponseModel;
use serde::Deserialize;
use serde_json::{Value, json};

use super::parse;

fn standard<T: ResponseModel>() -> Value {
    parse(T::SCHEMA.standard)
}

#[test]
fn schema_05_an_optional_string_with_a_pattern() {
    #[derive(Deserialize, ResponseModel)]
    struct Address {
        #[validate(pattern(r"^\d{5}$"))]
        zip: Option<String>,
    }
    let zip = json!({"anyOf": [{"type": "string", "pattern": r"^\d{5}$"}, {"type": "null"}]});
    assert_eq!(standard::<Address>()["properties"]["zip"], zip);
    assert_eq!(standard::<Address>()["required"], json!([]));
    let strict = parse(Address::SCHEMA.openai_strict.expect("no maps"));
    assert_eq!(strict["properties"]["zip"], zip);
    assert_eq!(strict["required"], json!(["zip"]));
}

#[test]
fn schema_07_a_bounded_integer() {
    #[derive(Deserialize, ResponseModel)]
    struct Person {
        #[validate(range(min = 0, max = 150))]
        age: i64,
    }
    assert_eq!(
        standard::<Person>()["properties"]["age"],
        json!({"type": "integer", "minimum": 0, "maximum": 150})
    );
}

#[test]
fn schema_10_a_recursive_type() {
    #[derive(Deserialize, ResponseModel)]
    struct Node {
        children: Vec<Node>,
    }
    // The root is inline; a reference to it is `#`, which OpenAI documents and which needs no second copy.
    assert_eq!(standard::<Node>()["type"], "object");
    assert_eq!(
        standard::<Node>()["properties"]["children"]["items"],
        json!({"$ref": "#"})
    );
}

#[test]
fn schema_11_a_map() {
    #[derive(Deserialize, ResponseModel)]
    struct Scores {
        by_name: HashMap<String, i64>,
    }
    assert_eq!(
        standard::<Scores>()["properties"]["by_name"],
        json!({"type": "object", "additionalProperties": {"type": "integer"}})
    );
}
