//! Everything that demo and tests need beside Rust, installed once under `target/environment`.

use std::path::PathBuf;

use anyhow::Result;

use crate::interpreter::Interpreter;
use crate::lock::FolderLock;
use crate::model;
use crate::packages::Packages;
use crate::workspace::Workspace;

/// A complete environment.
pub(crate) struct Environment {
    /// The Python that has MLflow, the model server and the wire checker's packages.
    pub(crate) python: PathBuf,
    /// The language model, a GGUF file.
    pub(crate) model: PathBuf,
}

impl Environment {
    /// Installs what is missing: at first about 250 MB of downloads, afterwards nothing.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        let interpreter = Interpreter::find()?;
        let folder = workspace.target.join("environment");
        let _lock = FolderLock::take(&folder)?;
        let python = Packages::PROJECT.install(workspace, &interpreter, &folder)?;
        let model = model::install(workspace, &python, &folder)?;
        Ok(Self { python, model })
    }
}
