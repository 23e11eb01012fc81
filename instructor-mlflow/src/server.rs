//! The endpoints of an MLflow server, and what their answers mean.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use prost::Message;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::{Deserialize, Serialize};

use crate::config::{Destination, Experiment};
use crate::trace_info::TraceInfo;
use crate::wire::{
    ExportTraceServiceRequest, InstrumentationScope, KeyValue, Resource, ResourceSpans, ScopeSpans,
};

/// The first version whose OpenTelemetry endpoint stores spans that can be read again.
const FIRST_VERSION: (u32, u32) = (3, 6);

/// How many traces are completed at the same time.
const CONCURRENT_INFOS: usize = 8;

/// Connecting to a server that is there takes milliseconds. An address where nothing answers keeps a flush for so long.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a request did not succeed, by what to do next.
#[derive(Debug, Clone)]
pub(crate) enum Obstacle {
    /// No server, or none that can work now: try again, for as long as it takes.
    Unavailable {
        reason: String,
        retry_after: Option<Duration>,
    },
    /// An internal error: try again a few times.
    Internal(String),
    /// The credentials do not suffice.
    Unauthorized(StatusCode),
    /// The server has no usable OpenTelemetry endpoint.
    Unsupported(String),
    /// The experiment can neither be used nor created: it concerns every trace, until somebody changes that.
    Experiment(String),
    /// The request is wrong and will stay so.
    Rejected(String),
}

/// A server, and what was learned about it.
#[derive(Debug)]
pub(crate) struct Server {
    destination: Arc<Destination>,
    client: Client,
    checked: bool,
    experiment_id: Option<String>,
}

impl Server {
    /// Connects to nothing yet.
    pub(crate) fn new(destination: Arc<Destination>) -> Result<Server, Obstacle> {
        let client = Client::builder()
            .timeout(destination.timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            .tls_danger_accept_invalid_certs(destination.insecure_tls)
            .user_agent(concat!("instructor-mlflow/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Obstacle::Rejected(reasons(&error)))?;
        Ok(Server {
            destination,
            client,
            checked: false,
            experiment_id: None,
        })
    }

    pub(crate) fn destination(&self) -> &Arc<Destination> {
        &self.destination
    }

    /// Makes sure that the server is there and can take traces; asks once, and again after it was away.
    pub(crate) async fn check(&mut self) -> Result<(), Obstacle> {
        if !self.checked {
            self.check_version().await?;
            self.checked = true;
        }
        Ok(())
    }

    /// The server was away: it may come back as another one.
    pub(crate) fn lost(&mut self) {
        self.checked = false;
    }

    /// The number of the experiment; asks once.
    async fn experiment_id(&mut self) -> Result<String, Obstacle> {
        if let Some(id) = &self.experiment_id {
            return Ok(id.clone());
        }
        let id = match &self.destination.experiment {
            Experiment::Id(id) => id.clone(),
            Experiment::Name(name) => self.find_or_create(name).await?,
        };
        self.experiment_id = Some(id.clone());
        Ok(id)
    }

    /// `GET /version` answers plain text such as `3.17.2`. A proxy may hide it; then the traces endpoint itself tells.
    async fn check_version(&self) -> Result<(), Obstacle> {
        let response = match self.send(self.get("version")).await {
            Ok(text) => text,
            Err(Obstacle::Rejected(_)) => return Ok(()),
            Err(obstacle) => return Err(obstacle),
        };
        match parse_version(&response) {
            Some(version) if version < FIRST_VERSION => Err(Obstacle::Unsupported(format!(
                "it is MLflow {}",
                response.trim()
            ))),
            _ => Ok(()),
        }
    }

    async fn find_or_create(&self, name: &str) -> Result<String, Obstacle> {
        if let Some(id) = self.find(name).await? {
            return Ok(id);
        }
        #[derive(Serialize)]
        struct Create<'a> {
            name: &'a str,
        }
        #[derive(Deserialize)]
        struct Created {
            experiment_id: String,
        }
        let request = self.post_json("api/2.0/mlflow/experiments/create", &Create { name });
        match self.send(request).await {
            Ok(body) => {
                let created: Created = parse(&body)?;
                Ok(created.experiment_id)
            }
            // Perhaps somebody else was faster.
            Err(Obstacle::Rejected(reason)) => self.find(name).await?.ok_or_else(|| {
                Obstacle::Experiment(format!(
                    "the experiment {name:?} cannot be created: {reason}"
                ))
            }),
            Err(obstacle) => Err(obstacle),
        }
    }

    /// The id of the experiment `name`. The server finds those in its trash as well, where no trace can be put.
    async fn find(&self, name: &str) -> Result<Option<String>, Obstacle> {
        #[derive(Deserialize)]
        struct Found {
            experiment: Experiment,
        }
        #[derive(Deserialize)]
        struct Experiment {
            experiment_id: String,
            #[serde(default)]
            lifecycle_stage: String,
        }
        let request = self
            .get("api/2.0/mlflow/experiments/get-by-name")
            .query(&[("experiment_name", name)]);
        let response = self.transmit(request).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let Found { experiment } = parse(&accepted(response).await?)?;
        if experiment.lifecycle_stage == "deleted" {
            return Err(Obstacle::Experiment(format!(
                "the experiment {name:?} is deleted: restore it or choose another name"
            )));
        }
        Ok(Some(experiment.experiment_id))
    }

    /// Sends the encoded spans of any number of traces. The server takes all or none.
    pub(crate) async fn send_spans(&mut self, spans: Vec<Bytes>) -> Result<(), Obstacle> {
        let experiment_id = self.experiment_id().await?;
        let request = self
            .post("v1/traces")
            .header(CONTENT_TYPE, "application/x-protobuf")
            .header("x-mlflow-experiment-id", experiment_id)
            .body(export_request(spans).encode_to_vec());
        let response = self.transmit(request).await?;
        let status = response.status();
        // The body of a success is not protobuf on every version, and says nothing.
        let outcome = accepted(response).await.map(drop);
        let Err(Obstacle::Rejected(reason)) = outcome else {
            return outcome;
        };
        // 422 is how a deleted experiment shows up to 3.8.
        let experiment_is_gone = reason.contains("RESOURCE_DOES_NOT_EXIST");
        if status == StatusCode::NOT_FOUND || status == StatusCode::UNPROCESSABLE_ENTITY {
            self.forget();
        }
        Err(match (&self.destination.experiment, status) {
            // By its name it is found, or created, again.
            (Experiment::Name(_), _) if experiment_is_gone => Obstacle::Internal(reason),
            (_, StatusCode::NOT_FOUND) if !experiment_is_gone => {
                Obstacle::Unsupported("it has no /v1/traces".into())
            }
            _ => Obstacle::Rejected(reason),
        })
    }

    /// Asks for version and experiment again before the next request.
    fn forget(&mut self) {
        self.checked = false;
        self.experiment_id = None;
    }

    /// Completes traces whose spans were sent; an answer for each.
    pub(crate) async fn finish_traces(
        &mut self,
        infos: Vec<&mut TraceInfo>,
    ) -> Result<Vec<Result<(), Obstacle>>, Obstacle> {
        #[derive(Serialize)]
        struct StartTrace<'a> {
            trace: Trace<'a>,
        }
        #[derive(Serialize)]
        struct Trace<'a> {
            trace_info: &'a TraceInfo,
        }
        let experiment_id = self.experiment_id().await?;
        let this = &*self;
        let requests = infos.into_iter().map(|trace_info| {
            trace_info.set_experiment(&experiment_id);
            let body = StartTrace {
                trace: Trace { trace_info },
            };
            let request = this.post_json("api/3.0/mlflow/traces", &body);
            async move { this.send(request).await.map(drop) }
        });
        Ok(stream::iter(requests)
            .buffered(CONCURRENT_INFOS)
            .collect()
            .await)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        let request = self.client.get(self.destination.address.endpoint(path));
        self.destination.credentials.apply(request)
    }

    fn post(&self, path: &str) -> RequestBuilder {
        let request = self.client.post(self.destination.address.endpoint(path));
        self.destination.credentials.apply(request)
    }

    fn post_json(&self, path: &str, body: &impl Serialize) -> RequestBuilder {
        // Serializing structs of strings to memory cannot fail.
        let body = serde_json::to_vec(body).unwrap_or_default();
        self.post(path)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
    }

    async fn transmit(&self, request: RequestBuilder) -> Result<reqwest::Response, Obstacle> {
        request.send().await.map_err(|error| Obstacle::Unavailable {
            reason: reasons(&error.without_url()),
            retry_after: None,
        })
    }

    /// The body of the answer, if it is a success.
    async fn send(&self, request: RequestBuilder) -> Result<String, Obstacle> {
        accepted(self.transmit(request).await?).await
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a str) -> Result<T, Obstacle> {
    serde_json::from_str(body)
        .map_err(|error| Obstacle::Rejected(format!("its answer cannot be read: {error}")))
}

/// The body of a successful answer, or what the status means.
async fn accepted(response: reqwest::Response) -> Result<String, Obstacle> {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let body = match response.text().await {
        Ok(body) => body,
        Err(error) => {
            return Err(Obstacle::Unavailable {
                reason: reasons(&error.without_url()),
                retry_after,
            });
        }
    };
    if status.is_success() {
        return Ok(body);
    }
    let told = crate::preview::shorten(body.trim(), 300);
    let reason = format!("HTTP {status}: {told}");
    Err(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Obstacle::Unauthorized(status),
        StatusCode::NOT_IMPLEMENTED => {
            Obstacle::Unsupported("its store is a directory of files".into())
        }
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Obstacle::Unavailable {
            reason,
            retry_after,
        },
        _ if status.is_server_error() => Obstacle::Internal(reason),
        _ => Obstacle::Rejected(reason),
    })
}

/// `3.17.2` and `3.18.0.dev0` have a major and a minor number; anything else is no version.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    Some((major, minor))
}

fn export_request(spans: Vec<Bytes>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            // Whatever else stands here becomes a tag of every trace.
            resource: Some(Resource {
                attributes: vec![
                    KeyValue::new("telemetry.sdk.name", env!("CARGO_PKG_NAME")),
                    KeyValue::new("telemetry.sdk.language", "rust"),
                    KeyValue::new("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
                ],
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: env!("CARGO_PKG_NAME").into(),
                    version: env!("CARGO_PKG_VERSION").into(),
                }),
                spans,
            }],
        }],
    }
}

/// The error with what caused it: `error sending request: ... : Connection refused (os error 111)`.
fn reasons(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(parse_version("3.17.2"), Some((3, 17)));
        assert_eq!(parse_version("3.18.0.dev0\n"), Some((3, 18)));
        assert_eq!(parse_version("<html>"), None);
        assert!(parse_version("3.5.1").is_some_and(|version| version < FIRST_VERSION));
        assert!(parse_version("3.10.0").is_some_and(|version| version >= FIRST_VERSION));
    }
}
