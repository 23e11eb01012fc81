//! What goes over the wire to a collector.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, WithExportConfig};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::layer::SubscriberExt;

use crate::calls;
use crate::collector::Collector;

fn attribute<'a>(span: &'a Span, key: &str) -> Option<&'a Value> {
    let mut attributes = span.attributes.iter();
    let attribute = attributes.find(|attribute| attribute.key == key)?;
    attribute.value.as_ref()?.value.as_ref()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_typed_attributes_and_metrics_with_the_buckets_of_the_conventions() {
    let collector = Collector::start().await.unwrap();
    let spans = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", collector.url()))
        .build()
        .unwrap();
    let metrics = opentelemetry_otlp::MetricExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/metrics", collector.url()))
        .build()
        .unwrap();
    let tracers = SdkTracerProvider::builder()
        .with_batch_exporter(spans)
        .build();
    let meters = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(metrics).build())
        .build();
    let subscriber = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(tracers.tracer("test")))
        .with(instructor::opentelemetry::layer(&meters));
    // See the tests of spans.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let server = calls::retried().with_subscriber(subscriber).await;
    tokio::task::spawn_blocking(move || {
        tracers.shutdown().unwrap();
        meters.shutdown().unwrap();
    })
    .await
    .unwrap();

    let received = collector.received();
    let chats: Vec<&Span> = received
        .spans
        .iter()
        .filter(|span| span.name == "chat gpt-4o")
        .collect();
    assert_eq!(chats.len(), 2, "{:?}", received.spans);
    let right = chats[1];
    assert_eq!(right.kind(), SpanKind::Client);
    let port = server.url().rsplit(':').next().unwrap().parse().unwrap();
    for (key, value) in [
        ("gen_ai.usage.input_tokens", Value::IntValue(200)),
        ("gen_ai.usage.reasoning.output_tokens", Value::IntValue(16)),
        ("gen_ai.request.temperature", Value::DoubleValue(0.5)),
        ("gen_ai.request.model", Value::StringValue("gpt-4o".into())),
        ("server.port", Value::IntValue(port)),
    ] {
        assert_eq!(attribute(right, key), Some(&value), "{key}");
    }
    let root = received
        .spans
        .iter()
        .find(|span| span.name == "create Person");
    let root = root.unwrap();
    assert!(root.parent_span_id.is_empty());
    assert!(chats.iter().all(|chat| chat.parent_span_id == root.span_id));

    let data = |name: &str| {
        let (scope, metric) = received
            .metrics
            .iter()
            .find(|(_, metric)| metric.name == name)
            .unwrap();
        assert_eq!(scope.name, "instructor");
        (metric.unit.as_str(), metric.data.as_ref().unwrap())
    };
    let ("s", Data::Histogram(durations)) = data("gen_ai.client.inference.duration") else {
        panic!("{:?}", received.metrics)
    };
    let [durations] = &durations.data_points[..] else {
        panic!("{durations:?}")
    };
    assert_eq!(durations.count, 2);
    assert_eq!(durations.explicit_bounds.first(), Some(&0.01));
    assert_eq!(durations.explicit_bounds.last(), Some(&81.92));
    let (unit, Data::Histogram(tokens)) = data("gen_ai.client.inference.operation.input_tokens")
    else {
        panic!("{:?}", received.metrics)
    };
    assert_eq!(unit, "{token}");
    assert_eq!(
        tokens.data_points[0].explicit_bounds.last(),
        Some(&67_108_864.0)
    );
    assert_eq!(tokens.data_points[0].sum, Some(350.0));
}
