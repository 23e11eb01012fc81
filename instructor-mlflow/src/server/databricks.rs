//! The route to a Databricks workspace: what the trace is goes to the workspace, the file of its spans to storage, at an
//! address that the workspace signs. Written after the source of MLflow's client; no workspace was there to try it on.

use bytes::Bytes;
use reqwest::header::CONTENT_LENGTH;
use reqwest::{Method, RequestBuilder, Url};
use serde::Deserialize;

use crate::server::connection::{Connection, parse};
use crate::server::obstacle::Obstacle;
use crate::server::trace_file::TraceFile;
use crate::server::trace_v3;

/// Sends the trace. All requests can be repeated; the signature is asked for each time, since it expires.
pub(super) async fn carry(
    connection: &Connection,
    experiment_id: &str,
    file: &mut TraceFile,
) -> Result<(), Obstacle> {
    if !file.is_started {
        file.sum_up();
        trace_v3::start(connection, experiment_id, &mut file.info).await?;
        file.is_started = true;
    }
    if !file.is_written {
        let trace_id = file.info.trace_id();
        let place = ask_place(connection, trace_id).await?;
        put(connection, &place, file.content(trace_id).into()).await?;
        file.is_written = true;
    }
    Ok(())
}

/// Where the file goes. The address is as good as a password, so this has no `Debug`.
#[derive(Deserialize)]
struct Place {
    signed_uri: String,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    r#type: String,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

async fn ask_place(connection: &Connection, trace_id: &str) -> Result<Place, Obstacle> {
    #[derive(Deserialize)]
    struct Answer {
        credential_info: Place,
    }
    let path = format!("api/2.0/mlflow/traces/{trace_id}/credentials-for-data-upload");
    let answer = connection
        .send(connection.request(Method::GET, &path))
        .await?;
    let Answer { credential_info } = parse(&answer)?;
    Ok(credential_info)
}

async fn put(connection: &Connection, place: &Place, content: Bytes) -> Result<(), Obstacle> {
    let Ok(address) = Url::parse(&place.signed_uri) else {
        return Err(Obstacle::Rejected("the signed address is none".into()));
    };
    let with = |method, parameters: &[(&str, &str)]| {
        let mut address = address.clone();
        // Only if there are any: else the signature would not fit.
        if !parameters.is_empty() {
            address.query_pairs_mut().extend_pairs(parameters);
        }
        let request = connection.request_signed(method, address);
        place.headers.iter().fold(request, |request, header| {
            request.header(&header.name, &header.value)
        })
    };
    match place.r#type.as_str() {
        "AZURE_ADLS_GEN2_SAS_URI" => {
            // A file is made, filled and closed.
            let length = content.len().to_string();
            let create = with(Method::PUT, &[("resource", "file")]).header(CONTENT_LENGTH, 0);
            send(connection, create).await?;
            let append = [("action", "append"), ("position", "0")];
            let append = with(Method::PATCH, &append).body(content);
            send(connection, append).await?;
            let flush = [("action", "flush"), ("position", &*length)];
            let flush = with(Method::PATCH, &flush).header(CONTENT_LENGTH, 0);
            send(connection, flush).await
        }
        "AZURE_SAS_URI" => {
            let request = with(Method::PUT, &[]).header("x-ms-blob-type", "BlockBlob");
            send(connection, request.body(content)).await
        }
        _ => send(connection, with(Method::PUT, &[]).body(content)).await,
    }
}

/// What storage says of a refusal may repeat the signature, so only the status is told.
async fn send(connection: &Connection, request: RequestBuilder) -> Result<(), Obstacle> {
    let status = connection.transmit(request).await?.status();
    if status.is_success() {
        return Ok(());
    }
    let reason = format!("storage answered HTTP {status}");
    Err(match status.is_server_error() {
        true => Obstacle::Internal(reason),
        // The signature may have expired.
        false if status == 403 => Obstacle::Internal(reason),
        false => Obstacle::Rejected(reason),
    })
}
