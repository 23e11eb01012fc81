//! What the schema of every shape says.
#![allow(dead_code, reason = "these types are only looked at by their schemas")]

use expect_test::expect;
use instructor::ResponseModel;
use serde::Deserialize;

use super::{Priority, check};

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
          "required":["text","letter","yes","small","signed","count","id","price","boxed"]
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
          "required":["text","letter","yes","small","signed","count","id","price","boxed"],
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
          "required":["each","required"]
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
          "required":["nickname","nested","each","tags","required"],
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
        #[validate(pattern("^\"[a-zA-Z]\"$"))]
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
            "quoted":{"type":"string","pattern":"^\"[a-zA-Z]\"$","description":"Any case"},
            "age":{"type":"integer","minimum":0,"maximum":130},
            "celsius":{"type":"number","minimum":-273.15},
            "small":{"type":"integer","minimum":0,"maximum":255},
            "tags":{"type":"array","items":{"type":"string"},"maxItems":3},
            "initial":{"type":"array","items":{"type":"string","minLength":1,"maxLength":1}}
          },
          "required":["subject","country","quoted","age","celsius","small","tags","initial"]
        }"#]],
        &expect![[r#"
        {
          "type":"object",
          "properties":{
            "subject":{"type":"string","description":"The subject. Between 1 and 60 characters."},
            "body":{"anyOf":[{"type":"string","description":"At least 1 character."},{"type":"null"}]},
            "country":{"type":"string","pattern":"^[A-Z]+$","description":"Two letters. Exactly 2 characters."},
            "quoted":{"type":"string","pattern":"^\"[a-zA-Z]\"$","description":"Any case"},
            "age":{"type":"integer","minimum":0,"maximum":130},
            "celsius":{"type":"number","minimum":-273.15},
            "small":{"type":"integer","minimum":0,"maximum":255},
            "tags":{"type":"array","items":{"type":"string"},"maxItems":3},
            "initial":{"type":"array","items":{"type":"string","description":"Exactly 1 character."}}
          },
          "required":["subject","body","country","quoted","age","celsius","small","tags","initial"],
          "additionalProperties":false
        }"#]],
    );
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
          "required":["priority","owner"]
        }"#]],
        &expect![[r#"
        {
          "type":"object",
          "properties":{
            "priority":{"type":"string","enum":["low","right_now","other!"],"description":"Of this task.\nHow urgent it is.\n- low: Can wait.\n- other!: Said in \"quotes\"."},
            "owner":{"type":"object","properties":{"name":{"type":"string","description":"First and last."}},"required":["name"],"additionalProperties":false,"description":"Does it.\nA person."},
            "author":{"anyOf":[{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false,"description":"A person too."},{"type":"null"}],"description":"Asked for it."}
          },
          "required":["priority","owner","author"],
          "additionalProperties":false
        }"#]],
    );
}
