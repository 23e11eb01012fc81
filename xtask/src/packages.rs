//! Python packages, pinned, in environments of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use crate::interpreter::Interpreter;
use crate::progress::Step;
use crate::stamp::Stamp;
use crate::workspace::Workspace;

/// What is installed into a Python environment of its own.
pub(crate) struct Packages {
    /// Names the environment's folder.
    name: &'static str,
    /// The file below `xtask/python` that pins them.
    requirements: &'static str,
    /// For people: what is installed, and how long it takes.
    description: &'static str,
}

impl Packages {
    pub(crate) const PROJECT: Packages = Packages {
        name: "python",
        requirements: "requirements.txt",
        description: "install MLflow and the model server (a minute or two)",
    };

    /// The benchmark's peer.
    pub(crate) const INSTRUCTOR: Packages = Packages {
        name: "instructor",
        requirements: "instructor_requirements.txt",
        description: "install Instructor for Python",
    };

    /// What traces are compared with.
    pub(crate) const MLFLOW_INSTRUCTOR: Packages = Packages {
        name: "mlflow_instructor",
        requirements: "mlflow_instructor_requirements.txt",
        description: "install MLflow and Instructor for Python (a minute or two)",
    };

    /// Creates the environment below `folder` and installs the packages into it, unless that was done before. Returns the path of
    /// its Python.
    pub(crate) fn install(
        &self,
        workspace: &Workspace,
        interpreter: &Interpreter,
        folder: &Path,
    ) -> Result<PathBuf> {
        let requirements = workspace.script(self.requirements);
        let pins = fs::read_to_string(&requirements)
            .with_context(|| format!("cannot read {}", requirements.display()))?;
        let environment = folder.join(self.name);
        let python = environment.join("bin").join("python");
        // An environment holds absolute paths: a moved one is made anew.
        let place = environment.to_string_lossy();
        let stamp = Stamp::new(
            folder.join(format!("{}.stamp", self.name)),
            &[&pins, &interpreter.description, &place],
        );
        if stamp.vouches_for(&python) {
            return Ok(python);
        }

        // From nothing, since an interrupted pip can leave half a package that it takes for whole; what
        // it downloaded is still in its cache.
        stamp.clear()?;
        if environment.exists() {
            fs::remove_dir_all(&environment)
                .with_context(|| format!("cannot remove {}", environment.display()))?;
        }
        Step::start("create a Python environment").run(
            Command::new(&interpreter.program)
                .args(["-m", "venv"])
                .arg(&environment),
            &folder.join("venv.log"),
        )?;
        run_pip(
            Step::start(self.description),
            pip(&python)
                .arg("install")
                .arg("--requirement")
                .arg(&requirements),
            &folder.join("pip.log"),
        )?;
        stamp.set()?;
        Ok(python)
    }
}

/// Runs a call of pip as a step. When it fails it is nearly always the network.
pub(crate) fn run_pip(step: Step, pip: &mut Command, log: &Path) -> Result<()> {
    step.run(pip, log).map_err(|error| {
        anyhow!(
            "{error}\nIs the Python package index reachable? pip heeds HTTPS_PROXY and PIP_INDEX_URL. \
             Then run the command again."
        )
    })
}

/// A call of pip that asks nothing and draws nothing.
pub(crate) fn pip(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "--no-input", "--disable-pip-version-check"]);
    command.env("PIP_PROGRESS_BAR", "off");
    command
}
