//! The measured programs, built for release from `benches/peers`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::progress::Step;
use crate::workspace::Workspace;

/// The folder of the built programs.
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Builds what has changed; the first time takes minutes. Everything goes to `folder`.
    pub(crate) fn build(workspace: &Workspace, folder: &Path) -> Result<Self> {
        let manifest = workspace.root.join("benches/peers/Cargo.toml");
        let target = folder.join("build");
        let mut command = workspace.cargo();
        command
            // Not `--locked`: a new dependency of the framework's own must not stop the benchmark, and what stands in the
            // lock file stays as it is.
            .args(["build", "--release", "--workspace"])
            .arg("--manifest-path")
            .arg(manifest)
            .arg("--target-dir")
            .arg(&target);
        Step::start("build the clients and the server")
            .run(&mut command, &folder.join("build.log"))?;
        Ok(Self {
            folder: target.join("release"),
        })
    }

    /// A call of the program `name`.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.folder.join(name))
    }
}
