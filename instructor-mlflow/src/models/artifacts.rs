//! Files of a model, through the server's artifact proxy.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use crate::server::connection::Connection;
use crate::server::obstacle::Obstacle;

/// What may not stand in a path as it is.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'?');

/// The path of an artifact URI that the server stores itself; `None` if the files are somewhere else, for example on S3.
pub(super) fn proxied_path(artifact_uri: &str) -> Option<&str> {
    let rest = artifact_uri.strip_prefix("mlflow-artifacts:")?;
    let path = match rest.strip_prefix("//") {
        // `mlflow-artifacts://host:5000/1/models/...`
        Some(rest) => rest.split_once('/').map_or("", |(_, path)| path),
        None => rest,
    };
    Some(path.trim_matches('/'))
}

impl Connection {
    /// Stores one file below the `path` of [`proxied_path`].
    pub(super) async fn upload(
        &self,
        path: &str,
        file: &str,
        content: Vec<u8>,
    ) -> Result<(), Obstacle> {
        let path = utf8_percent_encode(path, ESCAPED);
        let path = format!("api/2.0/mlflow-artifacts/artifacts/{path}/{file}");
        let request = self
            .request(Method::PUT, &path)
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(content);
        self.send(request).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_proxied_location_is_found_with_and_without_a_host() {
        let path = Some("1/models/m-7/artifacts");
        assert_eq!(
            proxied_path("mlflow-artifacts:/1/models/m-7/artifacts"),
            path
        );
        let with_host = "mlflow-artifacts://host:5000/1/models/m-7/artifacts";
        assert_eq!(proxied_path(with_host), path);
        assert_eq!(proxied_path("s3://bucket/1/models/m-7/artifacts"), None);
        assert_eq!(proxied_path("/data/mlruns/1"), None);
    }
}
