//! What other versions write and read.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use rmpv::Value;

use super::frame::{self, Person, frame, usual};
use super::*;
use crate::api::{AssessmentError, AssessmentSource, NewAssessment, NewValue};
use crate::config::{Experiment, Settings};
use crate::models::ActiveModel;

fn encoded(frame: &Frame) -> Vec<u8> {
    Record::of(frame, &destination()).encoded().bytes
}

/// A record in which every field has a value.
fn full() -> Vec<u8> {
    let mut record = reread(&frame());
    for span in &mut record.spans {
        span.shortened = Some(7);
        if let Content::Call(call) = &mut span.content {
            if let Some(errors) = &mut call.errors {
                errors.omitted = 2;
            }
            if let Some(request) = &mut call.request {
                request.correction = Some("correct_Person".into());
            }
        }
    }
    record.prompts.push(Prompt {
        name: "greeting".into(),
        version: 3,
    });
    record.prepared = Some(prepared());
    record.encoded().bytes
}

fn prepared() -> Prepared {
    let assessment = NewAssessment {
        assessment_id: Some("a-1".into()),
        assessment_name: "valid".into(),
        trace_id: frame::trace_id().to_string(),
        span_id: Some("0101010101010101".into()),
        source: AssessmentSource::code("Person"),
        create_time: "2026-11-27T12:00:00.000Z".into(),
        last_update_time: "2026-11-27T12:00:00.000Z".into(),
        value: NewValue::Feedback {
            value: false.into(),
            error: Some(AssessmentError::new("exhausted", "no valid answer")),
        },
        rationale: Some("too long".into()),
        metadata: [("attempt".into(), "1".into())].into(),
        overrides: None,
        valid: true,
    };
    Prepared {
        spans: vec![crate::wire::Span {
            name: "create Person".into(),
            ..crate::wire::Span::default()
        }],
        request_preview: Some("Ann is 34.".into()),
        response_preview: Some("Ann".into()),
        assessments: vec![assessment],
    }
}

fn tree(bytes: &[u8]) -> Value {
    rmpv::decode::read_value(&mut &bytes[..]).expect("it is MessagePack")
}

/// The ways to all values, each with the type of what is there.
fn names(value: &Value, way: &str, names: &mut BTreeSet<String>) {
    match value {
        Value::Map(members) => {
            for (key, value) in members {
                let key = key.as_str().expect("keys are texts");
                self::names(value, &format!("{way}.{key}"), names);
            }
        }
        Value::Array(items) => {
            for item in items {
                self::names(item, &format!("{way}[]"), names);
            }
        }
        other => {
            let kind = match other {
                Value::Boolean(_) => "boolean",
                Value::Integer(_) => "integer",
                Value::F64(_) | Value::F32(_) => "float",
                Value::String(_) => "text",
                Value::Binary(_) => "bytes",
                other => panic!("{way} is {other}"),
            };
            let way = way.trim_start_matches('.');
            names.insert(format!("{way}: {kind}"));
        }
    }
}

fn check(bytes: &[u8], expected: &Expect) {
    let mut found = BTreeSet::new();
    names(&tree(bytes), "", &mut found);
    let lines: Vec<String> = found.into_iter().collect();
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

/// Other versions know these names. Add one, but change none and take none away.
#[test]
fn the_names_of_a_record_stay() {
    check(
        &full(),
        &expect![[r#"
        ancestors[].id: bytes
        ancestors[].name: text
        ancestors[].notes.client_request_id: text
        ancestors[].notes.metadata.mlflow.modelId: text
        ancestors[].notes.request_preview: text
        ancestors[].notes.response_preview: text
        ancestors[].notes.session: text
        ancestors[].notes.state: text
        ancestors[].notes.tags.team: text
        ancestors[].notes.user: text
        ancestors[].parent: bytes
        ancestors[].place.file: text
        ancestors[].place.line: integer
        ancestors[].place.target: text
        ancestors[].started: integer
        destination: integer
        notes.client_request_id: text
        notes.metadata.mlflow.modelId: text
        notes.request_preview: text
        notes.response_preview: text
        notes.session: text
        notes.state: text
        notes.tags.team: text
        notes.user: text
        prepared.assessments[].assessment_id: text
        prepared.assessments[].assessment_name: text
        prepared.assessments[].create_time: text
        prepared.assessments[].feedback.error.error_code: text
        prepared.assessments[].feedback.error.error_message: text
        prepared.assessments[].feedback.value: boolean
        prepared.assessments[].last_update_time: text
        prepared.assessments[].metadata.attempt: text
        prepared.assessments[].rationale: text
        prepared.assessments[].source.source_id: text
        prepared.assessments[].source.source_type: text
        prepared.assessments[].span_id: text
        prepared.assessments[].trace_id: text
        prepared.assessments[].valid: boolean
        prepared.request_preview: text
        prepared.response_preview: text
        prepared.spans[]: bytes
        prompts[].name: text
        prompts[].version: integer
        source: integer
        spans[].content.call.answered_by: text
        spans[].content.call.attempt: integer
        spans[].content.call.cost.input: integer
        spans[].content.call.cost.output: integer
        spans[].content.call.cost.price_date: text
        spans[].content.call.cost.price_source: text
        spans[].content.call.dialect: text
        spans[].content.call.errors.list[].code: text
        spans[].content.call.errors.list[].input: text
        spans[].content.call.errors.list[].message: text
        spans[].content.call.errors.list[].path: text
        spans[].content.call.errors.omitted: integer
        spans[].content.call.failure.error_type: text
        spans[].content.call.failure.kind: text
        spans[].content.call.failure.message: text
        spans[].content.call.failure.stopped_by: text
        spans[].content.call.is_cached: boolean
        spans[].content.call.is_stopped: boolean
        spans[].content.call.is_streamed: boolean
        spans[].content.call.max_retries: integer
        spans[].content.call.output: text
        spans[].content.call.payload: text
        spans[].content.call.provider: text
        spans[].content.call.rate_limit.requests.limit: integer
        spans[].content.call.rate_limit.requests.remaining: integer
        spans[].content.call.rate_limit.tokens.reset: float
        spans[].content.call.request.correction: text
        spans[].content.call.request.definition: integer
        spans[].content.call.request.max_tokens: integer
        spans[].content.call.request.messages[].role: text
        spans[].content.call.request.messages[].text: text
        spans[].content.call.request.messages[].tool_calls[].arguments: text
        spans[].content.call.request.messages[].tool_calls[].id: text
        spans[].content.call.request.messages[].tool_calls[].name: text
        spans[].content.call.request.messages[].tool_result.content: text
        spans[].content.call.request.messages[].tool_result.tool_call_id: text
        spans[].content.call.request.mode: text
        spans[].content.call.request.model: text
        spans[].content.call.request.response_model: text
        spans[].content.call.request.temperature: float
        spans[].content.call.request_id: text
        spans[].content.call.server.address: text
        spans[].content.call.server.port: integer
        spans[].content.call.status: integer
        spans[].content.call.time_to_first_field: float
        spans[].content.call.time_to_first_token: float
        spans[].content.call.transport_retries: integer
        spans[].content.call.usage.cache_creation_input_tokens: integer
        spans[].content.call.usage.cache_read_input_tokens: integer
        spans[].content.call.usage.input_tokens: integer
        spans[].content.call.usage.output_tokens: integer
        spans[].content.call.usage.reasoning_output_tokens: integer
        spans[].content.call.validator.path: text
        spans[].content.call.validator.statement: text
        spans[].content.call.validator.value: text
        spans[].content.call.wire_request: bytes
        spans[].content.call.wire_response: bytes
        spans[].content.user.details.attributes[].key: text
        spans[].content.user.details.attributes[].value: text
        spans[].content.user.details.error: text
        spans[].content.user.details.events[].attributes: text
        spans[].content.user.details.events[].name: text
        spans[].content.user.details.events[].time: integer
        spans[].content.user.details.inputs: text
        spans[].content.user.details.outputs: text
        spans[].content.user.details.span_type: text
        spans[].content.user.error: text
        spans[].content.user.fields[].name: text
        spans[].content.user.fields[].value.bool: boolean
        spans[].content.user.fields[].value.debug: text
        spans[].content.user.fields[].value.float: float
        spans[].content.user.fields[].value.int: integer
        spans[].content.user.fields[].value.text: text
        spans[].content.user.fields[].value.unsigned: integer
        spans[].content.user.has_calls: boolean
        spans[].content.user.output: text
        spans[].ended: integer
        spans[].id: bytes
        spans[].name: text
        spans[].parent: bytes
        spans[].place.file: text
        spans[].place.line: integer
        spans[].place.target: text
        spans[].shortened: integer
        spans[].started: integer
        trace_id: bytes
        usage.input_tokens: integer
        usage.output_tokens: integer
    "#]],
    );
}

#[test]
fn the_names_of_definitions_stay() {
    use instructor_core::ResponseModel as _;
    let mut model = ResponseModel::clone(&ResponseModel::of(Person::SCHEMA).value);
    model.dialects[0].reason = Some("it cannot say a map".into());
    model.tools.push(crate::record::response_model::Tool {
        name: "Search".into(),
        schema: "{}".into(),
    });
    check(
        &Defined::new(model).bytes,
        &expect![[r#"
        description: text
        dialects[].dialect: text
        dialects[].reason: text
        dialects[].schema: text
        instructor_version: text
        llm_rules[].place: text
        llm_rules[].rule: text
        name: text
        rules[].place: text
        rules[].rule: text
        schema: text
        tools[].name: text
        tools[].schema: text
    "#]],
    );
    let mut by_name = Settings {
        experiment: Some(Experiment::Name("emails".into())),
        active_model: Some(ActiveModel::Name("writer".into())),
        ..Settings::default()
    };
    by_name.workspace = Some("team".into());
    let by_id = Settings {
        active_model: Some(ActiveModel::Id("m-1".into())),
        ..Settings::default()
    };
    let bytes = [by_name, by_id].map(|settings| {
        let destination = settings.resolve(|_| None).expect("it is valid");
        tree(&destination.defined().bytes)
    });
    let both = Value::Array(bytes.into());
    let mut destinations = Vec::new();
    rmpv::encode::write_value(&mut destinations, &both).expect("it is written to memory");
    check(
        &destinations,
        &expect![[r#"
        [].address: text
        [].capture_content: boolean
        [].experiment.id: text
        [].experiment.name: text
        [].is_databricks: boolean
        [].log_assessments: boolean
        [].model.id: text
        [].model.name: text
        [].workspace: text
    "#]],
    );
    let source = Defined::new(crate::source::Source {
        program: Some("emails".into()),
        user: Some("ann".into()),
        checkout: crate::source::Checkout {
            commit: Some("1abc2bbe".into()),
            branch: Some("main".into()),
            repository: Some("https://example.com/emails".into()),
        },
    });
    check(
        &source.bytes,
        &expect![[r#"
        checkout.branch: text
        checkout.commit: text
        checkout.repository: text
        program: text
        user: text
    "#]],
    );
}

#[test]
fn what_the_first_version_wrote_loses_nothing() {
    let mut again = Vec::new();
    first().encode(&mut again);
    assert_eq!(tree(&again), tree(FIRST));
}

/// Adds a member that nobody knows to whatever is a struct.
fn extend(value: &mut Value, key: &str) {
    // Variants, and maps of the user's.
    const NO_STRUCTS: [&str; 4] = ["content", "value", "tags", "metadata"];
    match value {
        Value::Map(members) => {
            for (key, value) in members.iter_mut() {
                extend(value, key.as_str().expect("keys are texts"));
            }
            if !NO_STRUCTS.contains(&key) {
                let unknown = vec![(Value::from("deep"), Value::Array(vec![Value::Nil]))];
                members.insert(0, (Value::from("not_known_yet"), Value::Map(unknown)));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| extend(item, key)),
        _ => {}
    }
}

#[test]
fn what_a_later_version_adds_is_left_out() {
    for bytes in [encoded(&usual()), full()] {
        let mut later = tree(&bytes);
        extend(&mut later, "");
        let mut extended = Vec::new();
        rmpv::encode::write_value(&mut extended, &later).expect("it is written to memory");
        assert!(extended.len() > bytes.len());
        assert_eq!(Record::decode(&extended), Record::decode(&bytes));
    }
}

#[test]
fn a_record_that_is_cut_off_is_none() {
    let bytes = encoded(&usual());
    for length in 0..bytes.len() {
        let error = Record::decode(&bytes[..length]).expect_err("something is missing");
        assert_eq!(error, DecodeError::CutOff, "{length}");
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let mut random = fastrand::Rng::with_seed(7);
    let records = [encoded(&usual()), FIRST.to_vec()];
    let mut accepted = 0;
    for round in 0..4_000 {
        let mut bytes = records[round % records.len()].clone();
        if round % 10 == 0 {
            bytes = (0..random.usize(..200)).map(|_| random.u8(..)).collect();
        }
        for _ in 0..random.usize(..4) {
            if !bytes.is_empty() {
                let place = random.usize(..bytes.len());
                bytes[place] = random.u8(..);
            }
        }
        accepted += usize::from(Record::decode(&bytes).is_ok());
    }
    // Most bytes are texts, of which any will do.
    assert!((1_000..4_000).contains(&accepted), "{accepted}");
}

/// Nesting that is deeper than any record does not exhaust the stack.
#[test]
fn bytes_that_nest_without_end_are_refused() {
    const ARRAY_OF_ONE: u8 = 0x91;
    let mut bytes = b"\x81\xadnot_known_yet".to_vec();
    bytes.resize(1_000_000, ARRAY_OF_ONE);
    assert_eq!(Record::decode(&bytes), Err(DecodeError::Shape));
}

#[test]
fn an_error_quotes_nothing() {
    let secret = rmp_serde::to_vec_named(&[("spans", "a secret")]).expect("it is written");
    let error = Record::decode(&secret).expect_err("it is no record");
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[test]
fn an_id_of_zeroes_is_no_id() {
    let mut bytes = encoded(&usual());
    let id = super::frame::trace_id().to_bytes();
    let place = bytes.windows(16).position(|found| found == id);
    let place = place.expect("the record has it");
    bytes[place..place + 16].fill(0);
    assert_eq!(Record::decode(&bytes), Err(DecodeError::Shape));
}
