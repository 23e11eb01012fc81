//! The spans themselves, and what is said on them.

use std::sync::Arc;
use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use super::conventions::{self, attribute};
use super::{Failure, TARGET, record};
use crate::attempt::Attempt;
use crate::client::Client;
use crate::error::Error;
use crate::outcome::{Answer, Rejected};
use crate::response::Usage;

/// The status of spans that failed. What went wrong is not said in words, which may quote prompts and answers: spans are seen in logs.
const ERROR: &str = "ERROR";

/// The span of a whole call. Every field is declared here, since `record` on an undeclared field does nothing.
///
/// Numbers are `i64` wherever they are whole: `tracing-opentelemetry` makes texts of all others.
pub(crate) fn create_span(
    response_model: &str,
    model: &str,
    provider: &str,
    max_retries: u32,
) -> Span {
    tracing::info_span!(
        target: TARGET,
        "create",
        { attribute::OTEL_NAME } = format_args!("create {response_model}"),
        { attribute::OTEL_STATUS_CODE } = Empty,
        { attribute::INSTRUCTOR_RESPONSE_MODEL } = response_model,
        { attribute::INSTRUCTOR_MAX_RETRIES } = i64::from(max_retries),
        { attribute::INSTRUCTOR_ATTEMPTS } = Empty,
        { attribute::INSTRUCTOR_INPUT_TOKENS } = Empty,
        { attribute::INSTRUCTOR_OUTPUT_TOKENS } = Empty,
        { attribute::PROVIDER_NAME } = conventions::provider_name(provider),
        { attribute::REQUEST_MODEL } = model,
        { attribute::ERROR_TYPE } = Empty,
    )
}

/// The span of one LLM validator.
pub(crate) fn llm_validate_span(path: &str, statement: &str, model: &str, provider: &str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "llm_validate",
        { attribute::OTEL_NAME } = format_args!("llm_validate {path}"),
        { attribute::OTEL_STATUS_CODE } = Empty,
        { attribute::INSTRUCTOR_PATH } = path,
        { attribute::INSTRUCTOR_STATEMENT } = statement,
        { attribute::INSTRUCTOR_ATTEMPTS } = Empty,
        { attribute::INSTRUCTOR_INPUT_TOKENS } = Empty,
        { attribute::INSTRUCTOR_OUTPUT_TOKENS } = Empty,
        { attribute::PROVIDER_NAME } = conventions::provider_name(provider),
        { attribute::REQUEST_MODEL } = model,
        { attribute::ERROR_TYPE } = Empty,
    )
}

/// The span of one request to the provider: what the conventions call an inference.
pub(crate) fn chat_span(client: &Client, attempt: &Attempt) -> Span {
    let request = &*attempt.request;
    let server = client.server();
    tracing::info_span!(
        target: TARGET,
        "chat",
        { attribute::OTEL_NAME } = format_args!("chat {}", request.model),
        { attribute::OTEL_KIND } = "client",
        { attribute::OTEL_STATUS_CODE } = Empty,
        { attribute::INSTRUCTOR_ATTEMPT } = i64::from(attempt.number),
        { attribute::INSTRUCTOR_MODE } = request.mode.as_str(),
        { attribute::INSTRUCTOR_TRANSPORT_RETRIES } = Empty,
        { attribute::INSTRUCTOR_TIME_TO_FIRST_FIELD } = Empty,
        { attribute::INSTRUCTOR_REMAINING_REQUESTS } = Empty,
        { attribute::INSTRUCTOR_REMAINING_TOKENS } = Empty,
        { attribute::INSTRUCTOR_IS_CACHED } = Empty,
        { attribute::INSTRUCTOR_IS_STOPPED } = Empty,
        { attribute::OPERATION_NAME } = conventions::CHAT_OPERATION,
        { attribute::PROVIDER_NAME } = conventions::provider_name(&client.provider().name),
        { attribute::OUTPUT_TYPE } = conventions::JSON_OUTPUT,
        { attribute::REQUEST_MODEL } = &*request.model,
        { attribute::REQUEST_MAX_TOKENS } = request.max_tokens.map(i64::from),
        { attribute::REQUEST_STREAM } = request.is_streamed.then_some(true),
        { attribute::REQUEST_TEMPERATURE } = request.temperature,
        { attribute::SERVER_ADDRESS } = &*server.address,
        { attribute::SERVER_PORT } = i64::from(server.port),
        { attribute::RESPONSE_ID } = Empty,
        { attribute::RESPONSE_MODEL } = Empty,
        { attribute::RESPONSE_FINISH_REASONS } = Empty,
        { attribute::RESPONSE_TIME_TO_FIRST_CHUNK } = Empty,
        { attribute::INPUT_TOKENS } = Empty,
        { attribute::OUTPUT_TOKENS } = Empty,
        { attribute::CACHE_READ_INPUT_TOKENS } = Empty,
        { attribute::CACHE_WRITE_INPUT_TOKENS } = Empty,
        { attribute::REASONING_OUTPUT_TOKENS } = Empty,
        { attribute::ERROR_TYPE } = Empty,
    )
}

/// The span of parsing and checking one answer.
pub(crate) fn validate_span(attempt: u32) -> Span {
    tracing::info_span!(
        target: TARGET,
        "validate",
        { attribute::OTEL_STATUS_CODE } = Empty,
        { attribute::INSTRUCTOR_ATTEMPT } = i64::from(attempt),
        { attribute::INSTRUCTOR_ERRORS } = Empty,
        { attribute::ERROR_TYPE } = Empty,
    )
}

/// Says on a `chat` span what is sent: before it is, since the span of a request that hangs is the one that people look at.
pub(crate) fn chat_started(span: &Span, client: &Client, attempt: &Attempt) {
    let provider = client.provider();
    record(span, |recording| {
        recording.request = Some(Arc::clone(&attempt.request));
        recording.provider = Some(provider.name.clone());
        recording.server = Some(client.server().clone());
        recording.dialect = Some(provider.codec.dialect());
        recording.attempt = Some(attempt.number);
        recording.wire_request = Some(attempt.wire_request.clone());
        recording.is_streamed = attempt.request.is_streamed;
    });
}

/// Says on a `chat` span what came back.
pub(crate) fn chat_finished(span: &Span, attempt: &Attempt, outcome: &Result<(), Error>) {
    let response = attempt.response.as_ref();
    record(span, |recording| {
        recording.transport_retries = Some(attempt.transport_retries);
        recording.is_cached = attempt.is_cached;
        recording.time_to_first_token = attempt.time_to_first_token;
        recording.time_to_first_field = attempt.time_to_first_field;
        recording.is_stopped = attempt.is_stopped;
        recording.wire_response.clone_from(&attempt.wire_response);
        recording.response_model = response.and_then(|response| response.model.clone());
        recording.usage = response.and_then(|response| response.usage);
        recording.cost = attempt.answer_cost();
        recording.status = attempt.status.map(|status| status.as_u16());
        recording.request_id = attempt.request_id().map(str::to_owned);
        recording.rate_limit = attempt.rate_limit;
        recording.has_own_price = attempt.has_own_price();
        recording.failure = outcome.as_ref().err().map(Failure::from);
    });
    let seconds = |time: Duration| time.as_secs_f64();
    span.record(
        attribute::RESPONSE_TIME_TO_FIRST_CHUNK,
        attempt.time_to_first_token.map(seconds),
    );
    span.record(
        attribute::INSTRUCTOR_TIME_TO_FIRST_FIELD,
        attempt.time_to_first_field.map(seconds),
    );
    if attempt.transport_retries > 0 {
        let retries = i64::from(attempt.transport_retries);
        span.record(attribute::INSTRUCTOR_TRANSPORT_RETRIES, retries);
    }
    if let Some(limit) = &attempt.rate_limit {
        let requests = limit.requests.remaining.map(whole);
        span.record(attribute::INSTRUCTOR_REMAINING_REQUESTS, requests);
        let tokens = limit.tokens.remaining.map(whole);
        span.record(attribute::INSTRUCTOR_REMAINING_TOKENS, tokens);
    }
    if attempt.is_cached {
        span.record(attribute::INSTRUCTOR_IS_CACHED, true);
    }
    if attempt.is_stopped {
        span.record(attribute::INSTRUCTOR_IS_STOPPED, true);
    }
    if let Some(response) = response {
        if let Some(usage) = &response.usage {
            usage_known(span, usage);
        }
        if let Some(model) = &response.model {
            span.record(attribute::RESPONSE_MODEL, model.as_str());
        }
        if let Some(id) = &response.id {
            span.record(attribute::RESPONSE_ID, id.as_str());
        }
        let is_cut = outcome.is_err() || attempt.is_stopped;
        let reason = match &response.finish_reason {
            Some(reason) => Some(reason.as_str()),
            // What the conventions want if a reason was to come and did not.
            None => is_cut.then_some("error"),
        };
        span.record(attribute::RESPONSE_FINISH_REASONS, reason);
    }
    if let Err(error) = outcome {
        failed(span, error);
    }
}

/// Parts of the usage that the provider does not name are not named.
fn usage_known(span: &Span, usage: &Usage) {
    span.record(attribute::INPUT_TOKENS, whole(usage.input_tokens));
    span.record(attribute::OUTPUT_TOKENS, whole(usage.output_tokens));
    for (name, tokens) in [
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
        span.record(name, tokens.map(whole));
    }
}

/// Says on a `validate` span what the check found.
pub(crate) fn validate_finished<T>(
    span: &Span,
    attempt: u32,
    outcome: &Result<Answer<T>, Rejected>,
) {
    record(span, |recording| {
        recording.attempt = Some(attempt);
        match outcome {
            Ok(answer) => recording.output.clone_from(&answer.output),
            Err(Rejected::Invalid(errors)) => recording.errors = Some(Arc::new(errors.clone())),
            Err(Rejected::Failed(error)) => recording.failure = Some(Failure::from(&**error)),
        }
    });
    match outcome {
        Ok(_) => {}
        Err(Rejected::Invalid(errors)) => {
            span.record(attribute::INSTRUCTOR_ERRORS, whole(errors.len() as u64));
            failed_as(span, conventions::VALIDATION);
        }
        Err(Rejected::Failed(error)) => failed(span, error),
    }
}

/// Says on the span of a whole call how it ended.
pub(crate) fn call_finished(span: &Span, attempts: usize, usage: Usage, error: Option<&Error>) {
    span.record(attribute::INSTRUCTOR_ATTEMPTS, whole(attempts as u64));
    span.record(
        attribute::INSTRUCTOR_INPUT_TOKENS,
        whole(usage.input_tokens),
    );
    span.record(
        attribute::INSTRUCTOR_OUTPUT_TOKENS,
        whole(usage.output_tokens),
    );
    if let Some(error) = error {
        failed(span, error);
    }
}

fn failed(span: &Span, error: &Error) {
    match error.status() {
        Some(status) => failed_as(span, status.as_str()),
        None => failed_as(span, error.kind()),
    }
}

fn failed_as(span: &Span, error_type: &str) {
    span.record(attribute::ERROR_TYPE, error_type);
    span.record(attribute::OTEL_STATUS_CODE, ERROR);
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A step whose outcome is not known yet. If it is dropped before it [has one](Unfinished::finish), its span says that it was cancelled.
pub(crate) struct Unfinished<'a>(Option<&'a Span>);

impl<'a> Unfinished<'a> {
    pub(crate) fn new(span: &'a Span) -> Self {
        Unfinished(Some(span).filter(|span| !span.is_disabled()))
    }

    pub(crate) fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(span) = self.0 {
            record(span, |recording| {
                let message = "cancelled: the call was dropped before it was done";
                recording.failure = Some(Failure::new(conventions::CANCELLED, message));
            });
            failed_as(span, conventions::CANCELLED);
        }
    }
}
