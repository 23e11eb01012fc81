//! Where the files of a model are.

/// The content type of all of them: the server looks at their names.
pub(super) const FILE_TYPE: &str = "application/octet-stream";

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
