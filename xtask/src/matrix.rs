//! `cargo xtask test --matrix`: old versions of MLflow, each with its own server and its own Python client.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::checks::Checks;
use crate::interpreter::Interpreter;
use crate::lock::FolderLock;
use crate::packages::Packages;
use crate::workspace::Workspace;

/// The version that `xtask/python/requirements.txt` pins.
const NEWEST: &str = "3.17.2";

/// A server to be tried: version, store, and where the files of traces go.
const SERVERS: [(&str, &str, &str); 10] = [
    ("2.14.3", "sql", "served"),
    ("2.14.3", "sql", "local"),
    ("2.22.5", "sql", "served"),
    ("3.1.4", "sql", "served"),
    ("3.4.0", "sql", "served"),
    ("3.4.0", "sql", "local"),
    ("3.6.0", "sql", "served"),
    ("3.6.0", "file", "served"),
    ("3.8.1", "sql", "served"),
    (NEWEST, "sql", "served"),
];

/// Between these lines of the page stands the table.
const BEGIN: &str = "<!-- written by cargo xtask test --matrix -->";
const END: &str = "<!-- end -->";

/// What one server showed, as `instructor-mlflow/tests/versions.rs` writes it.
#[derive(Deserialize)]
struct Row {
    server: String,
    /// A, B or C.
    route: String,
    previews: bool,
    token_field: bool,
    cost: bool,
    cost_field: bool,
    own_ids: bool,
}

/// Tries the servers whose version is among `versions`; all if there are none.
pub(crate) fn run(workspace: &Workspace, versions: &[String]) -> Result<()> {
    let chosen = |version: &str| versions.is_empty() || versions.iter().any(|one| one == version);
    let servers: Vec<_> = SERVERS
        .into_iter()
        .filter(|(version, ..)| chosen(version))
        .collect();
    let pythons = install(workspace, &servers)?;
    let folder = workspace.target.join("matrix");
    let _lock = FolderLock::take_empty(&folder)?;

    let mut checks = Checks::default();
    let mut rows = Vec::new();
    for (position, (version, store, artifacts)) in servers.iter().enumerate() {
        let python = pythons.get(version).context("it was installed")?;
        let row = folder.join(format!("{position}.json"));
        let mut command = workspace.cargo();
        command
            .args([
                "test",
                "--package",
                "instructor-mlflow",
                "--test",
                "versions",
            ])
            .args(["--", "--nocapture"])
            .env("INSTRUCTOR_TEST_VERSION_PYTHON", python)
            .env("INSTRUCTOR_TEST_VERSION_STORE", store)
            .env("INSTRUCTOR_TEST_VERSION_ARTIFACTS", artifacts)
            .env("INSTRUCTOR_TEST_VERSION_ROW", &row);
        let name = format!("MLflow {version}, store: {store}, artifacts: {artifacts}");
        checks.run(&name, &mut command)?;
        if row.exists() {
            rows.push(read_row(&row)?);
        }
    }
    let table = table(&rows);
    println!("\n{table}");
    if rows.len() == SERVERS.len() {
        let page = workspace.root.join("docs").join("mlflow-servers.md");
        write_table(&page, &table)?;
    }
    checks.conclude()
}

/// The Python of each version.
fn install<'a>(
    workspace: &Workspace,
    servers: &[(&'a str, &str, &str)],
) -> Result<BTreeMap<&'a str, PathBuf>> {
    let interpreter = Interpreter::find()?;
    let folder = workspace.target.join("environment");
    let _lock = FolderLock::take(&folder)?;
    let mut pythons = BTreeMap::new();
    for (version, ..) in servers {
        if pythons.contains_key(version) {
            continue;
        }
        let packages = match *version {
            NEWEST => Packages::PROJECT,
            version => Packages::mlflow(version),
        };
        let python = packages.install(workspace, &interpreter, &folder)?;
        pythons.insert(*version, python);
    }
    Ok(pythons)
}

fn read_row(path: &Path) -> Result<Row> {
    let text = fs::read_to_string(path)?;
    serde_json::from_str(&text).with_context(|| format!("cannot read {}", path.display()))
}

/// What was checked alike on every server is said in the page around the table.
fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "| MLflow | way | id of the trace | previews | tokens of the trace | cost of the trace |\n|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let ids = if row.own_ids {
            "its own"
        } else {
            "the server's"
        };
        let previews = if row.previews {
            "yes"
        } else {
            "first 250 characters, in metadata"
        };
        let place = |is_there, has_field| match (is_there, has_field) {
            (false, _) => "no",
            (true, true) => "yes",
            (true, false) => "in metadata",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "| {} | {} | {ids} | {previews} | {} | {} |",
            row.server,
            row.route,
            place(true, row.token_field),
            place(row.cost, row.cost_field),
        );
    }
    table
}

fn write_table(page: &Path, table: &str) -> Result<()> {
    let text =
        fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    let replaced = replace_table(&text, table)
        .with_context(|| format!("{} lacks the lines around the table", page.display()))?;
    fs::write(page, replaced).with_context(|| format!("cannot write {}", page.display()))
}

fn replace_table(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_of_the_page_is_replaced() {
        let page = format!("# Servers\n\n{BEGIN}\n| old |\n{END}\n\nMore.\n");
        let replaced = replace_table(&page, "| new |\n").unwrap();
        assert_eq!(
            replaced,
            format!("# Servers\n\n{BEGIN}\n| new |\n{END}\n\nMore.\n")
        );
        assert_eq!(replace_table("# Servers", "| new |\n"), None);
    }

    #[test]
    fn the_newest_version_is_the_one_that_is_pinned() {
        let workspace = Workspace::locate().unwrap();
        let pins = fs::read_to_string(workspace.script("requirements.txt")).unwrap();
        assert!(pins.lines().any(|line| line == format!("mlflow=={NEWEST}")));
    }
}
