//! A frame in which nothing is left out.

use std::time::Duration;

use instructor_core::trace::{
    self, CHAT, Failure, LLM_VALIDATE, Recording, Server, VALIDATE, Validator,
};
use instructor_core::{
    Dollars, ErrorCode, Message, Mode, Part, Path, Request, ResponseModel as _, Role, ToolCall,
    ToolResult, Usage, ValidationError, ValidationErrors,
};
use instructor_derive::ResponseModel;
use serde_json::json;

use super::*;
use crate::fields::Fields;
use crate::notes::TraceState;
use crate::span::{FinishedSpan, SpanDetails, SpanEvent, SpanId, UserSpan};
use crate::span_type::SpanType;

/// A person.
#[derive(serde::Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
#[allow(dead_code)]
pub(super) struct Person {
    #[validate(length(max = 60))]
    #[llm_validate("It is a name.")]
    name: String,
    age: u8,
}

pub(super) fn trace_id() -> TraceId {
    TraceId::from_bytes([7; 16]).expect("it is not zero")
}

pub(super) fn span_id(number: u8) -> SpanId {
    SpanId::from_bytes([number; 8]).expect("it is not zero")
}

pub(super) fn request() -> Request {
    let calls = vec![
        Part::Text("Let me see.".into()),
        Part::Text("Found.".into()),
        Part::ToolCall(ToolCall::new("call-1", "Person", r#"{"name":"Ann"}"#)),
    ];
    let messages = vec![
        Message::system("Be brief."),
        Message::user("Ann is 34."),
        Message::new(Role::Assistant, calls),
        Message::tool_result(ToolResult::error("call-1", "age is missing")),
    ];
    let mut request = Request::new("gpt-4o", messages, Person::SCHEMA, Mode::Tools);
    request.temperature = Some(0.25);
    request.max_tokens = Some(300);
    request
}

pub(super) fn errors() -> ValidationErrors {
    let mut errors = ValidationErrors::new();
    let path = Path::ROOT;
    errors
        .push(ValidationError::new(&path, ErrorCode::Llm, "is no name").with_input(&json!("Änn")));
    errors.push(ValidationError::new(
        &path,
        ErrorCode::Length,
        "is too long",
    ));
    errors
}

/// Every field is set, whatever the kind of span.
pub(super) fn recording() -> Recording {
    let mut usage = Usage::new(150, 24);
    usage.cache_read_input_tokens = Some(100);
    usage.cache_creation_input_tokens = Some(20);
    usage.reasoning_output_tokens = Some(5);
    let mut cost = instructor_core::Cost::default();
    cost.input = Dollars::from_picodollars(375_000_000);
    cost.output = Dollars::from_picodollars(240_000_001);
    let mut failure = Failure::new("exhausted", "2 attempts failed");
    failure.status = Some(http::StatusCode::TOO_MANY_REQUESTS);
    failure.stopped_by = Some("repeated");

    let mut recording = Recording::default();
    recording.request = Some(Arc::new(request()));
    recording.provider = Some("openai-responses".into());
    recording.server = Some(Server::new("api.openai.com", 443));
    recording.dialect = Some("openai_responses");
    recording.wire_request = Some(r#"{"model":"gpt-4o","temperature":0.25}"#.into());
    recording.wire_response = Some(b"{\"id\":\"r-1\"}\xff\x00".as_slice().into());
    recording.response_model = Some("gpt-4o-2024-08-06".into());
    recording.usage = Some(usage);
    recording.cost = Some(cost);
    recording.output = Some(r#"{"is_valid":false,"reason":"It is none."}"#.into());
    recording.payload = Some(r#"{"name":"Änn"}"#.into());
    recording.errors = Some(Arc::new(errors()));
    recording.failure = Some(failure);
    recording.attempt = Some(2);
    recording.status = Some(429);
    recording.request_id = Some("req-1".into());
    recording.has_own_price = false;
    recording.transport_retries = Some(3);
    let mut limit = instructor_core::RateLimit::default();
    limit.requests.limit = Some(60);
    limit.requests.remaining = Some(59);
    limit.tokens.reset = Some(std::time::Duration::from_millis(1500));
    recording.rate_limit = Some(limit);
    recording.is_cached = true;
    recording.is_streamed = true;
    recording.time_to_first_token = Some(Duration::from_millis(250));
    recording.time_to_first_field = Some(Duration::from_micros(1_234_567));
    recording.is_stopped = true;
    recording.max_retries = Some(4);
    recording.validator = Some(Arc::new(Validator::new(
        "name".into(),
        "It is a name.",
        json!({"a": [1, -2.5, null, true, "x"]}),
    )));
    recording
}

pub(super) fn span(
    number: u8,
    parent: Option<u8>,
    metadata: &'static Metadata<'static>,
    content: crate::span::Content,
) -> FinishedSpan {
    FinishedSpan {
        id: span_id(number),
        parent: parent.map(span_id),
        started: 1_700_000_000_000_000_000 + u64::from(number),
        ended: 1_700_000_001_000_000_000 + u64::from(number),
        metadata,
        content,
    }
}

pub(super) fn call(number: u8, parent: u8, name: &str, recording: Recording) -> FinishedSpan {
    let content = crate::span::Content::Call(Box::new(recording));
    span(number, Some(parent), metadata(name), content)
}

/// A span of the user's that says everything. Its fields are recorded by `tracing`.
pub(super) fn user() -> UserSpan {
    UserSpan {
        fields: fields(),
        output: Some("Ok(\"done\")".into()),
        error: Some("it failed".into()),
        has_calls: true,
        details: Some(Box::new(SpanDetails {
            span_type: Some(SpanType::from("TRANSLATOR")),
            inputs: Some(r#"{"query":"parcel"}"#.into()),
            outputs: Some("[1,2]".into()),
            attributes: vec![("k".into(), "5".into())],
            events: vec![SpanEvent {
                name: "cache".into(),
                time: 1_700_000_000_500_000_000,
                attributes: r#"{"hit":true}"#.into(),
            }],
            error: Some("panicked".into()),
            place: Some(std::panic::Location::caller()),
        })),
    }
}

fn fields() -> Fields {
    #[derive(Debug, Default)]
    struct Reader(std::sync::Mutex<Fields>);

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for &'static Reader {
        fn on_new_span(
            &self,
            attributes: &tracing::span::Attributes<'_>,
            _: &tracing::Id,
            _: tracing_subscriber::layer::Context<'_, S>,
        ) {
            attributes.record(&mut *self.0.lock().expect("not poisoned"));
        }
    }

    use tracing_subscriber::layer::SubscriberExt as _;
    let reader: &'static Reader = Box::leak(Box::default());
    let subscriber = tracing_subscriber::registry().with(reader);
    tracing::subscriber::with_default(subscriber, || {
        info_span!(
            "user",
            truth = true,
            int = -5_i64,
            unsigned = u64::MAX,
            float = 2.5,
            text = "Änn",
            debug = ?["a", "b"],
            gen_ai.tool.name = "get_weather",
        );
    });
    let fields = reader.0.lock().expect("not poisoned");
    fields.clone()
}

/// Spans of each kind below a span of the user's, around which another one is open.
pub(crate) fn frame() -> Frame {
    let of_user = crate::filter::probe_metadata();
    let mut details = user();
    details.details = None;
    Frame {
        trace_id: trace_id(),
        spans: vec![
            call(5, 4, LLM_VALIDATE, recording()),
            call(4, 2, VALIDATE, recording()),
            call(3, 2, CHAT, recording()),
            call(2, 1, CREATE, recording()),
            span(6, Some(1), of_user, crate::span::Content::User(details)),
            span(1, Some(9), of_user, crate::span::Content::User(user())),
        ],
        usage: Some(Usage::new(300, 48)),
        notes: Some(Box::new(notes())),
        ancestors: vec![
            crate::span::Ancestor {
                id: span_id(9),
                parent: Some(span_id(10)),
                started: 1_600_000_000_000_000_000,
                name: "handle".into(),
                metadata: of_user,
                place: None,
                notes: None,
            },
            crate::span::Ancestor {
                id: span_id(10),
                parent: None,
                started: 1_500_000_000_000_000_000,
                name: String::from("serve 7").into(),
                metadata: of_user,
                place: Some(std::panic::Location::caller()),
                notes: Some(Box::new(notes())),
            },
        ],
    }
}

fn notes() -> TraceNotes {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    TraceNotes {
        tags: [pair("team", "growth")].into(),
        metadata: [pair("mlflow.modelId", "m-1")].into(),
        session: Some("s-1".into()),
        user: Some("ann".into()),
        client_request_id: Some("req-7".into()),
        request_preview: Some("asked".into()),
        response_preview: Some("answered".into()),
        state: Some(TraceState::Error),
    }
}

/// A call as most are, with about 2 KB of text: two messages, one answer, all right.
pub(crate) fn usual() -> Frame {
    let prompt = "Ann Example is 34 years old and lives in Bonn. ".repeat(10);
    let messages = vec![Message::system("Be brief."), Message::user(&prompt)];
    let request = Arc::new(Request::new(
        "gpt-4o",
        messages,
        Person::SCHEMA,
        Mode::Tools,
    ));
    let answer = r#"{"name":"Ann Example","age":34}"#;
    let wire = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}]});
    let reply =
        json!({"id": "r-1", "choices": [{"message": {"content": answer}}], "x": "y".repeat(300)});
    let mut chat = Recording::default();
    chat.request = Some(request.clone());
    chat.provider = Some("openai".into());
    chat.server = Some(Server::new("api.openai.com", 443));
    chat.dialect = Some("openai");
    chat.wire_request = Some(wire.to_string().into());
    chat.wire_response = Some(reply.to_string().into());
    chat.response_model = Some("gpt-4o-2024-08-06".into());
    chat.usage = Some(Usage::new(150, 24));
    chat.cost = Some(instructor_core::Cost::default());
    chat.attempt = Some(1);
    chat.status = Some(200);
    chat.request_id = Some("req-1".into());
    let mut validate = Recording::default();
    validate.attempt = Some(1);
    validate.payload = Some(answer.into());
    validate.output = Some(answer.into());
    let mut create = Recording::default();
    create.request = Some(request);
    create.provider = Some("openai".into());
    create.dialect = Some("openai");
    create.usage = chat.usage;
    create.output = Some(answer.into());
    create.attempt = Some(1);
    create.max_retries = Some(3);
    let root = crate::span::Content::Call(Box::new(create));
    Frame {
        trace_id: trace_id(),
        spans: vec![
            call(2, 1, CHAT, chat),
            call(3, 1, VALIDATE, validate),
            span(1, None, metadata(trace::CREATE), root),
        ],
        usage: Some(Usage::new(150, 24)),
        notes: None,
        ancestors: Vec::new(),
    }
}
