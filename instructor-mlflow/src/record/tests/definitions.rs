//! What records share.

use std::collections::HashMap;

use instructor_core::ResponseModel as _;
use instructor_derive::ResponseModel as Derive;
use serde::Deserialize;

use super::frame::{Person, frame, usual};
use super::*;
use crate::config::{Experiment, Settings};

#[derive(Deserialize, Derive)]
#[response_model(crate = instructor_core, tools)]
#[allow(dead_code)]
enum Action {
    /// Looks something up.
    Search { query: String },
    /// Ends.
    Stop { reason: String },
}

#[test]
fn a_response_model_is_defined_once() {
    let first = ResponseModel::of(Person::SCHEMA);
    assert!(Arc::ptr_eq(&first, &ResponseModel::of(Person::SCHEMA)));
    assert_ne!(first.key, ResponseModel::of(Action::SCHEMA).key);
    let model = &first.value;
    assert_eq!(model.name, "Person");
    assert_eq!(model.description, "A person.");
    assert_eq!(model.schema, Person::SCHEMA.standard());
    let rule = |rule: &Rule| format!("{}: {}", rule.place, rule.rule);
    assert_eq!(
        model.rules.iter().map(rule).collect::<Vec<_>>(),
        ["Person.name: length(max = 60)"]
    );
    assert_eq!(model.llm_rules.len(), 1);
    assert!(model.tools.is_empty());
}

#[test]
fn tools_are_part_of_a_response_model() {
    let model = &ResponseModel::of(Action::SCHEMA).value;
    let names: Vec<&str> = model.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["Search", "Stop"]);
    assert!(model.tools[0].schema.contains("query"));
}

#[test]
fn a_key_is_the_same_in_every_process() {
    // The first 64 bits of the SHA-256 of these bytes, by `sha256sum`.
    assert_eq!(
        DefinitionKey::of(b"abc"),
        DefinitionKey(0xba78_16bf_8f01_cfea)
    );
    let again = Defined::new(ResponseModel::clone(
        &ResponseModel::of(Person::SCHEMA).value,
    ));
    assert_eq!(again.key, ResponseModel::of(Person::SCHEMA).key);
}

#[test]
fn a_frame_names_each_definition_once() {
    let encoded = Record::of(&frame(), &destination()).encoded();
    let keys: Vec<DefinitionKey> = encoded
        .definitions
        .iter()
        .map(|it| DefinitionKey(it.key))
        .collect();
    let expected = [
        ResponseModel::of(Person::SCHEMA).key,
        destination().defined().key,
        defined_source().key,
    ];
    assert_eq!(keys, expected);
    for definition in &encoded.definitions {
        assert_eq!(DefinitionKey::of(&definition.bytes).0, definition.key);
    }
}

#[test]
fn a_destination_has_no_credentials() {
    let settings = Settings {
        tracking_uri: Some(String::from("https://ann:secret@example.com/mlflow/").into()),
        experiment: Some(Experiment::Name("emails".into())),
        capture_content: Some(false),
        workspace: Some("team".into()),
        log_assessments: Some(true),
        verify_delivery: None,
        active_model: Some(crate::models::ActiveModel::Id("m-1".into())),
    };
    let token = |name| (name == "MLFLOW_TRACKING_TOKEN").then(|| "secret".to_owned());
    let destination = settings.resolve(token).expect("it is valid");
    let defined = destination.defined();
    let expected = crate::record::Destination {
        address: "https://example.com/mlflow".into(),
        experiment: crate::record::destination::Experiment::Name("emails".into()),
        model: Some(crate::record::destination::Model::Id("m-1".into())),
        capture_content: false,
        workspace: Some("team".into()),
        is_databricks: false,
        log_assessments: true,
    };
    assert_eq!(*defined.value, expected);
    let text = String::from_utf8_lossy(&defined.bytes);
    assert!(!text.contains("secret") && !text.contains("ann"), "{text}");
}

#[test]
fn definitions_are_read_once_and_may_be_missing() {
    let encoded = Record::of(&usual(), &destination()).encoded();
    let known: HashMap<DefinitionKey, Arc<[u8]>> = {
        let definitions = encoded.definitions.into_iter();
        definitions
            .map(|it| (DefinitionKey(it.key), it.bytes))
            .collect()
    };
    let mut library = Library::new();
    let none = library.open(&encoded.bytes, |_| None).expect("it is whole");
    assert!(none.definitions.response_models.is_empty());
    assert!(none.definitions.source.is_none());
    let damaged = library.open(&encoded.bytes, |_| Some([0xc1].into()));
    assert!(
        damaged
            .expect("it is whole")
            .definitions
            .destination
            .is_none()
    );
    let found = library.open(&encoded.bytes, |key| known.get(&key).cloned());
    let found = found.expect("it is whole");
    // Nobody is asked again.
    let again = library.open(&encoded.bytes, |_| None).expect("it is whole");
    let model = |record: &Record<'_>| {
        let request = record.spans.iter().find_map(|span| span.request().cloned());
        let request = request.expect("something was asked");
        record.response_model(&request).cloned()
    };
    assert_eq!(model(&again), model(&found));
    assert_eq!(model(&found).expect("it is known").name, "Person");
    assert_eq!(model(&none), None);
}
