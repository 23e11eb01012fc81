//! The spans of a call apart from its requests: `create`, `validate`, `llm_validate`.

use instructor_core::trace::Recording;
use instructor_core::trace::conventions::{self, attribute};

use super::{Description, Exception, message};
use crate::wire::{AnyValue, KeyValue};

pub(super) fn create(recording: &Recording) -> Description {
    let mut description = Description::new("create", "CHAIN");
    if let Some(request) = &recording.request {
        let response_model = request.schema.name;
        description.name = format!("create {response_model}");
        description.inputs = Some(AnyValue::object([
            ("messages", Some(message::list(&request.messages))),
            ("model", Some((&*request.model).into())),
            ("response_model", Some(response_model.into())),
            ("mode", Some(request.mode.as_str().into())),
            ("temperature", request.temperature.map(AnyValue::from)),
            ("max_tokens", request.max_tokens.map(AnyValue::from)),
            ("max_retries", recording.max_retries.map(AnyValue::from)),
        ]));
        description.request_preview = message::last_of_user(&request.messages);
        description.attribute("instructor.response_model", response_model);
        description.attribute("instructor.mode", request.mode.as_str());
        description.attribute(attribute::REQUEST_MODEL, &*request.model);
    }
    description.outputs = output(recording);
    description.optional("instructor.max_retries", recording.max_retries);
    description.optional("instructor.attempts", recording.attempt);
    let is_streamed = recording.is_streamed.then_some(true);
    description.optional(attribute::REQUEST_STREAM, is_streamed);
    description.optional(
        attribute::PROVIDER_NAME,
        recording
            .provider
            .as_deref()
            .map(conventions::provider_name),
    );
    description
}

pub(super) fn validate(recording: &Recording) -> Description {
    let mut description = Description::new("validate", "PARSER");
    description.inputs = recording
        .payload
        .as_ref()
        .map(|payload| AnyValue::from_json(payload.as_bytes()));
    description.outputs = output(recording);
    description.optional("instructor.attempt", recording.attempt);
    let Some(errors) = recording
        .errors
        .as_ref()
        .filter(|errors| !errors.is_empty())
    else {
        return description;
    };
    let mut listed = Vec::with_capacity(errors.len());
    for error in errors.iter() {
        listed.push(AnyValue::object([
            ("path", Some(error.path.as_str().into())),
            ("code", Some(error.code.as_str().into())),
            ("message", Some(error.message.as_str().into())),
            ("input", error.input.as_deref().map(AnyValue::from)),
        ]));
        let mut attributes = vec![KeyValue::new("instructor.path", error.path.as_str())];
        if let Some(input) = &error.input {
            attributes.push(KeyValue::new("instructor.input", input.as_str()));
        }
        description.exceptions.push(Exception {
            kind: error.code.as_str().to_owned(),
            message: format!("{}: {}", error.path, error.message),
            attributes,
        });
    }
    description.attribute("instructor.errors", errors.len() as u64);
    description.attribute(attribute::ERROR_TYPE, conventions::VALIDATION);
    description.outputs = Some(AnyValue::object([(
        "errors",
        Some(AnyValue::array(listed)),
    )]));
    description
}

pub(super) fn llm_validate(recording: &Recording) -> Description {
    let mut description = Description::new("llm_validate", "CHAIN");
    if let Some(validator) = &recording.validator {
        description.name = format!("llm_validate {}", validator.path);
        description.inputs = Some(AnyValue::object([
            ("validation_rule", Some((&*validator.statement).into())),
            (
                "candidate_value",
                serde_json::from_value(validator.value.clone()).ok(),
            ),
        ]));
        description.attribute("instructor.path", validator.path.as_str());
    }
    description.outputs = output(recording);
    description.optional("instructor.attempts", recording.attempt);
    description.optional(
        attribute::PROVIDER_NAME,
        recording
            .provider
            .as_deref()
            .map(conventions::provider_name),
    );
    description
}

fn output(recording: &Recording) -> Option<AnyValue> {
    let output = recording.output.as_ref()?;
    Some(AnyValue::from_json(output.as_bytes()))
}
