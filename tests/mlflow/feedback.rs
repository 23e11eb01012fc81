//! What checks and judges found, as MLflow's own client reads it: feedback of the trace.

use std::time::Duration;

use instructor::prelude::*;
use serde_json::{Value, json};

use crate::answers::openai;
use crate::programs::{run_test, surroundings_with};
use crate::reading::{Traces, server};

const REASON: &str = "It does not say what it is about.";

/// The subject of an email.
#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code)]
struct Headline {
    #[validate(length(max = 20))]
    #[llm_validate("says what the email is about")]
    subject: String,
}

/// Not a test by itself: a call whose first answer is too long, and whose second one its judge does not like.
#[test]
fn program_that_asks_for_feedback() {
    let here = surroundings_with("mlflow feedback", |request| {
        let body = request.body.to_string();
        let subject = |text: &str| openai::call("Headline", &json!({"subject": text}));
        match request.response_model() {
            "Verdict" if body.contains("Hello") => {
                openai::call("Verdict", &json!({"is_valid": false, "reason": REASON}))
            }
            "Verdict" => openai::call("Verdict", &json!({"is_valid": true})),
            _ if body.contains(REASON) => subject("Star MLflow"),
            _ if body.contains("20") && body.contains("Some thoughts") => subject("Hello"),
            _ => subject("Some thoughts about repositories"),
        }
    });
    let Some(here) = here else { return };
    let mlflow = instructor::mlflow::autolog().tracking_uri(here.mlflow);
    let mlflow = mlflow.experiment(here.experiment).log_assessments(true);
    let guard = mlflow.init().unwrap();
    let call = here.client.create::<Headline>("Come up with a subject.");
    let call = call.reask(instructor::Reask::Full).into_future();
    here.runtime.block_on(call).unwrap();
    guard.flush(Duration::from_secs(60)).unwrap();
}

#[test]
fn checks_and_verdicts_are_feedback_with_their_outcome_in_the_end() {
    let Some((uri, python)) = server() else {
        return;
    };
    let (_, experiment) = run_test("feedback::program_that_asks_for_feedback", &uri);
    let traces = Traces::read(&python, &uri, &experiment);
    let assessments = traces.named("create Headline").info["assessments"].clone();
    let named = |name: &str| {
        let all = assessments.as_array().unwrap().iter();
        let found: Vec<&Value> = all.filter(|one| one["assessment_name"] == name).collect();
        assert_eq!(found.len(), 1, "{name} in {assessments:#}");
        found[0].clone()
    };
    let length = named("subject.length");
    assert_eq!(length["feedback"]["value"], true, "{length:#}");
    assert_eq!(length["source"]["source_type"], "CODE");
    assert_eq!(length["metadata"]["failed_attempts"], "1");
    let verdict = named("subject.llm_validate");
    assert_eq!(verdict["feedback"]["value"], true, "{verdict:#}");
    assert_eq!(verdict["source"]["source_type"], "LLM_JUDGE");
    assert_eq!(verdict["source"]["source_id"], "gpt-4o");
    assert_eq!(verdict["metadata"]["failed_attempts"], "2");
    let valid = named("valid");
    assert_eq!(valid["feedback"]["value"], true);
    assert_eq!(valid["metadata"]["attempt"], "3");
}
