//! Calls as core makes them, and what is said about their checks.

use std::sync::{Arc, Mutex};

use instructor_core::trace::{Failure, Recording, TARGET, Validator};
use instructor_core::{
    Message, Mode, Path, Request, ResponseModel as _, ValidationError, ValidationErrors,
};
use instructor_derive::ResponseModel;
use serde_json::{Value, json};
use tracing::{Span, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use super::*;
use crate::record::tests::reread;
use crate::sink::Sink;
use crate::span::Frame;

#[derive(Debug, Default)]
struct Keep(Mutex<Vec<Frame>>);

impl Sink for Keep {
    fn accept(&self, frame: Frame) {
        self.0.lock().expect("not poisoned").push(frame);
    }
}

#[derive(serde::Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
#[allow(dead_code)]
struct Order {
    age: u32,
    a: String,
    b: String,
    items: Vec<Item>,
    prices: std::collections::BTreeMap<String, f64>,
}

#[derive(serde::Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
#[allow(dead_code)]
struct Item {
    title: String,
}

/// What one attempt found.
#[derive(Default)]
struct Attempt {
    /// Path, kind and message of what is wrong.
    errors: Vec<(&'static str, ErrorCode)>,
    /// Path, statement and verdict of those who were asked; `None` if the judge failed.
    verdicts: Vec<(&'static str, &'static str, Option<bool>)>,
    /// Why there is no outcome.
    failure: Option<&'static str>,
}

fn record(span: &Span, fill: impl FnOnce(&mut Recording)) {
    span.with_subscriber(|(id, dispatch)| {
        let span = dispatch
            .downcast_ref::<Registry>()
            .and_then(|registry| registry.span(id));
        if let Some(span) = span
            && let Some(recording) = span.extensions_mut().get_mut::<Recording>()
        {
            fill(recording);
        }
    });
}

/// Names and values, and one of the members of the metadata.
fn said(attempts: &[Attempt]) -> Vec<NewAssessment> {
    let keep = Arc::new(Keep::default());
    let (layer, _guard) = crate::layer()
        .sink(keep.clone())
        .build()
        .expect("the settings are valid");
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let create = info_span!(target: TARGET, "create");
        record(&create, |recording| {
            let messages = vec![Message::user("an order")];
            let request = Request::new("gpt-4o", messages, Order::SCHEMA, Mode::Tools);
            recording.request = Some(Arc::new(request));
        });
        let _entered = create.enter();
        for (attempt, number) in attempts.iter().zip(1..) {
            check(attempt, number);
        }
    });
    let frames = keep.0.lock().expect("not poisoned");
    let record = reread(frames.first().expect("one call was made"));
    assessments(&record, true)
}

fn check(attempt: &Attempt, number: u32) {
    let validate = info_span!(target: TARGET, "validate");
    let _entered = validate.enter();
    for (path, statement, verdict) in &attempt.verdicts {
        let span = info_span!(target: TARGET, "llm_validate");
        // What a judge says is checked as well, and that is nobody's rule.
        let _inner = span.in_scope(|| info_span!(target: TARGET, "validate").entered());
        record(&span, |recording| {
            recording.response_model = Some("judge-1".into());
            recording.validator = Some(Arc::new(Validator::new(
                (*path).to_owned(),
                *statement,
                json!("a value"),
            )));
            match verdict {
                Some(is_valid) => {
                    let verdict =
                        json!({"is_valid": is_valid, "reason": format!("{path} {is_valid}")});
                    recording.output = Some(verdict.to_string().into());
                }
                None => recording.failure = Some(Failure::new("transport", "nobody answers")),
            }
        });
    }
    record(&validate, |recording| {
        recording.attempt = Some(number);
        let mut errors = ValidationErrors::new();
        for (path, code) in &attempt.errors {
            let mut error = ValidationError::new(&Path::ROOT, *code, format!("bad {number}"));
            error.path = (*path).to_owned();
            errors.push(error);
        }
        match attempt.failure {
            Some(failure) => recording.failure = Some(Failure::new("transport", failure)),
            None if errors.is_empty() => recording.output = Some("{}".into()),
            None => recording.errors = Some(Arc::new(errors)),
        }
    });
}

fn values(said: &[NewAssessment]) -> Value {
    said.iter()
        .map(|one| {
            let one = serde_json::to_value(one).expect("it is JSON");
            let name = one["assessment_name"].as_str().expect("a name").to_owned();
            (name, one["feedback"]["value"].clone())
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn named<'a>(said: &'a [NewAssessment], name: &str) -> &'a NewAssessment {
    let mut found = said.iter().filter(|one| one.assessment_name == name);
    found.next().expect("it is said")
}

#[test]
fn a_name_stands_for_a_rule_and_not_for_a_place() {
    assert_eq!(
        rule_name("items[12].title", "length"),
        "items[].title.length"
    );
    assert_eq!(rule_name("a[0][1]", "range"), "a[][].range");
    assert_eq!(rule_name("$", "json"), "json");
    assert_eq!(rule_name("[3].a", "type"), "[].a.type");
    assert_eq!(rule_name("a[b].c", "type"), "a[b].c.type");
    assert_eq!(rule_name("a[", "type"), "a[.type");
}

#[test]
fn an_answer_that_was_right_at_once_is_valid_and_no_more() {
    let said = said(&[Attempt::default()]);
    assert_eq!(values(&said), json!({"valid": true}));
    assert_eq!(named(&said, "valid").metadata.len(), 1);
}

#[test]
fn a_rule_is_told_of_as_it_ended() {
    let said = said(&[
        Attempt {
            errors: vec![
                ("items[0].title", ErrorCode::Length),
                ("items[4].title", ErrorCode::Length),
                ("age", ErrorCode::Range),
            ],
            ..Attempt::default()
        },
        Attempt {
            errors: vec![("age", ErrorCode::Range)],
            ..Attempt::default()
        },
    ]);
    let expected = json!({"valid": false, "items[].title.length": true, "age.range": false});
    assert_eq!(values(&said), expected);
    let title = named(&said, "items[].title.length");
    assert_eq!(title.metadata["failed_attempts"], "1");
    assert_eq!(title.metadata["attempt"], "2");
    assert_eq!(
        title.rationale.as_deref(),
        Some("items[0].title: bad 1\nitems[4].title: bad 1")
    );
    assert_eq!(named(&said, "age.range").metadata["failed_attempts"], "1,2");
    let ids: BTreeSet<_> = said.iter().map(|one| &one.assessment_id).collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn an_id_is_the_same_in_every_version() {
    let record = crate::record::tests::first();
    let call = SpanId::from_bytes([1; 8]).expect("it is not zero");
    // The first half of the SHA-256 of both ids and the name, by `sha256sum`.
    let expected = "a-3cb604d44e0c4f8a908d11575e918839";
    assert_eq!(id(&record, call, "valid"), expected);
    assert_ne!(id(&record, call, "invalid"), expected);
}

#[test]
fn a_key_of_a_map_names_no_rule() {
    let said = said(&[Attempt {
        errors: vec![
            ("prices.Ann Example", ErrorCode::Range),
            ("prices.Bob", ErrorCode::Range),
        ],
        ..Attempt::default()
    }]);
    let expected = json!({"valid": false, "prices.[key].range": false});
    assert_eq!(values(&said), expected);
    assert_eq!(
        named(&said, "valid").source,
        AssessmentSource::code("Order")
    );
}

#[test]
fn of_a_judge_the_last_word_counts() {
    let said = said(&[
        Attempt {
            errors: vec![("a", ErrorCode::Llm), ("b", ErrorCode::Moderation)],
            verdicts: vec![
                ("a", "short", Some(false)),
                ("a", "kind", Some(true)),
                ("b", "moderation", Some(false)),
            ],
            ..Attempt::default()
        },
        Attempt {
            errors: vec![("b", ErrorCode::Moderation)],
            // What is asked again of an equal value is not asked at all.
            verdicts: vec![("a", "short", Some(true))],
            ..Attempt::default()
        },
    ]);
    let expected = json!({"valid": false, "a.llm_validate": true, "a.llm_validate.2": true, "b.moderation": false});
    assert_eq!(values(&said), expected);
    let short = named(&said, "a.llm_validate");
    assert_eq!(short.metadata["statement"], "short");
    assert_eq!(short.metadata["failed_attempts"], "1");
    assert_eq!(short.rationale.as_deref(), Some("a true"));
    assert_eq!(short.source, AssessmentSource::llm_judge("judge-1"));
    let moderated = named(&said, "b.moderation");
    assert_eq!(moderated.rationale.as_deref(), Some("bad 2"));
}

#[test]
fn a_value_that_the_judge_replaced_was_still_wrong() {
    let said = said(&[Attempt {
        verdicts: vec![("a", "short", Some(false))],
        ..Attempt::default()
    }]);
    let expected = json!({"valid": true, "a.llm_validate": false});
    assert_eq!(values(&said), expected);
    assert_eq!(named(&said, "a.llm_validate").metadata["replaced"], "true");
}

#[test]
fn a_judge_that_failed_says_nothing_about_the_value() {
    let said = said(&[Attempt {
        verdicts: vec![("a", "short", None)],
        failure: Some("nobody answers"),
        ..Attempt::default()
    }]);
    assert_eq!(
        values(&said),
        json!({"valid": null, "a.llm_validate": null})
    );
    let judge = serde_json::to_value(named(&said, "a.llm_validate")).expect("it is JSON");
    assert_eq!(
        judge["feedback"]["error"],
        json!({"error_code": "transport", "error_message": "nobody answers"})
    );
}
