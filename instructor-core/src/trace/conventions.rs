//! The names of OpenTelemetry's conventions for generative AI: the one table of them.
//!
//! They are of version [`VERSION`] of [semantic-conventions-genai], in which every name that begins with `gen_ai.` is still in
//! development, so some will change. Names that begin with `instructor.` are this framework's own.
//!
//! [semantic-conventions-genai]: https://github.com/open-telemetry/semantic-conventions-genai

/// The version of the conventions.
pub const VERSION: &str = "0.1.0";

/// `gen_ai.operation.name` of every request.
pub const CHAT_OPERATION: &str = "chat";
/// `gen_ai.output.type` of every request.
pub const JSON_OUTPUT: &str = "json";
/// `error.type` of a span whose future was dropped before it was done.
pub const CANCELLED: &str = "cancelled";
/// `error.type` of a span whose answer failed validation.
pub const VALIDATION: &str = "validation";

/// Attributes of spans and metrics.
pub mod attribute {
    /// What is done; text.
    pub const OPERATION_NAME: &str = "gen_ai.operation.name";
    /// Who answers, as [`provider_name`](super::provider_name) says it; text.
    pub const PROVIDER_NAME: &str = "gen_ai.provider.name";
    /// What kind of content is asked for; text.
    pub const OUTPUT_TYPE: &str = "gen_ai.output.type";
    /// The model that is asked; text.
    pub const REQUEST_MODEL: &str = "gen_ai.request.model";
    /// The most tokens that the answer may have; integer.
    pub const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
    /// Whether the answer is asked for as a stream; boolean, and only there if it is.
    pub const REQUEST_STREAM: &str = "gen_ai.request.stream";
    /// The sampling temperature; floating point.
    pub const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
    /// The provider's id of the response; text.
    pub const RESPONSE_ID: &str = "gen_ai.response.id";
    /// The model that answered; text.
    pub const RESPONSE_MODEL: &str = "gen_ai.response.model";
    /// Why the model stopped, once for each answer of the response; an array of texts, or a text where there are no arrays.
    pub const RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
    /// From sending the request to the first word of the model, in seconds; floating point.
    pub const RESPONSE_TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
    /// What is counted: `text`, `image`...; text.
    pub const TOKEN_MODALITY: &str = "gen_ai.token.modality";
    /// All tokens of the prompt, cached ones included; integer.
    pub const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
    /// All tokens that the model wrote; integer.
    pub const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
    /// Tokens of the prompt that the provider had in its cache; integer.
    pub const CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
    /// Tokens of the prompt that the provider put into its cache; integer.
    pub const CACHE_WRITE_INPUT_TOKENS: &str = "gen_ai.usage.cache_write.input_tokens";
    /// Tokens that the model thought with; integer.
    pub const REASONING_OUTPUT_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";
    /// The host that is asked; text.
    pub const SERVER_ADDRESS: &str = "server.address";
    /// Its port; integer.
    pub const SERVER_PORT: &str = "server.port";
    /// Why it failed: an HTTP status, or [`Error::kind`](crate::Error::kind); text.
    pub const ERROR_TYPE: &str = "error.type";

    /// Name of the response model; text.
    pub const INSTRUCTOR_RESPONSE_MODEL: &str = "instructor.response_model";
    /// Number of the attempt, from 1; integer.
    pub const INSTRUCTOR_ATTEMPT: &str = "instructor.attempt";
    /// Attempts that were made; integer.
    pub const INSTRUCTOR_ATTEMPTS: &str = "instructor.attempts";
    /// Validation retries that are allowed; integer.
    pub const INSTRUCTOR_MAX_RETRIES: &str = "instructor.max_retries";
    /// How the model is made to answer in the shape of the response model; text.
    pub const INSTRUCTOR_MODE: &str = "instructor.mode";
    /// How often the request was sent again because of the transport or the provider's status; integer, and only there if it was.
    pub const INSTRUCTOR_TRANSPORT_RETRIES: &str = "instructor.transport_retries";
    /// How many requests the provider says are left until its limit resets; integer, and only there if it does.
    pub const INSTRUCTOR_REMAINING_REQUESTS: &str = "instructor.rate_limit.requests.remaining";
    /// How many tokens it says are left; integer, and only there if it does.
    pub const INSTRUCTOR_REMAINING_TOKENS: &str = "instructor.rate_limit.tokens.remaining";
    /// Whether nothing was sent, since the answer was known; boolean, and only there if so.
    pub const INSTRUCTOR_IS_CACHED: &str = "instructor.is_cached";
    /// Whether the connection was dropped, since the answer was known to be wrong; boolean, and only there if so.
    pub const INSTRUCTOR_IS_STOPPED: &str = "instructor.is_stopped";
    /// From sending the request to the first value that was whole, in seconds; floating point.
    pub const INSTRUCTOR_TIME_TO_FIRST_FIELD: &str = "instructor.time_to_first_field";
    /// How many faults the answer has; integer.
    pub const INSTRUCTOR_ERRORS: &str = "instructor.errors";
    /// Where the judged value stands in the answer; text.
    pub const INSTRUCTOR_PATH: &str = "instructor.path";
    /// The rule by which it is judged; text.
    pub const INSTRUCTOR_STATEMENT: &str = "instructor.statement";
    /// Tokens of the prompts of a whole call; integer. Not [`INPUT_TOKENS`], since who adds those up would count them twice.
    pub const INSTRUCTOR_INPUT_TOKENS: &str = "instructor.usage.input_tokens";
    /// Tokens that models wrote in a whole call; integer.
    pub const INSTRUCTOR_OUTPUT_TOKENS: &str = "instructor.usage.output_tokens";

    /// The name that `tracing-opentelemetry` gives the span, instead of that of its callsite.
    pub const OTEL_NAME: &str = "otel.name";
    /// The kind that it gives the span.
    pub const OTEL_KIND: &str = "otel.kind";
    /// The status that it gives the span.
    pub const OTEL_STATUS_CODE: &str = "otel.status_code";
}

/// Metrics, which the crate `instructor-opentelemetry` records.
pub mod metric {
    /// How long a request took, with its transport retries; histogram, seconds.
    pub const INFERENCE_DURATION: &str = "gen_ai.client.inference.duration";
    /// From sending a streamed request to the first word of the model; histogram, seconds.
    pub const INFERENCE_TIME_TO_FIRST_CHUNK: &str = "gen_ai.client.inference.time_to_first_chunk";
    /// Tokens of prompts; counter.
    pub const USAGE_INPUT_TOKENS: &str = "gen_ai.client.inference.usage.input_tokens";
    /// Tokens that models wrote; counter.
    pub const USAGE_OUTPUT_TOKENS: &str = "gen_ai.client.inference.usage.output_tokens";
    /// The part of the prompts that came out of caches; counter.
    pub const USAGE_CACHE_READ_INPUT_TOKENS: &str =
        "gen_ai.client.inference.usage.cache_read.input_tokens";
    /// The part of the prompts that went into caches; counter.
    pub const USAGE_CACHE_WRITE_INPUT_TOKENS: &str =
        "gen_ai.client.inference.usage.cache_write.input_tokens";
    /// The part of what models wrote that was thought; counter.
    pub const USAGE_REASONING_OUTPUT_TOKENS: &str =
        "gen_ai.client.inference.usage.reasoning.output_tokens";
    /// Tokens of the prompt of one request; histogram.
    pub const OPERATION_INPUT_TOKENS: &str = "gen_ai.client.inference.operation.input_tokens";
    /// Tokens that the model wrote for one request; histogram.
    pub const OPERATION_OUTPUT_TOKENS: &str = "gen_ai.client.inference.operation.output_tokens";

    /// How long a whole call took; histogram, seconds.
    pub const CREATE_DURATION: &str = "instructor.create.duration";
    /// Attempts of a whole call; histogram.
    pub const CREATE_ATTEMPTS: &str = "instructor.create.attempts";
    /// Answers that failed validation; counter.
    pub const VALIDATION_FAILURES: &str = "instructor.validation.failures";

    /// The buckets of everything that is measured in seconds.
    pub const SECONDS: [f64; 14] = [
        0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    ];
    /// The buckets of tokens.
    pub const TOKENS: [f64; 14] = [
        1.0,
        4.0,
        16.0,
        64.0,
        256.0,
        1024.0,
        4096.0,
        16384.0,
        65536.0,
        262_144.0,
        1_048_576.0,
        4_194_304.0,
        16_777_216.0,
        67_108_864.0,
    ];
}

/// What the conventions call a provider that has another name here. All others have their own name there, too.
const PROVIDER_NAMES: [(&str, &str); 14] = [
    ("openai-responses", "openai"),
    ("azure", "azure.ai.openai"),
    ("azure-openai", "azure.ai.openai"),
    ("bedrock", "aws.bedrock"),
    ("gemini", "gcp.gemini"),
    ("google", "gcp.gemini"),
    ("vertex", "gcp.vertex_ai"),
    ("vertexai", "gcp.vertex_ai"),
    ("vertex_ai", "gcp.vertex_ai"),
    ("mistral", "mistral_ai"),
    ("moonshot", "moonshot_ai"),
    ("watsonx", "ibm.watsonx.ai"),
    ("xai", "x_ai"),
    ("grok", "x_ai"),
];

/// What the conventions call the provider that has this [name](crate::Provider::name); a name that they do not know stays as it is.
///
/// ```
/// use instructor_core::trace::conventions::provider_name;
///
/// assert_eq!(provider_name("mistral"), "mistral_ai");
/// assert_eq!(provider_name("anthropic"), "anthropic");
/// assert_eq!(provider_name("my-own"), "my-own");
/// ```
pub fn provider_name(name: &str) -> &str {
    let known = PROVIDER_NAMES.iter().find(|(ours, _)| *ours == name);
    known.map_or(name, |(_, theirs)| theirs)
}
