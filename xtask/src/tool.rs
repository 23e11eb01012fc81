//! Programs of cargo's that are not part of Rust, each in a fixed version below `target/tools`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::lock::FolderLock;
use crate::progress::Step;
use crate::stamp::Stamp;
use crate::workspace::Workspace;

/// A program that crates.io has.
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
    /// For people: how long it takes to build.
    duration: &'static str,
}

impl Tool {
    /// Licences, versions, sources and advisories of what is depended on.
    pub(crate) const DENY: Tool = Tool {
        name: "cargo-deny",
        version: "0.20.2",
        duration: "five minutes",
    };

    /// Mistakes on purpose, which tests must find.
    pub(crate) const MUTANTS: Tool = Tool {
        name: "cargo-mutants",
        version: "27.1.0",
        duration: "three minutes",
    };

    /// Builds the program, unless that was done before. Returns its path.
    pub(crate) fn install(&self, workspace: &Workspace) -> Result<PathBuf> {
        let folder = workspace.target.join("tools");
        let _lock = FolderLock::take(&folder)?;
        let program = self.path(workspace);
        let stamp = self.stamp(workspace);
        if stamp.vouches_for(&program) {
            return Ok(program);
        }
        stamp.clear()?;
        let mut command = workspace.cargo();
        command
            .args(["install", "--locked", "--force", self.name])
            // Built quickly, since it runs for seconds.
            .args(["--profile", "dev"])
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .args(["--version", self.version, "--root"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(folder.join("build"));
        let name = format!("build {} {} ({})", self.name, self.version, self.duration);
        Step::start(name).run(&mut command, &folder.join(format!("{}.log", self.name)))?;
        stamp.set()?;
        Ok(program)
    }

    /// Its path, if it was built before.
    pub(crate) fn installed(&self, workspace: &Workspace) -> Option<PathBuf> {
        let program = self.path(workspace);
        self.stamp(workspace)
            .vouches_for(&program)
            .then_some(program)
    }

    fn path(&self, workspace: &Workspace) -> PathBuf {
        workspace.target.join("tools/bin").join(self.name)
    }

    fn stamp(&self, workspace: &Workspace) -> Stamp {
        let path = workspace.target.join(format!("tools/{}.stamp", self.name));
        Stamp::new(path, &[self.version])
    }
}

/// A call of a program of cargo's, which takes its own name first.
pub(crate) fn call(workspace: &Workspace, program: &Path, name: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(name).current_dir(&workspace.root);
    command
}
