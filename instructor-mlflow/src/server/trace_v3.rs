//! `StartTraceV3`: the request that makes a trace, or completes it, on servers from 3.2 on.

use std::collections::{HashMap, HashSet};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::server::artifacts::Location;
use crate::server::connection::{Connection, parse};
use crate::server::obstacle::Obstacle;
use crate::server::spans::CONCURRENT_TRACES;
use crate::trace_info::TraceInfo;

const TRACES: &str = "api/3.0/mlflow/traces";

/// What the server says of the trace.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Started {
    #[serde(default)]
    tags: HashMap<String, String>,
}

impl Started {
    /// Whether the spans of the trace are kept in the server's store.
    pub(super) fn stores_spans(&self) -> bool {
        self.tags
            .get("mlflow.trace.spansLocation")
            .is_some_and(|place| place == "TRACKING_STORE")
    }

    /// Where the file of spans belongs.
    pub(super) fn location(&self) -> Location {
        Location::of_tag(self.tags.get("mlflow.artifactLocation").map(String::as_str))
    }
}

#[derive(Serialize, Deserialize)]
struct Trace<T> {
    trace_info: T,
}

/// Makes the trace. A database takes it again, and a changed trace replaces the one before; a store of files does not.
pub(super) async fn start(
    connection: &Connection,
    experiment_id: &str,
    trace_info: &mut TraceInfo,
) -> Result<Started, Obstacle> {
    #[derive(Serialize)]
    struct StartTrace<'a> {
        trace: Trace<&'a TraceInfo>,
    }
    trace_info.set_experiment(experiment_id);
    let body = StartTrace {
        trace: Trace { trace_info },
    };
    let request = connection.request_with_json(Method::POST, TRACES, &body);
    let answer = connection.send(request).await;
    Ok(read(&answer.map_err(Obstacle::or_missing)?))
}

/// What the server says of a trace; `None` if it knows none of that id.
pub(super) async fn find(
    connection: &Connection,
    trace_id: &str,
) -> Result<Option<Started>, Obstacle> {
    let request = connection.request(Method::GET, &format!("{TRACES}/{trace_id}"));
    match connection.send(request).await {
        Ok(answer) => Ok(Some(read(&answer))),
        Err(Obstacle::Rejected(_)) => Ok(None),
        Err(obstacle) => Err(obstacle),
    }
}

/// Which of these traces the server has. From 3.9 on that is one request.
pub(super) async fn find_all(
    connection: &Connection,
    traces: &[String],
) -> Result<HashSet<String>, Obstacle> {
    #[derive(Serialize)]
    struct Asked<'a> {
        trace_ids: &'a [String],
    }
    #[derive(Deserialize)]
    struct Found {
        #[serde(default)]
        trace_infos: Vec<Known>,
    }
    #[derive(Deserialize)]
    struct Known {
        trace_id: String,
    }
    let path = format!("{TRACES}/batchGetInfos");
    let asked = Asked { trace_ids: traces };
    let request = connection.request_with_json(Method::POST, &path, &asked);
    match connection.send(request).await.map_err(Obstacle::or_missing) {
        Ok(answer) => {
            let found: Found = parse(&answer).map_err(Obstacle::or_away)?;
            let found = found.trace_infos.into_iter().map(|known| known.trace_id);
            Ok(found.collect())
        }
        Err(Obstacle::Missing(_)) => {
            let each = traces.iter().map(|trace| async move {
                let found = find(connection, trace).await?;
                Ok(found.map(|_| trace.clone()))
            });
            let each = stream::iter(each).buffered(CONCURRENT_TRACES);
            each.try_filter_map(|found| async { Ok(found) })
                .try_collect()
                .await
        }
        Err(obstacle) => Err(obstacle.or_away()),
    }
}

/// An answer that says nothing of places is a success as well.
fn read(answer: &str) -> Started {
    #[derive(Deserialize)]
    struct Answer {
        trace: Trace<Started>,
    }
    let answer: Result<Answer, _> = parse(answer);
    answer
        .map(|answer| answer.trace.trace_info)
        .unwrap_or_default()
}
