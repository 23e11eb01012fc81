//! A long answer that arrives in small pieces: reading its text, and whole calls.

mod calls;
mod reading;

use anyhow::Result;

use crate::bench::programs::Programs;
use crate::bench::row::Row;
use crate::workspace::Workspace;

/// D1 to D5.
pub(crate) fn run(workspace: &Workspace, programs: &Programs) -> Result<Vec<Row>> {
    let mut rows = reading::rows(programs)?;
    rows.extend(calls::rows(workspace, programs)?);
    Ok(rows)
}
