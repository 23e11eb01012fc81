//! Requests to one server, with its credentials.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use serde::{Deserialize, Serialize};

use crate::config::{Credentials, Destination};
use crate::server::obstacle::{Obstacle, accepted, reasons};

/// Connecting to a server that is there takes milliseconds. An address where nothing answers keeps a flush for so long.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// MLflow's server closes a connection that was idle for five seconds; a request on it would be lost.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// The header that names one of the workspaces that a server keeps apart.
const WORKSPACE: &str = "X-MLFLOW-WORKSPACE";

/// An HTTP client for one server.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    destination: Arc<Destination>,
    credentials: Credentials,
    client: Client,
}

impl Connection {
    /// Connects to nothing yet.
    pub(crate) fn new(destination: Arc<Destination>) -> Result<Connection, Obstacle> {
        let mut client = Client::builder()
            .timeout(destination.timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            // It would turn what is sent into a question, and carry credentials to where nobody meant them to go.
            .redirect(Policy::none())
            .user_agent(concat!("instructor-mlflow/", env!("CARGO_PKG_VERSION")));
        if destination.address.is_here() {
            // Through a proxy traces would leave this machine, in plain http as a rule.
            client = client.no_proxy();
        }
        let client = destination
            .tls
            .apply(client)
            .build()
            .map_err(|error| Obstacle::Rejected(reasons(&error)))?;
        Ok(Connection {
            credentials: destination.credentials.clone(),
            destination,
            client,
        })
    }

    pub(crate) fn destination(&self) -> &Arc<Destination> {
        &self.destination
    }

    /// Reads the credentials again.
    pub(crate) fn renew_credentials(&mut self) {
        if let Some(credentials) = self.destination.read_credentials() {
            self.credentials = credentials;
        }
    }

    /// A request to the endpoint at `path`, for example `v1/traces`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = self.destination.address.endpoint(path);
        let mut request = self.client.request(method, address);
        if let Some(workspace) = &self.destination.workspace {
            request = request.header(WORKSPACE, workspace);
        }
        self.credentials.apply(request)
    }

    /// A request to an address that says itself who may use it: without credentials.
    pub(super) fn request_signed(&self, method: Method, address: Url) -> RequestBuilder {
        self.client.request(method, address)
    }

    /// The same with a body of JSON.
    pub(crate) fn request_with_json(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> RequestBuilder {
        // Serializing structs of strings to memory cannot fail.
        let body = serde_json::to_vec(body).unwrap_or_default();
        self.request(method, path)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
    }

    /// The answer, whatever its status.
    pub(crate) async fn transmit(&self, request: RequestBuilder) -> Result<Response, Obstacle> {
        request.send().await.map_err(|error| Obstacle::Unavailable {
            reason: reasons(&error.without_url()),
            retry_after: None,
        })
    }

    /// The body of the answer, if it is a success.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<String, Obstacle> {
        self.accepted(self.transmit(request).await?).await
    }

    /// The body of `response`, if it is a success.
    pub(crate) async fn accepted(&self, response: Response) -> Result<String, Obstacle> {
        accepted(response, &self.credentials).await
    }

    /// What the server has said without the credentials, should it have repeated them.
    pub(crate) fn redact(&self, text: &mut String) {
        self.credentials.redact(text);
    }
}

/// Reads the body of an answer.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a str) -> Result<T, Obstacle> {
    serde_json::from_str(body)
        .map_err(|error| Obstacle::Rejected(format!("its answer cannot be read: {error}")))
}
