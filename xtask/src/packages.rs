//! Python packages, pinned, in environments of their own.

use std::borrow::Cow;
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
    name: Cow<'static, str>,
    requirements: Requirements,
    /// For people: what is installed, and how long it takes.
    description: Cow<'static, str>,
}

/// Which packages, in which versions.
enum Requirements {
    /// What a file below `xtask/python` pins.
    File(&'static str),
    Lines(Vec<String>),
}

impl Packages {
    pub(crate) const PROJECT: Packages = Packages {
        name: Cow::Borrowed("python"),
        requirements: Requirements::File("requirements.txt"),
        description: Cow::Borrowed("install MLflow and the model server (a minute or two)"),
    };

    /// The benchmark's peer.
    pub(crate) const INSTRUCTOR: Packages = Packages {
        name: Cow::Borrowed("instructor"),
        requirements: Requirements::File("instructor_requirements.txt"),
        description: Cow::Borrowed("install Instructor for Python"),
    };

    /// What traces are compared with.
    pub(crate) const MLFLOW_INSTRUCTOR: Packages = Packages {
        name: Cow::Borrowed("mlflow_instructor"),
        requirements: Requirements::File("mlflow_instructor_requirements.txt"),
        description: Cow::Borrowed("install MLflow and Instructor for Python (a minute or two)"),
    };

    /// One version of MLflow, and nothing else.
    pub(crate) fn mlflow(version: &str) -> Packages {
        Packages {
            name: format!("mlflow-{version}").into(),
            // No server up to 3.8.1 starts with SQLAlchemy 2.1.
            requirements: Requirements::Lines(vec![
                format!("mlflow=={version}"),
                "sqlalchemy<2.1".to_owned(),
            ]),
            description: format!("install MLflow {version} (about a minute)").into(),
        }
    }

    /// Creates the environment below `folder` and installs the packages into it, unless that was done before. Returns the path of
    /// its Python.
    pub(crate) fn install(
        &self,
        workspace: &Workspace,
        interpreter: &Interpreter,
        folder: &Path,
    ) -> Result<PathBuf> {
        let (pins, pip_arguments) = match &self.requirements {
            Requirements::File(name) => {
                let path = workspace.script(name);
                let pins = fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                (pins, vec!["--requirement".into(), path.into_os_string()])
            }
            Requirements::Lines(lines) => {
                (lines.join("\n"), lines.iter().map(Into::into).collect())
            }
        };
        let environment = folder.join(&*self.name);
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
            Step::start(self.description.clone()),
            pip(&python).arg("install").args(pip_arguments),
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
