//! A server on the loopback interface that lives as long as the value that stands for it.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::environment::Environment;
use crate::process::ProcessGroup;
use crate::progress::{Step, last_lines, open_log};
use crate::workspace::Workspace;

/// How long a server may take to answer; on a busy machine MLflow has been seen to take three minutes.
const PATIENCE: Duration = Duration::from_secs(400);
const POLL: Duration = Duration::from_millis(100);

/// A server to be started.
pub(crate) struct Launch {
    pub(crate) name: &'static str,
    /// What runs it.
    pub(crate) program: PathBuf,
    /// The port that its arguments name.
    pub(crate) port: u16,
    pub(crate) arguments: Vec<String>,
    /// The path that answers 200 once it is up.
    pub(crate) health: &'static str,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// The folder in which the server runs and to which its log is written.
    pub(crate) folder: PathBuf,
}

/// A running server; it ends when this value is dropped.
pub(crate) struct Server {
    /// Where it listens, without a path: `http://127.0.0.1:PORT`.
    pub(crate) address: String,
    _process: ProcessGroup,
}

impl Server {
    /// Starts the server and waits until it is up.
    pub(crate) fn start(
        workspace: &Workspace,
        environment: &Environment,
        launch: Launch,
    ) -> Result<Self> {
        let Launch {
            name,
            program,
            port,
            arguments,
            health,
            variables,
            folder,
        } = launch;
        let mut step = Step::start(format!("start {name}"));
        let log = folder.join(format!("{}.log", name.replace(' ', "_")));
        let output = open_log(&log)?;
        let mut process = ProcessGroup::start(
            Command::new(&environment.python)
                .arg(workspace.script("leash.py"))
                .arg(&program)
                .args(arguments)
                .envs(variables.iter().copied())
                .current_dir(&folder)
                // The leash: it is never written to, and closes when this program ends.
                .stdin(Stdio::piped())
                .stdout(output.try_clone()?)
                .stderr(output),
        )?;

        let address = format!("http://{}:{port}", Ipv4Addr::LOCALHOST);
        let health = format!("{address}{health}");
        let started = Instant::now();
        while ureq::get(&health).call().is_err() {
            if let Some(status) = process.exit_status()? {
                bail!("{name} ended while it started ({status}); {}", end_of(&log));
            }
            if started.elapsed() > PATIENCE {
                bail!(
                    "{name} does not answer after {} s; {}",
                    PATIENCE.as_secs(),
                    end_of(&log)
                );
            }
            step.tick();
            thread::sleep(POLL);
        }
        step.done();
        Ok(Self {
            address,
            _process: process,
        })
    }
}

/// A port that nobody listens on, chosen by the operating system.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .context("cannot listen on 127.0.0.1, on which the servers are to run")?;
    Ok(listener.local_addr()?.port())
}

fn end_of(log: &Path) -> String {
    format!("the end of {} is:\n{}", log.display(), last_lines(log))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_start_is_reported_with_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::locate().unwrap();
        let environment = Environment {
            python: "echo".into(),
            model: folder.path().join("no-model"),
        };
        let launch = Launch {
            name: "the mute server",
            program: "echo".into(),
            health: "/health",
            port: free_port().unwrap(),
            arguments: vec!["no such program".to_owned()],
            variables: &[],
            folder: folder.path().to_owned(),
        };

        let error = Server::start(&workspace, &environment, launch)
            .err()
            .unwrap()
            .to_string();

        assert!(
            error.starts_with("the mute server ended while it started"),
            "{error}"
        );
        assert!(error.contains("the_mute_server.log"), "{error}");
        assert!(error.ends_with("leash.py echo no such program"), "{error}");
    }
}
