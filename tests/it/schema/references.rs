//! Types that are used more than once, or by themselves.
#![allow(dead_code, reason = "these types are only looked at by their schemas")]

use expect_test::expect;
use instructor::ResponseModel;
use serde::Deserialize;

use super::{Priority, assert_legal, check, parse};

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
          "required":["from","via","priority","back"],
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
          "required":["from","to","via","priority","back"],
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
          "required":["label","children","next"]
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
          "required":["label","children","parent","next"],
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
          "required":["lei","broker"],
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
    let schema = parse(Plan::SCHEMA.standard());
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
    assert_legal(Plan::SCHEMA);
}
