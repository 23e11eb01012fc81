//! The spans of a call apart from its requests: `create`, `validate`, `llm_validate`.

use instructor_core::trace::conventions::{self, attribute};

use super::description::{Description, Exception, broken};
use super::message;
use crate::record::Call;
use crate::wire::{AnyValue, KeyValue};

pub(super) fn create(call: &Call<'_>) -> Description {
    let mut description = Description::new("create", "CHAIN");
    if let Some(request) = &call.request {
        let response_model = &*request.response_model;
        description.name = format!("create {response_model}");
        description.inputs = Some(AnyValue::object([
            ("messages", Some(message::list(&request.messages))),
            ("model", Some((&*request.model).into())),
            ("response_model", Some(response_model.into())),
            ("mode", Some((&*request.mode).into())),
            ("temperature", request.temperature.map(AnyValue::from)),
            ("max_tokens", request.max_tokens.map(AnyValue::from)),
            ("max_retries", call.max_retries.map(AnyValue::from)),
        ]));
        description.request_preview = message::last_of_user(&request.messages);
        description.attribute("instructor.response_model", response_model);
        description.attribute("instructor.mode", &*request.mode);
        description.attribute(attribute::REQUEST_MODEL, &*request.model);
    }
    description.outputs = output(call);
    description.optional("instructor.max_retries", call.max_retries);
    description.optional("instructor.attempts", call.attempt);
    let is_streamed = call.is_streamed.then_some(true);
    description.optional(attribute::REQUEST_STREAM, is_streamed);
    description.optional(
        attribute::PROVIDER_NAME,
        call.provider.as_deref().map(conventions::provider_name),
    );
    description
}

pub(super) fn validate(call: &Call<'_>) -> Description {
    let mut description = Description::new("validate", "PARSER");
    description.inputs = call
        .payload
        .as_ref()
        .map(|payload| AnyValue::from_json(payload.as_bytes()));
    description.outputs = output(call);
    description.optional("instructor.attempt", call.attempt);
    let Some(errors) = broken(call) else {
        return description;
    };
    let mut listed = Vec::with_capacity(errors.list.len());
    for error in &errors.list {
        listed.push(AnyValue::object([
            ("path", Some((&*error.path).into())),
            ("code", Some((&*error.code).into())),
            ("message", Some((&*error.message).into())),
            ("input", error.input.as_deref().map(AnyValue::from)),
        ]));
        let mut attributes = vec![KeyValue::new("instructor.path", &*error.path)];
        if let Some(input) = &error.input {
            attributes.push(KeyValue::new("instructor.input", &**input));
        }
        description.exceptions.push(Exception {
            kind: error.code.to_string(),
            message: format!("{}: {}", error.path, error.message),
            attributes,
        });
    }
    description.attribute("instructor.errors", errors.list.len() as u64);
    description.attribute(attribute::ERROR_TYPE, conventions::VALIDATION);
    description.outputs = Some(AnyValue::object([(
        "errors",
        Some(AnyValue::array(listed)),
    )]));
    description
}

pub(super) fn llm_validate(call: &Call<'_>) -> Description {
    let mut description = Description::new("llm_validate", "CHAIN");
    if let Some(validator) = &call.validator {
        description.name = format!("llm_validate {}", validator.path);
        description.inputs = Some(AnyValue::object([
            ("validation_rule", Some((&*validator.statement).into())),
            (
                "candidate_value",
                Some(AnyValue::from_json(validator.value.as_bytes())),
            ),
        ]));
        description.attribute("instructor.path", &*validator.path);
    }
    description.outputs = output(call);
    description.optional("instructor.attempts", call.attempt);
    description.optional(
        attribute::PROVIDER_NAME,
        call.provider.as_deref().map(conventions::provider_name),
    );
    description
}

fn output(call: &Call<'_>) -> Option<AnyValue> {
    let output = call.output.as_ref()?;
    Some(AnyValue::from_json(output.as_bytes()))
}
