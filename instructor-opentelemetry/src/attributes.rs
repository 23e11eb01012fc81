//! What a number is counted under.

use instructor_core::trace::conventions::{self, attribute};
use instructor_core::trace::{Failure, Recording};
use instructor_core::{Part, Request};
use opentelemetry::{KeyValue, StringValue};

/// The attributes of all metrics of one request.
pub(crate) fn of_request(recording: &Recording) -> Vec<KeyValue> {
    // Room for the modality or the error, too.
    let mut attributes = Vec::with_capacity(7);
    attributes.push(KeyValue::new(
        attribute::OPERATION_NAME,
        conventions::CHAT_OPERATION,
    ));
    asked(recording, &mut attributes);
    if let Some(model) = &recording.response_model {
        attributes.push(KeyValue::new(attribute::RESPONSE_MODEL, model.clone()));
    }
    if let Some(server) = &recording.server {
        let address = StringValue::from(server.address.clone());
        attributes.push(KeyValue::new(attribute::SERVER_ADDRESS, address));
        attributes.push(KeyValue::new(
            attribute::SERVER_PORT,
            i64::from(server.port),
        ));
    }
    attributes
}

/// The attributes of all metrics of a whole call, and of a wrong answer in it.
pub(crate) fn of_call(recording: &Recording) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(4);
    if let Some(request) = &recording.request {
        attributes.push(KeyValue::new(
            attribute::INSTRUCTOR_RESPONSE_MODEL,
            request.schema.name,
        ));
    }
    asked(recording, &mut attributes);
    attributes
}

/// Who was asked.
fn asked(recording: &Recording, attributes: &mut Vec<KeyValue>) {
    if let Some(provider) = &recording.provider {
        let name = conventions::provider_name(provider).to_owned();
        attributes.push(KeyValue::new(attribute::PROVIDER_NAME, name));
    }
    if let Some(request) = &recording.request {
        let model = StringValue::from(request.model.clone());
        attributes.push(KeyValue::new(attribute::REQUEST_MODEL, model));
    }
}

/// The same with the reason of the failure, if there is one.
pub(crate) fn with_error(
    mut attributes: Vec<KeyValue>,
    failure: Option<&Failure>,
) -> Vec<KeyValue> {
    if let Some(failure) = failure {
        let kind = failure.error_type().to_owned();
        attributes.push(KeyValue::new(attribute::ERROR_TYPE, kind));
    }
    attributes
}

/// The same with what was counted.
pub(crate) fn with_modality(attributes: &[KeyValue], modality: &'static str) -> Vec<KeyValue> {
    let modality = KeyValue::new(attribute::TOKEN_MODALITY, modality);
    attributes.iter().cloned().chain([modality]).collect()
}

/// What the tokens of a prompt are: text if it has nothing else. Providers do not say how many are of which kind.
pub(crate) fn modality_of_prompt(request: Option<&Request>) -> &'static str {
    let is_text = |part: &Part| {
        matches!(
            part,
            Part::Text(_) | Part::ToolCall(_) | Part::ToolResult(_)
        )
    };
    let is_known = request.is_some_and(|request| {
        let messages = request.messages.iter();
        messages.flat_map(|message| &message.parts).all(is_text)
    });
    if is_known { TEXT } else { UNKNOWN }
}

/// The modality of what a model writes here, which is JSON.
pub(crate) const TEXT: &str = "text";
/// The modality of tokens that nobody has counted, or that may be of more than one kind.
pub(crate) const UNKNOWN: &str = "unknown";
