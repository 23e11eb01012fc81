//! `cargo xtask deny`: what the dependencies bring along, held against `deny.toml`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::checks::Checks;
use crate::tool::{self, Tool};
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let program = Tool::DENY.install(workspace)?;
    let mut checks = Checks::default();
    check_all(workspace, &program, &mut checks)?;
    checks.conclude()
}

/// Makes the checks if the program is there, and else says how to get it: it takes longer to build than all the rest of the checks may.
pub(crate) fn check_if_installed(workspace: &Workspace, checks: &mut Checks) -> Result<()> {
    match Tool::DENY.installed(workspace) {
        Some(program) => check_all(workspace, &program, checks),
        None => {
            println!("\n=== licences, versions and sources of dependencies");
            println!(
                "not checked: `cargo xtask deny` has not been run here, which builds cargo-deny"
            );
            Ok(())
        }
    }
}

fn check_all(workspace: &Workspace, program: &Path, checks: &mut Checks) -> Result<()> {
    let deny = || tool::call(workspace, program, "--workspace");
    checks.run(
        "licences, versions and sources of dependencies",
        deny().args(["check", "licenses", "bans", "sources"]),
    )?;
    // The database of RustSec is on GitHub, which cannot be reached from everywhere.
    match fetched(deny().args(["fetch", "db"]))? {
        Ok(()) => checks.run(
            "advisories about dependencies",
            deny().args(["check", "advisories"]),
        ),
        Err(reason) => {
            println!("\n=== advisories about dependencies");
            println!("not checked: the database of RustSec could not be fetched: {reason}");
            Ok(())
        }
    }
}

/// Whether the command has succeeded; if not, the first line of what it said.
fn fetched(command: &mut Command) -> Result<Result<(), String>> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().find(|line| line.contains("ERROR"));
    let reason = reason
        .or(said.lines().next())
        .unwrap_or("it did not say why");
    Ok(Err(reason.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_fetched_is_told_with_its_reason() {
        let shell = |script: &str| fetched(Command::new("sh").args(["-c", script])).unwrap();
        assert_eq!(shell("exit 0"), Ok(()));
        let script = "echo note >&2; echo '[ERROR] no network' >&2; exit 1";
        assert_eq!(shell(script), Err("[ERROR] no network".to_owned()));
        assert_eq!(shell("exit 1"), Err("it did not say why".to_owned()));
    }
}
