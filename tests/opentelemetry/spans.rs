//! The spans through `tracing-opentelemetry`: their names, and the types of their attributes.

use std::collections::BTreeMap;

use opentelemetry::trace::{SpanKind, Status, TracerProvider as _};
use opentelemetry::{Array, StringValue, Value};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt;

use crate::calls;
use crate::server::Server;

/// What the SDK was told of the calls of this thread.
struct Seen {
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
    _guards: (tracing::Dispatch, DefaultGuard),
}

impl Seen {
    fn begin() -> Seen {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("test"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false);
        // Two dispatchers: with only one, `tracing` asks only the thread that comes to a span first, which may be another test's.
        let other = tracing::Dispatch::new(tracing_subscriber::registry());
        let subscriber = tracing_subscriber::registry().with(layer);
        Seen {
            exporter,
            provider,
            _guards: (other, tracing::subscriber::set_default(subscriber)),
        }
    }

    /// The spans in the order in which they were opened.
    fn spans(self) -> Vec<SpanData> {
        self.provider.force_flush().unwrap();
        let mut spans = self.exporter.get_finished_spans().unwrap();
        spans.sort_by_key(|span| span.start_time);
        spans
    }
}

type Attributes = BTreeMap<String, Value>;

/// The attributes, none of which may be there twice.
fn attributes(span: &SpanData) -> Attributes {
    let mut attributes = BTreeMap::new();
    for attribute in &span.attributes {
        let before = attributes.insert(attribute.key.to_string(), attribute.value.clone());
        assert_eq!(before, None, "{}", attribute.key);
    }
    attributes
}

fn expected<const N: usize>(attributes: [(&str, Value); N]) -> Attributes {
    attributes
        .map(|(key, value)| (key.to_owned(), value))
        .into()
}

fn text(text: &'static str) -> Value {
    text.into()
}

fn port(server: &Server) -> Value {
    let port = server.url().rsplit(':').next().unwrap();
    Value::I64(port.parse().unwrap())
}

fn names(spans: &[SpanData]) -> Vec<&str> {
    spans.iter().map(|span| &*span.name).collect()
}

#[tokio::test]
async fn a_request_is_an_inference_by_the_conventions() {
    let seen = Seen::begin();
    let server = calls::retried().await;
    let spans = seen.spans();
    let steps = ["chat gpt-4o", "validate", "chat gpt-4o", "validate"];
    assert_eq!(names(&spans), [&["create Person"][..], &steps].concat());
    let [create, wrong, invalid, right, valid] = &spans[..] else {
        panic!()
    };

    assert_eq!(right.span_kind, SpanKind::Client);
    assert_eq!(right.status, Status::Unset);
    assert_eq!(
        attributes(right),
        expected([
            ("gen_ai.operation.name", text("chat")),
            ("gen_ai.provider.name", text("openai")),
            ("gen_ai.output.type", text("json")),
            ("gen_ai.request.model", text("gpt-4o")),
            ("gen_ai.request.max_tokens", Value::I64(100)),
            ("gen_ai.request.temperature", Value::F64(0.5)),
            ("server.address", text("127.0.0.1")),
            ("server.port", port(&server)),
            ("gen_ai.response.id", text("chatcmpl-2")),
            ("gen_ai.response.model", text("gpt-4o-2024-08-06")),
            ("gen_ai.response.finish_reasons", text("tool_calls")),
            ("gen_ai.usage.input_tokens", Value::I64(200)),
            ("gen_ai.usage.output_tokens", Value::I64(40)),
            ("gen_ai.usage.cache_read.input_tokens", Value::I64(64)),
            ("gen_ai.usage.cache_write.input_tokens", Value::I64(32)),
            ("gen_ai.usage.reasoning.output_tokens", Value::I64(16)),
            ("instructor.attempt", Value::I64(2)),
            ("instructor.mode", text("tools")),
        ])
    );
    // The answer is wrong, the request was not.
    assert_eq!(wrong.status, Status::Unset);
    let wrong = attributes(wrong);
    assert_eq!(
        wrong["gen_ai.usage.cache_read.input_tokens"],
        Value::I64(64)
    );
    assert!(!wrong.contains_key("gen_ai.usage.reasoning.output_tokens"));

    assert_eq!(invalid.status, Status::error(""));
    assert_eq!(
        attributes(invalid),
        expected([
            ("instructor.attempt", Value::I64(1)),
            ("instructor.errors", Value::I64(1)),
            ("error.type", text("validation")),
        ])
    );
    assert_eq!(valid.status, Status::Unset);
    assert_eq!(create.span_kind, SpanKind::Internal);
    assert_eq!(create.status, Status::Unset);
    assert_eq!(
        attributes(create),
        expected([
            ("gen_ai.provider.name", text("openai")),
            ("gen_ai.request.model", text("gpt-4o")),
            ("instructor.response_model", text("Person")),
            ("instructor.max_retries", Value::I64(3)),
            ("instructor.attempts", Value::I64(2)),
            ("instructor.usage.input_tokens", Value::I64(350)),
            ("instructor.usage.output_tokens", Value::I64(64)),
        ])
    );
    for step in &spans[1..] {
        assert_eq!(step.parent_span_id, create.span_context.span_id());
    }
}

#[tokio::test]
async fn an_http_error_is_named_by_its_status_and_says_nothing_of_the_prompt() {
    let seen = Seen::begin();
    let _server = calls::refused().await;
    let spans = seen.spans();
    assert_eq!(names(&spans), ["create Person", "chat gpt-4o"]);
    for span in &spans {
        assert_eq!(span.status, Status::error(""));
        let attributes = attributes(span);
        assert_eq!(attributes["error.type"], text("429"));
        let said = attributes.keys();
        let unknown =
            |key: &&String| key.starts_with("gen_ai.response.") || key.starts_with("gen_ai.usage.");
        assert_eq!(said.filter(unknown).collect::<Vec<_>>(), [""; 0]);
    }
    assert!(!format!("{spans:?}").contains("Ann"));
}

#[tokio::test]
async fn a_streamed_request_says_when_the_first_word_came() {
    let seen = Seen::begin();
    let _server = calls::streamed().await;
    let spans = seen.spans();
    assert_eq!(names(&spans), ["create Person", "chat gpt-4o", "validate"]);
    let chat = attributes(&spans[1]);
    assert_eq!(chat["gen_ai.request.stream"], Value::Bool(true));
    let Value::F64(seconds) = chat["gen_ai.response.time_to_first_chunk"] else {
        panic!("{chat:?}")
    };
    assert!(seconds > 0.0);
    assert_eq!(chat["gen_ai.usage.input_tokens"], Value::I64(150));
}

#[tokio::test]
async fn a_call_that_is_dropped_is_cancelled() {
    let seen = Seen::begin();
    let _server = calls::dropped().await;
    let spans = seen.spans();
    assert_eq!(names(&spans), ["create Person", "chat gpt-4o"]);
    for span in &spans {
        assert_eq!(span.status, Status::error(""));
        assert_eq!(attributes(span)["error.type"], text("cancelled"));
    }
}

/// The limit that the guide names: if this fails, fields can carry arrays, and the guide is wrong.
#[test]
fn a_field_cannot_be_an_array() {
    let seen = Seen::begin();
    tracing::info_span!("span", list = ?["stop"], count = 1_u64);
    let span = attributes(&seen.spans()[0]);
    let array = Value::Array(Array::String(vec![StringValue::from("stop")]));
    assert_ne!(span["list"], array);
    assert_eq!(span["count"], text("1"), "unsigned numbers arrive as text");
}
