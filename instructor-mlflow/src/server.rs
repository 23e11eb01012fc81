//! An MLflow server: its endpoints, and what their answers mean.

mod annotations;
pub(crate) mod connection;
mod experiments;
pub(crate) mod obstacle;
mod otlp;
mod version;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use prost::Message;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use serde::Serialize;

use crate::config::{Destination, Experiment};
use crate::server::connection::Connection;
pub(crate) use crate::server::obstacle::Obstacle;
use crate::server::obstacle::accepted;
use crate::server::version::Version;
use crate::trace_info::TraceInfo;

/// How many traces are completed at the same time.
pub(crate) const CONCURRENT_INFOS: usize = 8;

/// A server, and what was learned about it.
#[derive(Debug)]
pub(crate) struct Server {
    connection: Connection,
    checked: bool,
    experiment_id: Option<String>,
}

impl Server {
    /// Connects to nothing yet.
    pub(crate) fn new(destination: Arc<Destination>) -> Result<Server, Obstacle> {
        Ok(Server {
            connection: Connection::new(destination)?,
            checked: false,
            experiment_id: None,
        })
    }

    pub(crate) fn destination(&self) -> &Arc<Destination> {
        self.connection.destination()
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
        let id = match &self.destination().experiment {
            Experiment::Id(id) => id.clone(),
            Experiment::Name(name) => self.connection.find_or_create_experiment(name).await?,
        };
        self.experiment_id = Some(id.clone());
        Ok(id)
    }

    /// How to reach it, and the number of the experiment.
    pub(crate) async fn place(&mut self) -> Result<(Connection, String), Obstacle> {
        let experiment_id = self.experiment_id().await?;
        Ok((self.connection.clone(), experiment_id))
    }

    /// `GET /version` answers plain text such as `3.17.2`. A proxy may hide it; then the traces endpoint itself tells.
    async fn check_version(&self) -> Result<(), Obstacle> {
        let request = self.connection.request(Method::GET, "version");
        let response = match self.connection.send(request).await {
            Ok(text) => text,
            Err(Obstacle::Rejected(_)) => return Ok(()),
            Err(obstacle) => return Err(obstacle),
        };
        match Version::parse(&response) {
            Some(version) if version < Version::WITH_SPANS => {
                Err(Obstacle::Unsupported(format!("it is MLflow {version}")))
            }
            _ => Ok(()),
        }
    }

    /// Sends the encoded spans of any number of traces. The server takes all or none.
    pub(crate) async fn send_spans(&mut self, spans: Vec<Bytes>) -> Result<(), Obstacle> {
        let experiment_id = self.experiment_id().await?;
        let request = self
            .connection
            .request(Method::POST, "v1/traces")
            .header(CONTENT_TYPE, "application/x-protobuf")
            .header("x-mlflow-experiment-id", experiment_id)
            .body(otlp::export_request(spans).encode_to_vec());
        let response = self.connection.transmit(request).await?;
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
        Err(match (&self.destination().experiment, status) {
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
        let connection = &self.connection;
        let requests = infos.into_iter().map(|trace_info| {
            trace_info.set_experiment(&experiment_id);
            let body = StartTrace {
                trace: Trace { trace_info },
            };
            let path = "api/3.0/mlflow/traces";
            let request = connection.request_with_json(Method::POST, path, &body);
            async move { connection.send(request).await.map(drop) }
        });
        Ok(stream::iter(requests)
            .buffered(CONCURRENT_INFOS)
            .collect()
            .await)
    }
}
