//! A collector that only remembers what it is sent: OTLP over HTTP, in protobuf.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;

/// A running collector. It ends with the runtime.
#[derive(Debug, Clone)]
pub(crate) struct Collector {
    url: String,
    received: Arc<Mutex<Received>>,
}

/// What was sent to a collector.
#[derive(Debug, Default, Clone)]
pub(crate) struct Received {
    pub(crate) spans: Vec<Span>,
    /// Each with the scope that it is of.
    pub(crate) metrics: Vec<(InstrumentationScope, Metric)>,
}

impl Collector {
    pub(crate) async fn start() -> io::Result<Collector> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let collector = Collector {
            url: format!("http://{}", listener.local_addr()?),
            received: Arc::default(),
        };
        let routes = Router::new()
            .route("/v1/traces", post(traces))
            .route("/v1/metrics", post(metrics))
            .with_state(collector.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(collector)
    }

    /// Where it listens, without a slash at its end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn received(&self) -> Received {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to what is no request of its kind. An empty body is the protobuf of "all is well".
type Answer = Result<(), (StatusCode, String)>;

async fn traces(State(collector): State<Collector>, body: Bytes) -> Answer {
    let request = ExportTraceServiceRequest::decode(body).map_err(|error| unreadable(&error))?;
    let scopes = request
        .resource_spans
        .into_iter()
        .flat_map(|resource| resource.scope_spans);
    collector
        .lock()
        .spans
        .extend(scopes.flat_map(|scope| scope.spans));
    Ok(())
}

async fn metrics(State(collector): State<Collector>, body: Bytes) -> Answer {
    let request = ExportMetricsServiceRequest::decode(body).map_err(|error| unreadable(&error))?;
    let scopes = request
        .resource_metrics
        .into_iter()
        .flat_map(|resource| resource.scope_metrics);
    let metrics = scopes.flat_map(|scope| {
        let of = scope.scope.unwrap_or_default();
        scope
            .metrics
            .into_iter()
            .map(move |metric| (of.clone(), metric))
    });
    collector.lock().metrics.extend(metrics);
    Ok(())
}

fn unreadable(error: &prost::DecodeError) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, error.to_string())
}
