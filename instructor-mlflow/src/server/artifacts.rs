//! Files that a server keeps for its clients.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Body, Method};
use serde::Deserialize;

use crate::server::connection::{Connection, parse};
use crate::server::obstacle::{self, Obstacle};

const ARTIFACTS: &str = "api/2.0/mlflow-artifacts/artifacts";

/// The longest file of spans that is read: several times what is written.
const LONGEST_FILE: usize = 64 * 1024 * 1024;

/// The name of the file of spans.
const SPANS: &str = "traces.json";

/// What may not stand in a path as it is.
const IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Where the files of a trace belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// A path on the server, which writes the file for us.
    Served(String),
    /// A place that only those who can write there reach: a folder of the server, or a bucket. The server would accept
    /// the file and put it where nothing finds it.
    Elsewhere(String),
}

impl Location {
    /// The place that the tag `mlflow.artifactLocation` of a trace names.
    pub(super) fn of_tag(tag: Option<&str>) -> Location {
        let tag = tag.unwrap_or_default();
        match tag.strip_prefix("mlflow-artifacts:") {
            // `mlflow-artifacts://host/...` is another server.
            Some(path) if !path.starts_with("//") => {
                Location::Served(path.trim_matches('/').to_owned())
            }
            _ => Location::Elsewhere(tag.to_owned()),
        }
    }
}

impl Connection {
    /// Writes the file `name` into the folder `path`, which the server serves. Repeating it is safe.
    pub(crate) async fn put_file(
        &self,
        path: &str,
        name: &str,
        content_type: &'static str,
        content: impl Into<Body>,
    ) -> Result<(), Obstacle> {
        let path = utf8_percent_encode(path, IN_PATH);
        let address = format!("{ARTIFACTS}/{path}/{name}");
        let request = self
            .request(Method::PUT, &address)
            .header(CONTENT_TYPE, content_type)
            .body(content);
        self.send(request).await.map(drop)
    }

    /// Writes the file of spans of a trace to `path`; `false` if the server serves no files. Repeating it is safe.
    pub(super) async fn put_spans(&self, path: &str, body: String) -> Result<bool, Obstacle> {
        let written = self.put_file(path, SPANS, "application/json", body);
        match written.await.map_err(Obstacle::or_missing) {
            Ok(()) => Ok(true),
            Err(Obstacle::Unavailable { reason, .. }) if tells_of_no_files(&reason) => Ok(false),
            // The other endpoints are there: this one alone is switched off.
            Err(Obstacle::Missing(_)) => Ok(false),
            Err(obstacle) => Err(obstacle),
        }
    }

    /// The file of spans of a trace at `path`, if there is one that can be read.
    pub(super) async fn spans_at(&self, path: &str) -> Result<Option<String>, Obstacle> {
        let encoded = utf8_percent_encode(path, IN_PATH);
        let request = self.request(Method::GET, &format!("{ARTIFACTS}/{encoded}/{SPANS}"));
        let mut response = self.transmit(request).await?;
        if response.status().is_success() {
            let content = obstacle::read_up_to(&mut response, LONGEST_FILE).await;
            return content.map_err(|reason| Obstacle::Unavailable {
                reason,
                retry_after: None,
            });
        }
        match self.accepted(response).await.map_err(Obstacle::or_missing) {
            Ok(_) => Ok(None),
            Err(Obstacle::Unavailable { reason, .. }) if tells_of_no_files(&reason) => Ok(None),
            Err(obstacle @ (Obstacle::Unavailable { .. } | Obstacle::Unauthorized(_))) => {
                Err(obstacle)
            }
            // To some stores a file that is not there is an internal error; what is there is listed.
            Err(obstacle @ Obstacle::Internal(_)) if self.lists_spans(path).await? => Err(obstacle),
            Err(_) => Ok(None),
        }
    }

    /// Whether the server knows of a file of spans at `path`.
    async fn lists_spans(&self, path: &str) -> Result<bool, Obstacle> {
        #[derive(Deserialize)]
        struct Listed {
            files: Vec<File>,
        }
        #[derive(Deserialize)]
        struct File {
            path: String,
        }
        let request = self
            .request(Method::GET, ARTIFACTS)
            .query(&[("path", path)]);
        match self.send(request).await {
            Ok(body) => {
                let listed = parse::<Listed>(&body);
                let is_spans = |file: &File| file.path.rsplit('/').next() == Some(SPANS);
                Ok(listed.is_ok_and(|listed| listed.files.iter().any(is_spans)))
            }
            Err(obstacle @ (Obstacle::Unavailable { .. } | Obstacle::Unauthorized(_))) => {
                Err(obstacle)
            }
            Err(_) => Ok(false),
        }
    }

    /// Whether the server writes files for its clients.
    pub(super) async fn serves_files(&self) -> Result<bool, Obstacle> {
        let request = self
            .request(Method::GET, ARTIFACTS)
            .query(&[("path", "instructor")]);
        match self.send(request).await.map_err(Obstacle::or_missing) {
            Err(Obstacle::Unavailable { reason, .. }) if tells_of_no_files(&reason) => Ok(false),
            Err(Obstacle::Missing(_)) => Ok(false),
            Err(obstacle @ Obstacle::Unavailable { .. }) => Err(obstacle),
            // Nothing has been written there yet, which is an error to some stores.
            _ => Ok(true),
        }
    }
}

/// The server was started with `--no-serve-artifacts`, which it calls a 503.
fn tells_of_no_files(reason: &str) -> bool {
    reason.contains("--no-serve-artifacts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_place_that_the_server_serves_gets_files() {
        let served = Location::of_tag(Some("mlflow-artifacts:/1/traces/tr-1/artifacts"));
        assert_eq!(served, Location::Served("1/traces/tr-1/artifacts".into()));
        for place in [
            "/srv/mlruns/1/traces/tr-1/artifacts",
            "s3://bucket/1/traces/tr-1/artifacts",
            "mlflow-artifacts://other:5000/1/traces",
        ] {
            let location = Location::of_tag(Some(place));
            assert_eq!(location, Location::Elsewhere(place.into()));
        }
    }
}
