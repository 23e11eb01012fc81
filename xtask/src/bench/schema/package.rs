//! A generated package, and what cargo is asked to do with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::schema::effort::Effort;
use crate::bench::schema::library::Library;
use crate::bench::schema::types::{Types, module};
use crate::progress::Step;
use crate::workspace::Workspace;

/// A package that has been written, in a workspace of its own.
pub(crate) struct Package<'a> {
    workspace: &'a Workspace,
    library: &'a Library,
    types: Types,
    /// Its name and that of its folder.
    name: String,
    folder: PathBuf,
    /// For what is made of all packages, so that dependencies they share are built once.
    target: PathBuf,
    revision: usize,
}

impl<'a> Package<'a> {
    /// Writes the package to a folder below `folder`; `work` and the library make its name.
    pub(crate) fn write(
        workspace: &'a Workspace,
        folder: &Path,
        work: &str,
        library: &'a Library,
        types: Types,
    ) -> Result<Self> {
        let name = format!("{work}-{}", library.name);
        let package = Self {
            workspace,
            library,
            types,
            folder: folder.join(&name),
            name,
            target: folder.join("build"),
            revision: 0,
        };
        let sources = package.folder.join("src");
        if sources.exists() {
            // Another number of types may have been there.
            fs::remove_dir_all(&sources)?;
        }
        fs::create_dir_all(&sources)
            .with_context(|| format!("cannot create the folder {}", sources.display()))?;
        write(&package.folder.join("Cargo.toml"), &package.manifest())?;
        // It holds more than any package needs; cargo takes out the rest and keeps the versions.
        let lock = workspace.root.join("benches/peers/Cargo.lock");
        fs::copy(&lock, package.folder.join("Cargo.lock"))
            .with_context(|| format!("cannot copy {}", lock.display()))?;
        write(&sources.join("main.rs"), &types.program(library))?;
        for number in 0..types.count {
            package.write_module(number)?;
        }
        Ok(package)
    }

    /// The name of the library, which is that in tables.
    pub(crate) fn name(&self) -> &'static str {
        self.library.name
    }

    /// Has cargo do `task`, dependencies included; nothing is measured.
    pub(crate) fn prepare(&self, task: &str) -> Result<()> {
        // Not `--frozen`: the lock file is still to be cut down, and packages may have to be downloaded.
        let mut command = self.cargo(task);
        Step::start(format!("cargo {task} of {}", self.name)).run(&mut command, &self.log())
    }

    /// Changes a description in the middle of the tree and builds again.
    pub(crate) fn rebuild(&mut self) -> Result<Effort> {
        self.revision += 1;
        self.write_module(self.types.count / 2)?;
        self.measure("build", "Compiling")
    }

    /// Checks the package from nothing but its dependencies.
    pub(crate) fn check(&mut self) -> Result<Effort> {
        let mut clean = self.cargo("clean");
        clean.args(["--frozen", "--package", &self.name]);
        Effort::of(&mut clean, &self.log(), "Removed")?;
        self.measure("check", "Checking")
    }

    fn measure(&self, task: &str, verb: &str) -> Result<Effort> {
        let mut command = self.cargo(task);
        // No network, and no second thoughts about versions.
        command.arg("--frozen");
        let sign = format!("{verb} {} ", self.name);
        Effort::of(&mut command, &self.log(), &sign)
    }

    fn cargo(&self, task: &str) -> Command {
        let mut command = self.workspace.cargo();
        command
            .args([task, "--color", "never", "--manifest-path"])
            .arg(self.folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(&self.target)
            // The default of the profile, whatever the environment says.
            .env("CARGO_INCREMENTAL", "1");
        command
    }

    fn log(&self) -> PathBuf {
        self.folder.with_extension("log")
    }

    /// No profile: all packages have cargo's defaults, as a new package of a user's has.
    fn manifest(&self) -> String {
        format!(
            "\
[package]
name = \"{}\"
version = \"0.0.0\"
edition = \"2024\"
publish = false

[workspace]

[dependencies]
{}",
            self.name, self.library.dependencies
        )
    }

    fn write_module(&self, number: usize) -> Result<()> {
        let path = self.folder.join("src").join(module(number));
        let text = self.types.module(self.library, number, self.revision);
        write(&path.with_extension("rs"), &text)
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
