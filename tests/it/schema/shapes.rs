//! What the schema of every shape says.
#![allow(dead_code, reason = "these types are only looked at by their schemas")]

use std::collections::{BTreeMap, HashMap};

use expect_test::{Expect, expect};
use instructor::{ResponseModel, Schema};
use serde::Deserialize;
use serde_json::Value;

use crate::strict_schema::violations;

/// Compares the texts, and holds the strict one against OpenAI's rules.
fn check<T: ResponseModel>(standard: &Expect, openai_strict: &Expect) {
    standard.assert_eq(&lines(T::SCHEMA.standard));
    let strict = T::SCHEMA.openai_strict.expect("can be said strictly");
    openai_strict.assert_eq(&lines(strict));
    legal(T::SCHEMA);
}

fn legal(schema: &Schema) {
    let strict = schema.openai_strict.expect("can be said strictly");
    assert_eq!(violations(&parse(strict)), Vec::<String>::new());
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("a schema is JSON")
}

/// The text with a line for every property and definition.
fn lines(text: &str) -> String {
    parse(text);
    let mut lines = String::new();
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for character in text.chars() {
        let breaks = !in_string && depth <= 2;
        match character {
            '"' if !escaped => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth -= 1,
            _ => {}
        }
        escaped = in_string && character == '\\' && !escaped;
        if character == '}' && depth < 2 && !in_string {
            lines.push('\n');
            lines.push_str(&"  ".repeat(depth));
        }
        lines.push(character);
        if breaks && (character == ',' || character == '{' && depth <= 2) {
            lines.push('\n');
            lines.push_str(&"  ".repeat(depth));
        }
    }
    lines
}

#[test]
fn scalars() {
    #[derive(Deserialize, ResponseModel)]
    struct Scalars {
        text: String,
        letter: char,
        yes: bool,
        small: u8,
        signed: i16,
        count: u64,
        id: i64,
        price: f64,
        boxed: Box<f32>,
    }
    check::<Scalars>(
        &expect![[r#"
            {
              "type":"object",
              "properties":{
                "text":{"type":"string"},
                "letter":{"type":"string","minLength":1,"maxLength":1},
                "yes":{"type":"boolean"},
                "small":{"type":"integer","minimum":0,"maximum":255},
                "signed":{"type":"integer","minimum":-32768,"maximum":32767},
                "count":{"type":"integer","minimum":0},
                "id":{"type":"integer"},
                "price":{"type":"number"},
                "boxed":{"type":"number"}
              },
              "required":["text",
                "letter",
                "yes",
                "small",
                "signed",
                "count",
                "id",
                "price",
                "boxed"]
            }"#]],
        &expect![[r#"
            {
              "type":"object",
              "properties":{
                "text":{"type":"string"},
                "letter":{"type":"string","description":"Exactly 1 character."},
                "yes":{"type":"boolean"},
                "small":{"type":"integer","minimum":0,"maximum":255},
                "signed":{"type":"integer","minimum":-32768,"maximum":32767},
                "count":{"type":"integer","minimum":0},
                "id":{"type":"integer"},
                "price":{"type":"number"},
                "boxed":{"type":"number"}
              },
              "required":["text",
                "letter",
                "yes",
                "small",
                "signed",
                "count",
                "id",
                "price",
                "boxed"],
              "additionalProperties":false
            }"#]],
    );
}

#[test]
fn an_option_may_be_null_or_absent() {
    #[derive(Deserialize, ResponseModel)]
    struct Options {
        /// What friends say.
        nickname: Option<String>,
        nested: Option<Option<u8>>,
        each: Vec<Option<bool>>,
        #[serde(default)]
        tags: Vec<String>,
        required: String,
    }
    check::<Options>(
        &expect![[r#"
            {
              "type":"object",
              "properties":{
                "nickname":{"anyOf":[{"type":"string"},{"type":"null"}],"description":"What friends say."},
                "nested":{"anyOf":[{"type":"integer","minimum":0,"maximum":255},{"type":"null"}]},
                "each":{"type":"array","items":{"anyOf":[{"type":"boolean"},{"type":"null"}]}},
                "tags":{"type":"array","items":{"type":"string"}},
                "required":{"type":"string"}
              },
              "required":["each",
                "required"]
            }"#]],
        &expect![[r#"
            {
              "type":"object",
              "properties":{
                "nickname":{"anyOf":[{"type":"string"},{"type":"null"}],"description":"What friends say."},
                "nested":{"anyOf":[{"type":"integer","minimum":0,"maximum":255},{"type":"null"}]},
                "each":{"type":"array","items":{"anyOf":[{"type":"boolean"},{"type":"null"}]}},
                "tags":{"type":"array","items":{"type":"string"}},
                "required":{"type":"string"}
              },
              "required":["nickname",
                "nested",
                "each",
                "tags",
                "required"],
              "additionalProperties":false
            }"#]],
    );
}

#[test]
fn rules_are_keywords_or_sentences() {
    #[derive(Deserialize, ResponseModel)]
    struct Rules {
        /// The subject
        #[validate(length(min = 1, max = 60))]
        subject: String,
        #[validate(length(min = 1))]
        body: Option<String>,
        /// Two letters.
        #[validate(length(min = 2, max = 2), pattern("^[A-Z]+$"))]
        country: String,
        /// Any case
        #[validate(pattern("(?i)^\"[a-z]\"$"))]
        quoted: String,
        #[validate(range(min = 0, max = 130))]
        age: u8,
        #[validate(range(min = -273.15))]
        celsius: f64,
        #[validate(range(max = 1000))]
        small: u8,
        #[validate(length(max = 3))]
        tags: Vec<String>,
        initial: Vec<char>,
    }
    check::<Rules>(
        &expect![[r#"
            {
              "type":"object",
              "properties":{
                "subject":{"type":"string","minLength":1,"maxLength":60,"description":"The subject"},
                "body":{"anyOf":[{"type":"string","minLength":1},{"type":"null"}]},
                "country":{"type":"string","minLength":2,"maxLength":2,"pattern":"^[A-Z]+$","description":"Two letters."},
                "quoted":{"type":"string","description":"Any case. Matches the regular expression (?i)^\"[a-z]\"$"},
                "age":{"type":"integer","minimum":0,"maximum":130},
                "celsius":{"type":"number","minimum":-273.15},
                "small":{"type":"integer","minimum":0,"maximum":255},
                "tags":{"type":"array","items":{"type":"string"},"maxItems":3},
                "initial":{"type":"array","items":{"type":"string","minLength":1,"maxLength":1}}
              },
              "required":["subject",
                "country",
                "quoted",
                "age",
                "celsius",
                "small",
                "tags",
                "initial"]
            }"#]],
        &expect![[r#"
            {
              "type":"object",
              "properties":{
                "subject":{"type":"string","description":"The subject. Between 1 and 60 characters."},
                "body":{"anyOf":[{"type":"string","description":"At least 1 character."},{"type":"null"}]},
                "country":{"type":"string","pattern":"^[A-Z]+$","description":"Two letters. Exactly 2 characters."},
                "quoted":{"type":"string","description":"Any case. Matches the regular expression (?i)^\"[a-z]\"$"},
                "age":{"type":"integer","minimum":0,"maximum":130},
                "celsius":{"type":"number","minimum":-273.15},
                "small":{"type":"integer","minimum":0,"maximum":255},
                "tags":{"type":"array","items":{"type":"string"},"maxItems":3},
                "initial":{"type":"array","items":{"type":"string","description":"Exactly 1 character."}}
              },
              "required":["subject",
                "body",
                "country",
                "quoted",
                "age",
                "celsius",
                "small",
                "tags",
                "initial"],
              "additionalProperties":false
            }"#]],
    );
}

/// How urgent it is.
#[derive(Deserialize, ResponseModel)]
#[serde(rename_all = "snake_case")]
enum Priority {
    /// Can wait.
    Low,
    RightNow,
    /// Said in "quotes".
    #[serde(rename = "other!")]
    Other,
    #[serde(skip)]
    Internal,
}

#[test]
fn descriptions_of_fields_types_and_variants_are_all_kept() {
    /// A person.
    #[derive(Deserialize, ResponseModel)]
    struct Person {
        /// First and last.
        name: String,
    }

    /// Something to do.
    #[derive(Deserialize, ResponseModel)]
    struct Task {
        /// Of this task.
        priority: Priority,
        /// Does it.
        owner: Person,
        /// Asked for it.
        author: Option<Author>,
    }

    /// A person too.
    #[derive(Deserialize, ResponseModel)]
    struct Author {
        name: String,
    }
    assert_eq!(Task::SCHEMA.name, "Task");
    assert_eq!(Task::SCHEMA.description, "Something to do.");
    check::<Task>(
        &expect![[r#"
            {
              "type":"object",
              "properties":{
                "priority":{"type":"string","enum":["low","right_now","other!"],"description":"Of this task.\nHow urgent it is.\n- low: Can wait.\n- other!: Said in \"quotes\"."},
                "owner":{"type":"object","properties":{"name":{"type":"string","description":"First and last."}},"required":["name"],"description":"Does it.\nA person."},
                "author":{"anyOf":[{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"description":"A person too."},{"type":"null"}],"description":"Asked for it."}
              },
              "required":["priority",
                "owner"]
            }"#]],
        &expect![[r#"
            {
              "type":"object",
              "properties":{
                "priority":{"type":"string","enum":["low","right_now","other!"],"description":"Of this task.\nHow urgent it is.\n- low: Can wait.\n- other!: Said in \"quotes\"."},
                "owner":{"type":"object","properties":{"name":{"type":"string","description":"First and last."}},"required":["name"],"additionalProperties":false,"description":"Does it.\nA person."},
                "author":{"anyOf":[{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false,"description":"A person too."},{"type":"null"}],"description":"Asked for it."}
              },
              "required":["priority",
                "owner",
                "author"],
              "additionalProperties":false
            }"#]],
    );
}

#[test]
fn a_type_used_twice_is_written_once_and_keeps_the_descriptions_of_its_fields() {
    /// A place.
    #[derive(Deserialize, ResponseModel)]
    struct Address {
        city: String,
    }

    #[derive(Deserialize, ResponseModel)]
    struct Shipment {
        /// Where it starts.
        from: Address,
        /// Where it goes.
        to: Option<Address>,
        via: Vec<Address>,
        /// Of the shipment.
        priority: Priority,
        /// Of the return.
        back: Priority,
    }
    check::<Shipment>(
        &expect![[r##"
            {
              "type":"object",
              "properties":{
                "from":{"$ref":"#/$defs/Address","description":"Where it starts."},
                "to":{"anyOf":[{"$ref":"#/$defs/Address"},{"type":"null"}],"description":"Where it goes."},
                "via":{"type":"array","items":{"$ref":"#/$defs/Address"}},
                "priority":{"$ref":"#/$defs/Priority","description":"Of the shipment."},
                "back":{"$ref":"#/$defs/Priority","description":"Of the return."}
              },
              "required":["from",
                "via",
                "priority",
                "back"],
              "$defs":{
                "Address":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"description":"A place."},
                "Priority":{"type":"string","enum":["low","right_now","other!"],"description":"How urgent it is.\n- low: Can wait.\n- other!: Said in \"quotes\"."}
              }
            }"##]],
        &expect![[r##"
            {
              "type":"object",
              "properties":{
                "from":{"anyOf":[{"$ref":"#/$defs/Address"}],"description":"Where it starts."},
                "to":{"anyOf":[{"$ref":"#/$defs/Address"},{"type":"null"}],"description":"Where it goes."},
                "via":{"type":"array","items":{"$ref":"#/$defs/Address"}},
                "priority":{"anyOf":[{"$ref":"#/$defs/Priority"}],"description":"Of the shipment."},
                "back":{"anyOf":[{"$ref":"#/$defs/Priority"}],"description":"Of the return."}
              },
              "required":["from",
                "to",
                "via",
                "priority",
                "back"],
              "additionalProperties":false,
              "$defs":{
                "Address":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false,"description":"A place."},
                "Priority":{"type":"string","enum":["low","right_now","other!"],"description":"How urgent it is.\n- low: Can wait.\n- other!: Said in \"quotes\"."}
              }
            }"##]],
    );
}

#[test]
fn a_recursive_root_refers_to_itself() {
    #[derive(Deserialize, ResponseModel)]
    struct Tree {
        label: String,
        /// Below this one.
        children: Vec<Self>,
        /// Above this one.
        parent: Option<Box<Tree>>,
        /// Beside this one.
        next: Box<Tree>,
    }
    check::<Tree>(
        &expect![[r##"
            {
              "type":"object",
              "properties":{
                "label":{"type":"string"},
                "children":{"type":"array","items":{"$ref":"#"},"description":"Below this one."},
                "parent":{"anyOf":[{"$ref":"#"},{"type":"null"}],"description":"Above this one."},
                "next":{"$ref":"#","description":"Beside this one."}
              },
              "required":["label",
                "children",
                "next"]
            }"##]],
        &expect![[r##"
            {
              "type":"object",
              "properties":{
                "label":{"type":"string"},
                "children":{"type":"array","items":{"$ref":"#"},"description":"Below this one."},
                "parent":{"anyOf":[{"$ref":"#"},{"type":"null"}],"description":"Above this one."},
                "next":{"anyOf":[{"$ref":"#"}],"description":"Beside this one."}
              },
              "required":["label",
                "children",
                "parent",
                "next"],
              "additionalProperties":false
            }"##]],
    );
}

#[test]
fn types_may_be_mutually_recursive() {
    #[derive(Deserialize, ResponseModel)]
    struct Fund {
        lei: String,
        broker: Option<Box<Broker>>,
    }

    #[derive(Deserialize, ResponseModel)]
    struct Broker {
        lei: String,
        funds: Vec<Fund>,
    }

    #[derive(Deserialize, ResponseModel)]
    struct Market {
        funds: Vec<Fund>,
    }
    check::<Fund>(
        &expect![[r##"
            {
              "type":"object",
              "properties":{
                "lei":{"type":"string"},
                "broker":{"anyOf":[{"type":"object","properties":{"lei":{"type":"string"},"funds":{"type":"array","items":{"$ref":"#"}}},"required":["lei","funds"]},{"type":"null"}]}
              },
              "required":["lei"]
            }"##]],
        &expect![[r##"
            {
              "type":"object",
              "properties":{
                "lei":{"type":"string"},
                "broker":{"anyOf":[{"type":"object","properties":{"lei":{"type":"string"},"funds":{"type":"array","items":{"$ref":"#"}}},"required":["lei","funds"],"additionalProperties":false},{"type":"null"}]}
              },
              "required":["lei",
                "broker"],
              "additionalProperties":false
            }"##]],
    );
    check::<Market>(
        &expect![[r##"
            {
              "type":"object",
              "properties":{
                "funds":{"type":"array","items":{"$ref":"#/$defs/Fund"}}
              },
              "required":["funds"],
              "$defs":{
                "Fund":{"type":"object","properties":{"lei":{"type":"string"},"broker":{"anyOf":[{"type":"object","properties":{"lei":{"type":"string"},"funds":{"type":"array","items":{"$ref":"#/$defs/Fund"}}},"required":["lei","funds"]},{"type":"null"}]}},"required":["lei"]}
              }
            }"##]],
        &expect![[r##"
            {
              "type":"object",
              "properties":{
                "funds":{"type":"array","items":{"$ref":"#/$defs/Fund"}}
              },
              "required":["funds"],
              "additionalProperties":false,
              "$defs":{
                "Fund":{"type":"object","properties":{"lei":{"type":"string"},"broker":{"anyOf":[{"type":"object","properties":{"lei":{"type":"string"},"funds":{"type":"array","items":{"$ref":"#/$defs/Fund"}}},"required":["lei","funds"],"additionalProperties":false},{"type":"null"}]}},"required":["lei","broker"],"additionalProperties":false}
              }
            }"##]],
    );
}

mod other {
    #[derive(serde::Deserialize, instructor::ResponseModel)]
    pub(super) struct Step {
        x: f64,
    }
}

#[test]
fn two_types_of_one_name_are_told_apart() {
    #[derive(Deserialize, ResponseModel)]
    struct Step {
        y: f64,
    }

    #[derive(Deserialize, ResponseModel)]
    #[serde(rename = "Step__2")]
    struct Taken {
        z: f64,
    }

    #[derive(Deserialize, ResponseModel)]
    struct Plan {
        a: Step,
        b: other::Step,
        c: Step,
        d: other::Step,
        e: Taken,
        f: Taken,
    }
    let schema = parse(Plan::SCHEMA.standard);
    let reference = |field: &str| {
        schema["properties"][field]["$ref"]
            .as_str()
            .expect("a $ref")
            .to_owned()
    };
    assert_eq!(reference("a"), "#/$defs/Step");
    assert_eq!(reference("c"), "#/$defs/Step");
    assert_eq!(reference("b"), "#/$defs/Step__3");
    assert_eq!(reference("d"), "#/$defs/Step__3");
    assert_eq!(reference("e"), "#/$defs/Step__2");
    assert!(schema["$defs"]["Step__3"]["properties"]["x"].is_object());
    assert!(schema["$defs"]["Step__2"]["properties"]["z"].is_object());
    legal(Plan::SCHEMA);
}

#[test]
fn names_are_those_that_serde_reads() {
    #[derive(Deserialize, ResponseModel)]
    #[serde(rename = "Ticket-2", rename_all(deserialize = "camelCase"))]
    struct Ticket {
        first_name: String,
        r#type: String,
        #[serde(rename(serialize = "out", deserialize = "in"))]
        both: String,
        #[serde(skip)]
        cache: std::cell::Cell<u8>,
        #[serde(skip_serializing_if = "Vec::is_empty", default = "Vec::new")]
        tags: Vec<String>,
    }
    assert_eq!(Ticket::SCHEMA.name, "Ticket-2");
    check::<Ticket>(
        &expect![[r#"
            {
              "type":"object",
              "properties":{
                "firstName":{"type":"string"},
                "type":{"type":"string"},
                "in":{"type":"string"},
                "tags":{"type":"array","items":{"type":"string"}}
              },
              "required":["firstName",
                "type",
                "in"]
            }"#]],
        &expect![[r#"
            {
              "type":"object",
              "properties":{
                "firstName":{"type":"string"},
                "type":{"type":"string"},
                "in":{"type":"string"},
                "tags":{"type":"array","items":{"type":"string"}}
              },
              "required":["firstName",
                "type",
                "in",
                "tags"],
              "additionalProperties":false
            }"#]],
    );
}

#[test]
fn a_container_default_makes_every_key_optional() {
    #[derive(Default, Deserialize, ResponseModel)]
    #[serde(default)]
    struct Settings {
        theme: String,
        size: u8,
    }
    assert_eq!(
        parse(Settings::SCHEMA.standard)["required"],
        serde_json::json!([])
    );
    legal(Settings::SCHEMA);
}

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
    assert_eq!(Maps::SCHEMA.openai_strict, None);
    assert_eq!(Outer::SCHEMA.openai_strict, None);
    expect![[r#"
        {
          "type":"object",
          "properties":{
            "by_name":{"type":"object","additionalProperties":{"type":"integer","minimum":0,"maximum":255},"minProperties":1,"maxProperties":9},
            "sorted":{"anyOf":[{"type":"object","additionalProperties":{"type":"array","items":{"type":"string","enum":["low","right_now","other!"],"description":"How urgent it is.\n- low: Can wait.\n- other!: Said in \"quotes\"."}}},{"type":"null"}],"description":"Sorted."}
          },
          "required":["by_name"]
        }"#]].assert_eq(&lines(Maps::SCHEMA.standard));
}

#[test]
fn control_characters_and_quotes_are_escaped() {
    #[doc = "a\ttab, a \"quote\", a \\ and \u{1}"]
    #[derive(Deserialize, ResponseModel)]
    struct Odd {
        #[doc = "a\ttab, a \"quote\", a \\ and \u{1}"]
        #[serde(rename = "a\"b\n")]
        field: String,
    }
    let text = "a\ttab, a \"quote\", a \\ and \u{1}";
    let schema = parse(Odd::SCHEMA.standard);
    assert_eq!(Odd::SCHEMA.description, text);
    assert_eq!(schema["properties"]["a\"b\n"]["description"], text);
    assert_eq!(schema["required"][0], "a\"b\n");
    legal(Odd::SCHEMA);
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
    assert_eq!(A0::SCHEMA.openai_strict, None);
    legal(A1::SCHEMA);
}

#[test]
fn a_long_chain_of_types_stays_within_the_limits_of_the_compiler() {
    chain!(B00 B01 B02 B03 B04 B05 B06 B07 B08 B09 B10 B11 B12 B13 B14 B15 B16 B17 B18 B19 B20 B21 B22 B23 B24 B25 B26
        B27 B28 B29 B30 B31 B32 B33 B34 B35 B36 B37 B38 B39 B40 B41 B42 B43 B44 B45 B46 B47 B48 B49);
    let schema = parse(B00::SCHEMA.standard);
    assert!(schema["$defs"]["B16"].is_object());
    assert!(schema["$defs"]["B48"].is_object());
    assert_eq!(schema["$defs"].as_object().expect("object").len(), 3);
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
    legal(W0::SCHEMA);
}

#[test]
fn llm_rules_are_known_to_the_schema() {
    #[derive(Deserialize, ResponseModel)]
    struct Judged {
        #[llm_validate("friendly")]
        #[llm_validate("short", model = "gpt-4o-mini", allow_override)]
        greeting: String,
    }

    #[derive(Deserialize, ResponseModel)]
    struct Outer {
        judged: Vec<Judged>,
    }

    #[derive(Deserialize, ResponseModel)]
    struct Plain {
        greeting: String,
    }
    assert!(Outer::SCHEMA.has_llm_rules);
    assert!(!Plain::SCHEMA.has_llm_rules);
}
