//! Sends the spans and the metrics of a call to an OpenTelemetry collector.
//!
//! ```sh
//! OPENAI_API_KEY=... OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 \
//!     cargo run --example opentelemetry --features opentelemetry
//! ```
//!
//! Without `OTEL_EXPORTER_OTLP_ENDPOINT` there is a collector inside of the example, and what it received is printed.
//! `INSTRUCTOR_MODEL` names another model, for example `anthropic/claude-sonnet-4-5`.

#[path = "opentelemetry/collector.rs"]
mod collector;

use std::error::Error;

use collector::{Collector, Received};
use instructor::prelude::*;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

/// A person mentioned in the text.
#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    /// The first name, as written in the text.
    #[validate(length(min = 1))]
    name: String,
    /// The age in years.
    #[validate(range(max = 130))]
    age: u8,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let inside = match std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT") {
        Some(_) => None,
        None => Some(Collector::start().await?),
    };
    let (tracers, meters) = providers(inside.as_ref())?;
    let spans = tracing_opentelemetry::layer().with_tracer(tracers.tracer("example"));
    tracing_subscriber::registry()
        // Without a filter the spans of the HTTP client would go to the collector as well, also those of the exporter itself.
        .with(spans.with_filter(LevelFilter::INFO))
        .with(instructor::opentelemetry::layer(&meters))
        .init();

    let outcome = ask().await;

    // The exporters block while they send what is left.
    tokio::task::spawn_blocking(move || {
        tracers.shutdown()?;
        meters.shutdown()
    })
    .await??;
    if let Some(collector) = inside {
        print(&collector.received());
    }
    println!("{:#?}", outcome?);
    Ok(())
}

async fn ask() -> instructor::Result<Person> {
    let model = std::env::var("INSTRUCTOR_MODEL").unwrap_or_else(|_| "openai/gpt-4o".to_owned());
    let client = Client::from_provider(&model)?;
    client.create("Jason is 25 years old.").await
}

/// Pipelines to `inside`, or else to where the environment says.
fn providers(
    inside: Option<&Collector>,
) -> Result<(SdkTracerProvider, SdkMeterProvider), Box<dyn Error>> {
    let mut spans = SpanExporter::builder().with_http();
    let mut metrics = MetricExporter::builder().with_http();
    if let Some(collector) = inside {
        spans = spans.with_endpoint(format!("{}/v1/traces", collector.url()));
        metrics = metrics.with_endpoint(format!("{}/v1/metrics", collector.url()));
    }
    let resource = Resource::builder().with_service_name("example").build();
    let tracers = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_batch_exporter(spans.build()?)
        .build();
    let meters = SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(PeriodicReader::builder(metrics.build()?).build())
        .build();
    Ok((tracers, meters))
}

fn print(received: &Received) {
    let mut spans: Vec<&Span> = received.spans.iter().collect();
    spans.sort_by_key(|span| span.start_time_unix_nano);
    for span in spans {
        println!("span {:?} ({})", span.name, span.kind().as_str_name());
        // `code.*` and `thread.*` are the layer's own.
        let is_shown = |attribute: &&KeyValue| {
            let key = &attribute.key;
            ["gen_ai.", "instructor.", "server.", "error."]
                .iter()
                .any(|start| key.starts_with(start))
        };
        for attribute in span.attributes.iter().filter(is_shown) {
            println!(
                "    {} = {}",
                attribute.key,
                shown(attribute.value.as_ref())
            );
        }
    }
    for (_, metric) in &received.metrics {
        for said in points(metric.data.as_ref()) {
            println!("metric {} [{}]: {said}", metric.name, metric.unit);
        }
    }
}

fn shown(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => format!("{text:?}"),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => format!("{number:?}"),
        Some(Value::BoolValue(value)) => value.to_string(),
        other => format!("{other:?}"),
    }
}

fn points(data: Option<&Data>) -> Vec<String> {
    match data {
        Some(Data::Sum(sum)) => sum
            .data_points
            .iter()
            .map(|point| match point.value {
                Some(number_data_point::Value::AsInt(value)) => value.to_string(),
                Some(number_data_point::Value::AsDouble(value)) => value.to_string(),
                None => "nothing".to_owned(),
            })
            .collect(),
        Some(Data::Histogram(histogram)) => histogram
            .data_points
            .iter()
            .map(|point| format!("{} times, sum {}", point.count, point.sum()))
            .collect(),
        _ => Vec::new(),
    }
}
