//! The route of servers from 3.2 to 3.5, and of newer ones that keep files instead of a database: what the trace is, and
//! then the file of its spans.

use crate::server::artifacts::Location;
use crate::server::connection::Connection;
use crate::server::obstacle::Obstacle;
use crate::server::trace_file::{Receipt, TraceFile};
use crate::server::trace_v3::{self, Started};
use crate::server::v2;

/// Sends the trace. Both requests can be repeated, with some care.
pub(super) async fn carry(
    connection: &Connection,
    experiment_id: &str,
    file: &mut TraceFile,
) -> Result<(), Obstacle> {
    if !file.is_started {
        file.sum_up();
        let started = start(connection, experiment_id, file).await?;
        file.receipt = Some(Receipt {
            trace_id: file.info.trace_id().to_owned(),
            location: started.location(),
        });
        file.is_started = true;
    }
    write(connection, file).await
}

/// Tells of the trace. To a store of files a trace that it knows is an internal error, be it a repetition or the end of what
/// was in progress; there the end is told as MLflow 2 was told it, which leaves begin and previews as they are.
async fn start(
    connection: &Connection,
    experiment_id: &str,
    file: &mut TraceFile,
) -> Result<Started, Obstacle> {
    let error = match trace_v3::start(connection, experiment_id, &mut file.info).await {
        Err(Obstacle::Internal(reason)) => Obstacle::Internal(reason),
        other => return other,
    };
    let trace_id = file.info.trace_id();
    let known = trace_v3::find(connection, trace_id).await?.ok_or(error)?;
    if file.info.is_finished() {
        v2::end(connection, trace_id, &file.info, file.shape()).await?;
    }
    Ok(known)
}

/// Writes the file, if the server takes it.
pub(super) async fn write(connection: &Connection, file: &mut TraceFile) -> Result<(), Obstacle> {
    if file.is_written {
        return Ok(());
    }
    if file.may_have_earlier
        && let Some(Receipt {
            location: Location::Served(path),
            ..
        }) = &file.receipt
        && let Some(content) = connection.spans_at(path).await?
    {
        file.keep_earlier(&content);
        file.may_have_earlier = false;
    }
    if let Some(Receipt { trace_id, location }) = &file.receipt
        && let Location::Served(path) = location
        && !connection.put_spans(path, file.content(trace_id)).await?
        && let Some(receipt) = &mut file.receipt
    {
        receipt.location = Location::Elsewhere("artifacts, which it does not serve".into());
    }
    // Until then a file that was not found may only have been out of reach.
    file.may_have_earlier = false;
    file.is_written = true;
    Ok(())
}
