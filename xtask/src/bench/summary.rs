//! The result for programs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

use crate::bench::row::Row;

/// Writes `{"rows": [...]}`.
pub(crate) fn write(path: &Path, rows: &[Row]) -> Result<()> {
    let text = serde_json::to_string_pretty(&json!({ "rows": rows }))?;
    fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}
