//! The route of servers from 2.14 to 3.1: a trace is begun under an id that the server chooses, its spans are a file,
//! and then it ends. All three happen when the calls are over, since a trace that is only begun shows nothing.

use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::preview::{METADATA_CHARACTERS, shorten};
use crate::server::artifacts::Location;
use crate::server::connection::{Connection, parse};
use crate::server::file;
use crate::server::obstacle::Obstacle;
use crate::server::trace_file::{Receipt, Shape, TraceFile};
use crate::trace_info::{ID_TAG, TraceInfo};

/// Sends the trace. Beginning it twice would leave an empty one, so the server is asked first if that is unclear.
pub(super) async fn carry(
    connection: &Connection,
    experiment_id: &str,
    file: &mut TraceFile,
) -> Result<(), Obstacle> {
    file.sum_up();
    if file.receipt.is_none() {
        let found = match file.is_unclear {
            true => find(connection, experiment_id, file.info.trace_id()).await?,
            false => None,
        };
        let receipt = match found {
            Some(receipt) => receipt,
            None => start(connection, experiment_id, file).await?,
        };
        file.receipt = Some(receipt);
    }
    file::write(connection, file).await?;
    if file.info.is_finished()
        && let Some(receipt) = &file.receipt
    {
        end(connection, &receipt.trace_id, &file.info, Shape::V2).await?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Pair<'a> {
    key: &'a str,
    value: &'a str,
}

impl<'a> From<(&'a str, &'a str)> for Pair<'a> {
    fn from((key, value): (&'a str, &'a str)) -> Self {
        Pair { key, value }
    }
}

/// What the server says of a trace.
#[derive(Deserialize)]
struct Known {
    request_id: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

impl From<Known> for Receipt {
    fn from(known: Known) -> Receipt {
        let location = known
            .tags
            .iter()
            .find(|tag| tag.key == "mlflow.artifactLocation")
            .map(|tag| tag.value.as_str());
        Receipt {
            location: Location::of_tag(location),
            trace_id: known.request_id,
        }
    }
}

async fn start(
    connection: &Connection,
    experiment_id: &str,
    file: &mut TraceFile,
) -> Result<Receipt, Obstacle> {
    #[derive(Serialize)]
    struct StartTrace<'a> {
        experiment_id: &'a str,
        timestamp_ms: u64,
        request_metadata: Vec<Pair<'a>>,
        tags: Vec<Pair<'a>>,
    }
    #[derive(Deserialize)]
    struct Started {
        trace_info: Known,
    }
    let metadata = metadata(&file.info);
    let body = StartTrace {
        experiment_id,
        timestamp_ms: file.info.milliseconds().0,
        request_metadata: pairs(&metadata),
        tags: tags(&file.info),
    };
    let request = connection.request_with_json(Method::POST, "api/2.0/mlflow/traces", &body);
    let answer = connection.send(request).await;
    let answer = answer.map_err(Obstacle::or_missing);
    // Whatever is no clear answer may have begun the trace.
    file.is_unclear = matches!(
        answer,
        Err(Obstacle::Unavailable { .. } | Obstacle::Internal(_))
    );
    let Started { trace_info } = parse(&answer?)?;
    Ok(trace_info.into())
}

/// The trace that was begun without us learning its id.
async fn find(
    connection: &Connection,
    experiment_id: &str,
    trace_id: &str,
) -> Result<Option<Receipt>, Obstacle> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(default)]
        traces: Vec<Known>,
    }
    let filter = format!("tags.`{ID_TAG}` = '{trace_id}'");
    let request = connection
        .request(Method::GET, "api/2.0/mlflow/traces")
        .query(&[
            ("experiment_ids", experiment_id),
            ("filter", &filter),
            ("max_results", "1"),
        ]);
    let page: Page = parse(&connection.send(request).await?)?;
    Ok(page.traces.into_iter().next().map(Receipt::from))
}

/// Ends a trace, in the words of the version that it has the shape of. It can be repeated.
pub(super) async fn end(
    connection: &Connection,
    request_id: &str,
    info: &TraceInfo,
    shape: Shape,
) -> Result<(), Obstacle> {
    #[derive(Serialize)]
    struct EndTrace<'a> {
        request_id: &'a str,
        timestamp_ms: u64,
        status: &'static str,
        request_metadata: Vec<Pair<'a>>,
        tags: Vec<Pair<'a>>,
    }
    let metadata = match shape {
        Shape::V2 => metadata(info),
        Shape::V3 => info
            .metadata()
            .map(|(key, value)| (key, value.to_owned()))
            .collect(),
    };
    let body = EndTrace {
        request_id,
        timestamp_ms: info.milliseconds().1,
        status: info.status(),
        request_metadata: pairs(&metadata),
        tags: match shape {
            Shape::V2 => tags(info),
            Shape::V3 => info.tags().map(Pair::from).collect(),
        },
    };
    let path = format!("api/2.0/mlflow/traces/{request_id}");
    let request = connection.request_with_json(Method::PATCH, &path, &body);
    connection.send(request).await.map(drop)
}

/// The metadata as MLflow 2 has it, which knows no previews: its list of traces shows inputs and outputs.
fn metadata(info: &TraceInfo) -> Vec<(&str, String)> {
    let (request, response) = info.previews();
    info.metadata()
        .map(|(key, value)| {
            let shown = |text: Option<&str>| {
                shorten(text.unwrap_or(value), METADATA_CHARACTERS).into_owned()
            };
            let value = match key {
                "mlflow.trace_schema.version" => "2".to_owned(),
                "mlflow.traceInputs" => shown(request),
                "mlflow.traceOutputs" => shown(response),
                _ => value.to_owned(),
            };
            (key, value)
        })
        .collect()
}

fn pairs<'a>(metadata: &'a [(&'a str, String)]) -> Vec<Pair<'a>> {
    metadata
        .iter()
        .map(|(key, value)| Pair { key, value })
        .collect()
}

/// The tags, with the id by which the trace is found again, and with what MLflow 3 has among the metadata.
fn tags(info: &TraceInfo) -> Vec<Pair<'_>> {
    let id = Pair {
        key: ID_TAG,
        value: info.trace_id(),
    };
    let source = info
        .metadata()
        .filter(|(key, _)| key.starts_with("mlflow.source."));
    info.tags()
        .chain(source)
        .map(Pair::from)
        .chain([id])
        .collect()
}
