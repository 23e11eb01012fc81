//! The schema of a type: getting at it while the program runs, and what deriving it adds to builds.

mod access;
mod compilation;
mod effort;
mod library;
mod package;
mod types;

use std::path::Path;

use anyhow::Result;

use crate::bench::programs::Programs;
use crate::bench::row::Row;
use crate::workspace::Workspace;

/// S1, S2 and S3. The packages that are compiled go to `folder`.
pub(crate) fn run(workspace: &Workspace, programs: &Programs, folder: &Path) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    rows.extend(access::rows(programs)?);
    rows.extend(compilation::rows(workspace, folder)?);
    Ok(rows)
}
