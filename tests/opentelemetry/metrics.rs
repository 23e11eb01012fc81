//! What the layer records, read from the SDK's memory. Times are only counted.

use std::collections::BTreeMap;

use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt;

use crate::calls;
use crate::server::Server;

/// One point of a metric.
#[derive(Debug, Clone, PartialEq)]
struct Point {
    attributes: BTreeMap<String, String>,
    count: u64,
    /// `None` for times.
    sum: Option<u64>,
}

impl Point {
    fn has(&self, key: &str, value: &str) -> bool {
        self.attributes.get(key).is_some_and(|known| known == value)
    }
}

/// The metrics of the calls of this thread.
struct Counted {
    exporter: InMemoryMetricExporter,
    provider: SdkMeterProvider,
    _guards: (tracing::Dispatch, DefaultGuard),
}

fn pipeline() -> (InMemoryMetricExporter, SdkMeterProvider) {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(exporter.clone()).build())
        .build();
    (exporter, provider)
}

impl Counted {
    fn begin() -> Counted {
        let (exporter, provider) = pipeline();
        let layer = instructor::opentelemetry::layer(&provider);
        // See the tests of spans.
        let other = tracing::Dispatch::new(tracing_subscriber::registry());
        let subscriber = tracing_subscriber::registry().with(layer);
        Counted {
            exporter,
            provider,
            _guards: (other, tracing::subscriber::set_default(subscriber)),
        }
    }

    fn metrics(self) -> Metrics {
        self.provider.force_flush().unwrap();
        Metrics::read(&self.exporter.get_finished_metrics().unwrap())
    }
}

/// The points of each metric.
#[derive(Debug)]
struct Metrics(BTreeMap<String, Vec<Point>>);

impl Metrics {
    fn read(exported: &[ResourceMetrics]) -> Metrics {
        // Each export has all that was counted since the beginning.
        let scopes = exported
            .last()
            .into_iter()
            .flat_map(|last| last.scope_metrics());
        let metrics = scopes.flat_map(|scope| scope.metrics());
        Metrics(
            metrics
                .map(|metric| (metric.name().to_owned(), points(metric.data())))
                .collect(),
        )
    }

    fn points(&self, name: &str) -> &[Point] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The only point of the metric.
    fn point(&self, name: &str) -> &Point {
        let [point] = self.points(name) else {
            panic!("{name}: {:?}", self.points(name));
        };
        point
    }

    fn sum(&self, name: &str) -> u64 {
        self.points(name).iter().filter_map(|point| point.sum).sum()
    }
}

fn points(data: &AggregatedMetrics) -> Vec<Point> {
    fn attributes<'a>(
        attributes: impl Iterator<Item = &'a opentelemetry::KeyValue>,
    ) -> BTreeMap<String, String> {
        attributes
            .map(|attribute| (attribute.key.to_string(), attribute.value.to_string()))
            .collect()
    }
    match data {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => {
            assert!(sum.is_monotonic());
            sum.data_points()
                .map(|point| Point {
                    attributes: attributes(point.attributes()),
                    count: 1,
                    sum: Some(point.value()),
                })
                .collect()
        }
        AggregatedMetrics::U64(MetricData::Histogram(histogram)) => histogram
            .data_points()
            .map(|point| Point {
                attributes: attributes(point.attributes()),
                count: point.count(),
                sum: Some(point.sum()),
            })
            .collect(),
        AggregatedMetrics::F64(MetricData::Histogram(histogram)) => histogram
            .data_points()
            .map(|point| {
                assert_eq!(point.bounds().collect::<Vec<_>>(), SECONDS);
                Point {
                    attributes: attributes(point.attributes()),
                    count: point.count(),
                    sum: None,
                }
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

const SECONDS: [f64; 14] = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

const DURATION: &str = "gen_ai.client.inference.duration";
const FIRST_CHUNK: &str = "gen_ai.client.inference.time_to_first_chunk";
const INPUT: &str = "gen_ai.client.inference.usage.input_tokens";
const OUTPUT: &str = "gen_ai.client.inference.usage.output_tokens";
const REQUEST_INPUT: &str = "gen_ai.client.inference.operation.input_tokens";

fn common(server: &Server) -> BTreeMap<String, String> {
    let port = server.url().rsplit(':').next().unwrap();
    [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "gpt-4o"),
        ("gen_ai.response.model", "gpt-4o-2024-08-06"),
        ("server.address", "127.0.0.1"),
        ("server.port", port),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

#[tokio::test]
async fn tokens_of_all_attempts_are_counted_and_each_request_is_timed() {
    let counted = Counted::begin();
    let server = calls::retried().await;
    let metrics = counted.metrics();
    let common = common(&server);

    let duration = metrics.point(DURATION);
    assert_eq!((duration.count, &duration.attributes), (2, &common));
    assert_eq!(metrics.points(FIRST_CHUNK), []);
    let mut with_modality = common.clone();
    with_modality.insert("gen_ai.token.modality".into(), "text".into());
    let usage = "gen_ai.client.inference.usage";
    for (name, tokens) in [
        ("input_tokens", 350),
        ("output_tokens", 64),
        ("cache_read.input_tokens", 128),
        ("cache_write.input_tokens", 32),
        ("reasoning.output_tokens", 16),
    ] {
        let point = metrics.point(&format!("{usage}.{name}"));
        assert_eq!(
            (point.sum, &point.attributes),
            (Some(tokens), &with_modality)
        );
    }
    let operation = "gen_ai.client.inference.operation";
    for (name, tokens) in [("input_tokens", 350), ("output_tokens", 64)] {
        let point = metrics.point(&format!("{operation}.{name}"));
        let found = (point.count, point.sum, &point.attributes);
        assert_eq!(found, (2, Some(tokens), &common));
    }

    let call = metrics.point("instructor.create.duration");
    assert_eq!(call.count, 1);
    assert!(call.has("instructor.response_model", "Person"));
    assert!(call.has("gen_ai.request.model", "gpt-4o"));
    assert_eq!(metrics.point("instructor.create.attempts").sum, Some(2));
    let failures = metrics.point("instructor.validation.failures");
    assert_eq!(failures.sum, Some(1));
    assert_eq!(failures.attributes, call.attributes);
}

#[tokio::test]
async fn a_failed_request_is_timed_with_its_reason_and_counts_no_tokens() {
    let counted = Counted::begin();
    let _server = calls::refused().await;
    let metrics = counted.metrics();
    let duration = metrics.point(DURATION);
    assert_eq!(duration.count, 1);
    assert!(duration.has("error.type", "429"));
    // As the conventions have it: counted as nothing, and not part of the distribution.
    let input = metrics.point(INPUT);
    assert_eq!(input.sum, Some(0));
    assert!(input.has("gen_ai.token.modality", "unknown"));
    assert!(!input.attributes.contains_key("error.type"));
    assert_eq!(metrics.points(REQUEST_INPUT), []);
    assert!(
        metrics
            .point("instructor.create.duration")
            .has("error.type", "429")
    );
}

#[tokio::test]
async fn the_first_chunk_is_timed_for_streams_alone() {
    let counted = Counted::begin();
    let server = calls::streamed().await;
    calls::retried().await;
    let metrics = counted.metrics();
    let first = metrics.point(FIRST_CHUNK);
    assert_eq!((first.count, &first.attributes), (1, &common(&server)));
    assert_eq!((metrics.sum(INPUT), metrics.sum(OUTPUT)), (500, 88));
}

#[tokio::test]
async fn a_call_that_is_dropped_is_timed_as_cancelled() {
    let counted = Counted::begin();
    let _server = calls::dropped().await;
    let metrics = counted.metrics();
    assert!(metrics.point(DURATION).has("error.type", "cancelled"));
    let call = metrics.point("instructor.create.duration");
    assert!(call.has("error.type", "cancelled"));
}

/// A layer and its recording, whichever layer asked for it first.
#[cfg(feature = "mlflow")]
#[tokio::test]
async fn metrics_and_mlflow_share_what_is_recorded() {
    use std::sync::{Arc, Mutex};

    use instructor::mlflow::{Content, Frame, Sink, layer};
    use tracing_subscriber::Layer;

    #[derive(Debug, Default)]
    struct Frames(Mutex<Vec<Frame>>);

    impl Sink for Frames {
        fn accept(&self, frame: Frame) {
            self.0.lock().unwrap().push(frame);
        }
    }

    for mlflow_is_first in [true, false] {
        let (exporter, provider) = pipeline();
        let frames = Arc::new(Frames::default());
        let (mlflow, _guard) = layer()
            .sink(Arc::clone(&frames) as Arc<dyn Sink>)
            .build()
            .unwrap();
        let metrics = instructor::opentelemetry::layer(&provider);
        let layers: [Box<dyn Layer<_> + Send + Sync>; 2] = if mlflow_is_first {
            [mlflow.boxed(), metrics.boxed()]
        } else {
            [metrics.boxed(), mlflow.boxed()]
        };
        let subscriber = tracing_subscriber::registry().with(Vec::from(layers));
        let _default = tracing::subscriber::set_default(subscriber);
        calls::retried().await;

        provider.force_flush().unwrap();
        let metrics = Metrics::read(&exporter.get_finished_metrics().unwrap());
        assert_eq!((metrics.sum(INPUT), metrics.sum(OUTPUT)), (350, 64));
        let frames = frames.0.lock().unwrap();
        let root = frames[0].root().unwrap();
        let Content::Call(recording) = &root.content else {
            panic!("{root:?}")
        };
        assert!(recording.output.as_deref().unwrap().contains("34"));
        assert_eq!(frames[0].spans.len(), 5);
    }
}
