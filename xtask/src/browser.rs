//! The browser that looks at MLflow's pages, and the program that drives it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};
use nix::unistd::geteuid;

use crate::environment::Environment;
use crate::progress::Step;
use crate::server::{Launch, Server, free_port};
use crate::workspace::Workspace;

/// Names under which the browser may be installed.
const BROWSERS: [&str; 4] = [
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
];
const DRIVER: &str = "chromedriver";
/// What Debian calls the two; without a font there is no text to look at.
const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-liberation"];

/// Chromium or Chrome, and the `chromedriver` of the same version.
pub(crate) struct Browser {
    program: PathBuf,
    driver: PathBuf,
}

impl Browser {
    /// The programs that the variables `CHROME` and `CHROMEDRIVER` name, else those on the path. Where these are missing, and this
    /// program runs as root on Debian, they are installed; the log goes to `folder`.
    ///
    /// # Errors
    ///
    /// If there is no browser, with what to do.
    pub(crate) fn prepare(folder: &Path) -> Result<Self> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        let advice = "install Chromium (or Chrome) and the chromedriver of the same version (Debian, as root: apt-get install \
                      chromium chromium-driver), or name them with CHROME=/path/to/chrome CHROMEDRIVER=/path/to/chromedriver";
        if on_path("apt-get").is_none() || !geteuid().is_root() {
            return Err(anyhow!(
                "there is no browser to look at MLflow's pages: {advice}"
            ));
        }
        install(folder).with_context(|| format!("cannot install a browser: {advice}"))?;
        Self::find().with_context(|| format!("apt-get has installed no browser: {advice}"))
    }

    fn find() -> Option<Self> {
        let program = named_by("CHROME").or_else(|| BROWSERS.iter().find_map(|name| on_path(name)));
        let driver = named_by("CHROMEDRIVER").or_else(|| on_path(DRIVER));
        Some(Self {
            program: program?,
            driver: driver?,
        })
    }

    /// Starts the driver; browsers are started by those who ask it for one.
    pub(crate) fn start_driver(
        &self,
        workspace: &Workspace,
        environment: &Environment,
        folder: &Path,
    ) -> Result<Server> {
        let port = free_port()?;
        let launch = Launch {
            name: DRIVER,
            program: self.driver.clone(),
            port,
            arguments: vec![format!("--port={port}")],
            health: "/status",
            variables: &[],
            folder: folder.to_owned(),
        };
        Server::start(workspace, environment, launch)
    }

    /// Sets the variables by which the tests find the browser, and the folder for their pictures.
    pub(crate) fn point_tests_at(&self, command: &mut Command, driver: &Server, pictures: &Path) {
        command
            .env("INSTRUCTOR_TEST_CHROME", &self.program)
            .env("INSTRUCTOR_TEST_CHROMEDRIVER", &driver.address)
            .env("INSTRUCTOR_TEST_PICTURES", pictures);
    }
}

fn install(folder: &Path) -> Result<()> {
    let log = folder.join("apt.log");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command.args(["--quiet", "--yes"]).args(arguments);
        command
    };
    Step::start("update Debian's list of packages").run(&mut apt(&["update"]), &log)?;
    // Both, even if one is there: they must be of one version.
    let install = [&["install", "--no-install-recommends"], &PACKAGES[..]].concat();
    Step::start("install Chromium and its driver (a minute)").run(&mut apt(&install), &log)
}

/// The program that a variable names, whether it exists or not: who names one wants no other.
fn named_by(variable: &str) -> Option<PathBuf> {
    let program = env::var_os(variable).filter(|program| !program.is_empty())?;
    Some(program.into())
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let mut programs = env::split_paths(&folders).map(|folder| folder.join(name));
    programs.find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_path_alone() {
        assert!(on_path("sh").is_some_and(|program| program.is_absolute()));
        assert_eq!(on_path("no-such-browser"), None);
    }
}
