//! The span of one request to a provider.

use instructor_core::Usage;
use instructor_core::trace::conventions::{self, attribute};

use super::{Description, cost, token_usage};
use crate::record::{Call, Cost};
use crate::wire::{AnyValue, SpanKind};

/// Members of a request that are the conversation itself; all others are parameters.
const CONVERSATION: [&str; 3] = ["messages", "input", "system"];

pub(super) fn describe(call: &Call<'_>) -> Description {
    let request = call.wire_request.as_deref().map(AnyValue::from_json);
    let response = call.wire_response.as_deref().map(AnyValue::from_json);
    let asked = call
        .request
        .as_ref()
        .map(|request| &*request.model)
        .or_else(|| request.as_ref()?.get("model")?.as_str());
    // An error may hold members of the same names that say something else.
    let answer = response.as_ref().filter(|_| call.failure.is_none());
    let answered = call
        .answered_by
        .as_deref()
        .or_else(|| answer?.get("model")?.as_str());

    let mut description = Description::new("chat", "CHAT_MODEL");
    description.kind = SpanKind::Client;
    if let Some(model) = asked {
        description.name = format!("chat {model}");
    }
    description.optional("mlflow.llm.model", answered.or(asked));
    let vendor = call.provider.as_deref().map(vendor);
    description.optional("mlflow.llm.provider", vendor);
    description.optional(
        "mlflow.message.format",
        call.dialect.as_deref().map(message_format),
    );
    description.attribute(attribute::OPERATION_NAME, conventions::CHAT_OPERATION);
    description.attribute(attribute::OUTPUT_TYPE, conventions::JSON_OUTPUT);
    description.optional(
        attribute::PROVIDER_NAME,
        call.provider.as_deref().map(conventions::provider_name),
    );
    description.optional(attribute::REQUEST_MODEL, asked);
    if let Some(server) = &call.server {
        description.attribute(attribute::SERVER_ADDRESS, &*server.address);
        description.attribute(attribute::SERVER_PORT, u64::from(server.port));
    }
    description.optional(attribute::RESPONSE_MODEL, answered);
    if let Some(request) = &call.request {
        description.attribute("instructor.response_model", &*request.response_model);
        description.attribute("instructor.mode", &*request.mode);
    }
    description.optional("instructor.attempt", call.attempt);
    let status = call.status.map(u32::from);
    description.optional("http.response.status_code", status);
    description.optional("instructor.request_id", call.request_id.as_deref());
    let retries = call.transport_retries.filter(|retries| *retries > 0);
    description.optional("instructor.transport_retries", retries);
    if let Some(limit) = &call.rate_limit {
        for (key, window) in [
            ("instructor.rate_limit.requests", limit.requests),
            ("instructor.rate_limit.tokens", limit.tokens),
        ] {
            description.optional(&format!("{key}.limit"), window.limit);
            description.optional(&format!("{key}.remaining"), window.remaining);
            let reset = window.reset;
            description.optional(&format!("{key}.reset"), reset);
        }
    }
    let is_cached = call.is_cached.then_some(true);
    description.optional("instructor.is_cached", is_cached);
    let is_streamed = call.is_streamed.then_some(true);
    description.optional(attribute::REQUEST_STREAM, is_streamed);
    for (key, time) in [
        (
            attribute::RESPONSE_TIME_TO_FIRST_CHUNK,
            call.time_to_first_token,
        ),
        ("instructor.time_to_first_field", call.time_to_first_field),
    ] {
        description.optional(key, time);
    }
    let is_stopped = call.is_stopped.then_some(true);
    description.optional("instructor.is_stopped", is_stopped);
    if let Some(usage) = call.usage.map(Usage::from) {
        description.attribute("mlflow.chat.tokenUsage", token_usage(&usage));
        description.attribute(attribute::INPUT_TOKENS, usage.input_tokens);
        description.attribute(attribute::OUTPUT_TOKENS, usage.output_tokens);
        for (key, tokens) in [
            (
                attribute::CACHE_READ_INPUT_TOKENS,
                usage.cache_read_input_tokens,
            ),
            (
                attribute::CACHE_WRITE_INPUT_TOKENS,
                usage.cache_creation_input_tokens,
            ),
            (
                attribute::REASONING_OUTPUT_TOKENS,
                usage.reasoning_output_tokens,
            ),
        ] {
            description.optional(key, tokens);
        }
    }
    if let Some(known) = &call.cost {
        describe_cost(&mut description, known, call);
    }
    if let Some(request) = &request {
        describe_request(&mut description, request);
    }
    if let Some(response) = answer {
        let id = response.get("id").and_then(AnyValue::as_str);
        description.optional(attribute::RESPONSE_ID, id);
        let reasons = finish_reasons(response);
        description.optional(attribute::RESPONSE_FINISH_REASONS, reasons);
    }
    description.inputs = request;
    description.outputs = response;
    description
}

fn describe_request(description: &mut Description, request: &AnyValue) {
    let parameters = request
        .members()
        .iter()
        .filter(|member| !CONVERSATION.contains(&member.key.as_str()));
    for parameter in parameters {
        description.optional(&parameter.key, parameter.value.clone());
    }
    for (ours, theirs) in [
        (attribute::REQUEST_TEMPERATURE, "temperature"),
        (attribute::REQUEST_MAX_TOKENS, "max_tokens"),
        (attribute::REQUEST_MAX_TOKENS, "max_completion_tokens"),
        (attribute::REQUEST_MAX_TOKENS, "max_output_tokens"),
    ] {
        description.optional(ours, request.get(theirs).cloned());
    }
    let tools = request
        .get("tools")
        .map(AnyValue::items)
        .unwrap_or_default();
    if !tools.is_empty() {
        let tools = AnyValue::array(tools.iter().map(chat_tool));
        description.attribute("mlflow.chat.tools", tools);
    }
}

/// What the request cost, and whose prices say so. Without it MLflow looks for a price of its own.
fn describe_cost(description: &mut Description, known: &Cost<'_>, call: &Call<'_>) {
    if call.usage.is_none() {
        // It was free, since there was no answer.
        return;
    }
    description.attribute("mlflow.llm.cost", cost(&known.amount()));
    description.attribute("instructor.price.source", &*known.price_source);
    description.optional("instructor.price.date", known.price_date.as_deref());
}

/// Who is asked, in the names that MLflow has: OpenAI is one vendor, whatever wire it is asked over.
fn vendor(provider: &str) -> &str {
    match provider {
        "openai-responses" => "openai",
        other => other,
    }
}

/// The name under which MLflow (3.17) knows the messages of a dialect: both of OpenAI's have the same, as in its own autologging.
fn message_format(dialect: &str) -> &str {
    match dialect {
        "openai_responses" => "openai",
        other => other,
    }
}

/// A tool in the shape of the OpenAI chat wire, which is the one that MLflow shows.
fn chat_tool(tool: &AnyValue) -> AnyValue {
    // The Responses wire has what is inside of `function` beside the type.
    let schema = tool.get("input_schema").or_else(|| tool.get("parameters"));
    let Some(parameters) = schema else {
        return tool.clone();
    };
    let function = AnyValue::object([
        ("name", tool.get("name").cloned()),
        ("description", tool.get("description").cloned()),
        ("parameters", Some(parameters.clone())),
        ("strict", tool.get("strict").cloned()),
    ]);
    AnyValue::object([
        ("type", Some("function".into())),
        ("function", Some(function)),
    ])
}

/// Why the model stopped, once for each answer of the response.
fn finish_reasons(response: &AnyValue) -> Option<AnyValue> {
    let choices = response
        .get("choices")
        .map(AnyValue::items)
        .unwrap_or_default();
    // The Responses wire names a reason only for what is not complete.
    let incomplete = response
        .get("incomplete_details")
        .and_then(|details| details.get("reason"));
    let reasons: Vec<AnyValue> = choices
        .iter()
        .filter_map(|choice| choice.get("finish_reason"))
        .chain(response.get("stop_reason"))
        .chain(incomplete.or_else(|| response.get("status")))
        .cloned()
        .collect();
    (!reasons.is_empty()).then(|| AnyValue::array(reasons))
}
