//! The schemas of variants that are tools: what they accept is what serde reads of the variant.

use instructor::schema::Dialect;
use instructor::{Checks, Context, Path, ResponseModel};
use serde::Deserialize;
use serde_json::{Value, json};

use super::generator::Generator;
use super::zoo::{Priority, User};
use super::{parse, violations};

/// A variant of every kind.
#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(tools)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Tools {
    Unit,
    Struct(User),
    Boxed(Box<User>),
    Text(#[validate(length(min = 1, max = 3))] String),
    List(Vec<User>),
    Nullable(Option<User>),
    Names(Priority),
    Tuple(u8, bool),
    Fields {
        /// As a percentage.
        #[validate(range(max = 100))]
        part: u8,
        next: Option<Box<Tools>>,
    },
}

/// How serde writes the variant that is called with `arguments`.
fn written(name: &str, wrapper: Option<&str>, arguments: &Value) -> Value {
    match (name, wrapper) {
        ("unit", _) => json!("unit"),
        (_, Some(key)) => json!({ name: arguments[key] }),
        (_, None) => json!({ name: arguments }),
    }
}

#[test]
fn what_the_schema_of_a_tool_accepts_is_read_and_breaks_no_rule() {
    let set = Tools::SCHEMA.tools().expect("tools");
    assert_eq!(set.schemas.len(), 9);
    for tool in &set.schemas {
        let schema = parse(tool.standard());
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let mut accepted = 0;
        for seed in 0..600 {
            let mut generator = Generator::new(&schema, seed);
            let mut arguments = generator.fitting();
            for _ in 0..seed % 3 {
                arguments = generator.changed(arguments);
            }
            if !validator.is_valid(&arguments) {
                continue;
            }
            accepted += 1;
            let answer = written(tool.name, tool.wrapper, &arguments);
            let value: Tools = serde_json::from_str(&answer.to_string())
                .unwrap_or_else(|error| panic!("{error}: {arguments}\n{schema}"));
            let context = Context::new();
            let mut checks = Checks::new(&context);
            value.check_rules(&Path::ROOT, &mut checks);
            let errors = checks.into_errors();
            assert!(errors.is_empty(), "{errors}: {arguments}\n{schema}");
        }
        assert!(accepted > 30, "{}: {accepted} were accepted", tool.name);
    }
}

#[test]
fn every_tool_can_be_sent_as_strict() {
    let set = <Vec<Tools>>::SCHEMA.tools().expect("tools");
    for tool in &set.schemas {
        let text = tool.text(Dialect::OpenAiStrict).expect("can be said");
        assert_eq!(violations(&parse(text)), [""; 0], "{}", tool.name);
    }
}
