//! The instruments, and which of them a span is recorded with.

use std::time::Duration;

use instructor_core::trace::Recording;
use instructor_core::trace::conventions::metric;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use crate::attributes;

/// All instruments of a meter.
#[derive(Debug)]
pub(crate) struct Instruments {
    duration: Histogram<f64>,
    time_to_first_chunk: Histogram<f64>,
    input_tokens: Counter<u64>,
    output_tokens: Counter<u64>,
    cache_read_input_tokens: Counter<u64>,
    cache_write_input_tokens: Counter<u64>,
    reasoning_output_tokens: Counter<u64>,
    request_input_tokens: Histogram<u64>,
    request_output_tokens: Histogram<u64>,
    create_duration: Histogram<f64>,
    create_attempts: Histogram<u64>,
    validation_failures: Counter<u64>,
}

/// The buckets of attempts: few calls need more than the four that are made by default.
const ATTEMPTS: [f64; 7] = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0];

impl Instruments {
    pub(crate) fn new(meter: &Meter) -> Self {
        let seconds = |name, description| {
            meter
                .f64_histogram(name)
                .with_unit("s")
                .with_description(description)
                .with_boundaries(metric::SECONDS.to_vec())
                .build()
        };
        let counts = |name, unit, description, boundaries: &[f64]| {
            meter
                .u64_histogram(name)
                .with_unit(unit)
                .with_description(description)
                .with_boundaries(boundaries.to_vec())
                .build()
        };
        let counter = |name, unit, description| {
            meter
                .u64_counter(name)
                .with_unit(unit)
                .with_description(description)
                .build()
        };
        const TOKEN: &str = "{token}";
        Instruments {
            duration: seconds(
                metric::INFERENCE_DURATION,
                "How long a request to a model took, with its transport retries.",
            ),
            time_to_first_chunk: seconds(
                metric::INFERENCE_TIME_TO_FIRST_CHUNK,
                "From sending a streamed request to the first word of the model.",
            ),
            input_tokens: counter(
                metric::USAGE_INPUT_TOKENS,
                TOKEN,
                "Tokens of prompts, cached ones included.",
            ),
            output_tokens: counter(
                metric::USAGE_OUTPUT_TOKENS,
                TOKEN,
                "Tokens that models wrote, thoughts included.",
            ),
            cache_read_input_tokens: counter(
                metric::USAGE_CACHE_READ_INPUT_TOKENS,
                TOKEN,
                "Tokens of prompts that providers had in their caches.",
            ),
            cache_write_input_tokens: counter(
                metric::USAGE_CACHE_WRITE_INPUT_TOKENS,
                TOKEN,
                "Tokens of prompts that providers put into their caches.",
            ),
            reasoning_output_tokens: counter(
                metric::USAGE_REASONING_OUTPUT_TOKENS,
                TOKEN,
                "Tokens that models thought with.",
            ),
            request_input_tokens: counts(
                metric::OPERATION_INPUT_TOKENS,
                TOKEN,
                "Tokens of the prompt of one request.",
                &metric::TOKENS,
            ),
            request_output_tokens: counts(
                metric::OPERATION_OUTPUT_TOKENS,
                TOKEN,
                "Tokens that the model wrote for one request.",
                &metric::TOKENS,
            ),
            create_duration: seconds(
                metric::CREATE_DURATION,
                "How long a call took, from the first attempt to its value or error.",
            ),
            create_attempts: counts(
                metric::CREATE_ATTEMPTS,
                "{attempt}",
                "Attempts of a call.",
                &ATTEMPTS,
            ),
            validation_failures: counter(
                metric::VALIDATION_FAILURES,
                "{answer}",
                "Answers that failed validation.",
            ),
        }
    }

    /// One request. What the client's own cache answered is none.
    pub(crate) fn request(&self, recording: &Recording, took: Duration) {
        if recording.is_cached {
            return;
        }
        let failure = recording.failure.as_ref();
        let attributes = attributes::of_request(recording);
        if let Some(time) = recording.time_to_first_token {
            let seconds = time.as_secs_f64();
            self.time_to_first_chunk.record(seconds, &attributes);
        }
        self.tokens(recording, &attributes);
        let attributes = attributes::with_error(attributes, failure);
        self.duration.record(took.as_secs_f64(), &attributes);
    }

    /// The counters hold failed requests too, the histograms only the others: so the conventions say.
    fn tokens(&self, recording: &Recording, attributes: &[opentelemetry::KeyValue]) {
        let Some(usage) = &recording.usage else {
            let unknown = attributes::with_modality(attributes, attributes::UNKNOWN);
            self.input_tokens.add(0, &unknown);
            self.output_tokens.add(0, &unknown);
            return;
        };
        let prompt = attributes::modality_of_prompt(recording.request.as_deref());
        let prompt = attributes::with_modality(attributes, prompt);
        let answer = attributes::with_modality(attributes, attributes::TEXT);
        self.input_tokens.add(usage.input_tokens, &prompt);
        self.output_tokens.add(usage.output_tokens, &answer);
        for (counter, tokens, attributes) in [
            (
                &self.cache_read_input_tokens,
                usage.cache_read_input_tokens,
                &prompt,
            ),
            (
                &self.cache_write_input_tokens,
                usage.cache_creation_input_tokens,
                &prompt,
            ),
            (
                &self.reasoning_output_tokens,
                usage.reasoning_output_tokens,
                &answer,
            ),
        ] {
            if let Some(tokens) = tokens.filter(|tokens| *tokens > 0) {
                counter.add(tokens, attributes);
            }
        }
        if recording.failure.is_none() {
            self.request_input_tokens
                .record(usage.input_tokens, attributes);
            self.request_output_tokens
                .record(usage.output_tokens, attributes);
        }
    }

    /// A whole call.
    pub(crate) fn call(&self, recording: &Recording, took: Duration) {
        let attributes = attributes::of_call(recording);
        let attributes = attributes::with_error(attributes, recording.failure.as_ref());
        self.create_duration.record(took.as_secs_f64(), &attributes);
        if let Some(attempts) = recording.attempt {
            self.create_attempts
                .record(u64::from(attempts), &attributes);
        }
    }

    /// A wrong answer in a call.
    pub(crate) fn wrong_answer(&self, call: &Recording) {
        self.validation_failures.add(1, &attributes::of_call(call));
    }
}
