//! A tracking server that fails as it is told to, and knows what it has got.

use std::collections::{HashMap, HashSet};
use std::future;
use std::io::Read as _;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// How it answers while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mood {
    #[default]
    Well,
    /// 503 to everything.
    Unavailable,
    /// Never.
    Mute,
    /// Well, after 200 ms.
    Slow,
}

/// What it has got.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// Spans, and how often each has come.
    pub(crate) spans: HashMap<Vec<u8>, usize>,
    /// Traces that are complete.
    pub(crate) traces: HashSet<String>,
    pub(crate) refused: usize,
}

#[derive(Debug, Default)]
struct Inner {
    mood: Mutex<Mood>,
    /// The header that it wants to see.
    authorization: Mutex<Option<String>>,
    received: Mutex<Received>,
}

pub(crate) struct FaultyMlflow {
    port: u16,
    inner: Arc<Inner>,
    /// `None` while it is down.
    runtime: Option<Runtime>,
}

impl FaultyMlflow {
    /// A server that is down.
    pub(crate) fn down() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        FaultyMlflow {
            port: listener.local_addr().unwrap().port(),
            inner: Arc::default(),
            runtime: None,
        }
    }

    /// Starts it, and lets it be well.
    pub(crate) fn start(&mut self) {
        self.set(Mood::Well);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let app = Router::new()
            .fallback(answer)
            .with_state(self.inner.clone());
        let address = ("127.0.0.1", self.port);
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(address))
            .unwrap();
        runtime.spawn(async move { axum::serve(listener, app).await });
        self.runtime = Some(runtime);
    }

    /// Ends it with all its connections.
    pub(crate) fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.inner.mood.lock().unwrap() = mood;
    }

    pub(crate) fn require(&self, authorization: &str) {
        *self.inner.authorization.lock().unwrap() = Some(authorization.to_owned());
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&Received) -> T) -> T {
        look(&self.inner.received.lock().unwrap())
    }
}

async fn answer(State(inner): State<Arc<Inner>>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let mood = *inner.mood.lock().unwrap();
    match mood {
        Mood::Well => {}
        Mood::Unavailable => {
            inner.received.lock().unwrap().refused += 1;
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        Mood::Mute => future::pending().await,
        Mood::Slow => tokio::time::sleep(Duration::from_millis(200)).await,
    }
    let wanted = inner.authorization.lock().unwrap().clone();
    let given = head
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if wanted.is_some() && wanted.as_deref() != given {
        inner.received.lock().unwrap().refused += 1;
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let body = plain(&head.headers, &body);
    match head.uri.path() {
        "/version" => "3.17.2".into_response(),
        "/api/2.0/mlflow/experiments/get-by-name" => json!({"experiment": {"experiment_id": "7"}})
            .to_string()
            .into_response(),
        "/v1/traces" => {
            let request = ExportTraceServiceRequest::decode(&*body).unwrap();
            let mut received = inner.received.lock().unwrap();
            let spans = request
                .resource_spans
                .into_iter()
                .flat_map(|spans| spans.scope_spans);
            for span in spans.flat_map(|spans| spans.spans) {
                *received.spans.entry(span.span_id).or_default() += 1;
            }
            StatusCode::OK.into_response()
        }
        "/api/3.0/mlflow/traces" => {
            let info: Value = serde_json::from_slice(&body).unwrap();
            let id = info["trace"]["trace_info"]["trace_id"].as_str().unwrap();
            inner.received.lock().unwrap().traces.insert(id.to_owned());
            json!({"trace": {"trace_info": {"tags": {}}}})
                .to_string()
                .into_response()
        }
        path => panic!("nobody asks for {path}"),
    }
}

fn plain(headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding == "gzip" => {
            GzDecoder::new(body).read_to_end(&mut plain).unwrap();
        }
        _ => plain.extend_from_slice(body),
    }
    plain
}
