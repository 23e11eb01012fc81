//! No secret is seen anywhere: a program makes every kind of call with every kind of credentials, to servers that say what they were
//! sent wherever they can, and shows all that it has. Looked at are its log at TRACE, `Debug` of its values, its errors and panics, what
//! reaches MLflow, and the files it leaves.
//!
//! The program is this binary again, in a process of its own (see `tests/mlflow/programs.rs`).
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

#[path = "../it/answers.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod answers;
mod calls;
mod echo;
#[path = "../it/events.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod events;
mod program;
mod secrets;
#[path = "../it/server.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod server;
mod shown;
#[path = "../it/strict_schema.rs"]
#[allow(dead_code, reason = "shared with the tests of the schemas")]
mod strict_schema;
mod tracking;
#[path = "../../instructor-mlflow/tests/support/scripted_server.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the tests of delivery, which use all of it"
)]
mod tracking_server;
mod types;

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Output;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use program::Run;
use secrets::{Finder, MLFLOW_PASSWORD, MLFLOW_TOKEN, MLFLOW_USER};
use tracking_server::{Received, ScriptedServer};

/// How the program is told its credentials of MLflow.
#[derive(Debug, Clone, Copy)]
enum Told {
    InTheAddress,
    AsVariables,
    AsAToken,
    /// `~/.mlflow/credentials`.
    InAFile,
}

impl Told {
    const ALL: [Told; 4] = [
        Told::InTheAddress,
        Told::AsVariables,
        Told::AsAToken,
        Told::InAFile,
    ];

    /// What the server is to see of them.
    fn authorization(self) -> String {
        match self {
            Told::AsAToken => format!("Bearer {MLFLOW_TOKEN}"),
            _ => format!(
                "Basic {}",
                STANDARD.encode(format!("{MLFLOW_USER}:{MLFLOW_PASSWORD}"))
            ),
        }
    }

    fn tell(self, run: &mut Run, uri: &str) {
        let uri = match self {
            Told::InTheAddress => {
                let password = utf8_percent_encode(MLFLOW_PASSWORD, NON_ALPHANUMERIC);
                uri.replace("://", &format!("://{MLFLOW_USER}:{password}@"))
            }
            _ => uri.to_owned(),
        };
        run.set("MLFLOW_TRACKING_URI", &uri);
        match self {
            Told::InTheAddress => {}
            Told::AsVariables => {
                run.set("MLFLOW_TRACKING_USERNAME", MLFLOW_USER);
                run.set("MLFLOW_TRACKING_PASSWORD", MLFLOW_PASSWORD);
            }
            Told::AsAToken => run.set("MLFLOW_TRACKING_TOKEN", MLFLOW_TOKEN),
            Told::InAFile => {
                let password = MLFLOW_PASSWORD.replace('%', "%%");
                let text = format!(
                    "[mlflow]\nmlflow_tracking_username = {MLFLOW_USER}\nmlflow_tracking_password = {password}\n"
                );
                let folder = run.home().join(".mlflow");
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join("credentials"), text).unwrap();
            }
        }
    }
}

/// What is seen of secrets in the program's words, in its files, and in what `received` has got of it.
fn seen(run: &Run, output: &Output, received: &[Received]) -> Vec<String> {
    let finder = Finder::new();
    let mut seen = finder.find("standard output", &output.stdout);
    seen.extend(finder.find("standard error", &output.stderr));
    for request in received {
        seen.extend(in_request(&finder, request));
    }
    // A place for each folder that the program may write to.
    for folder in [run.folder(), &run.spool()] {
        in_files(&finder, folder, &mut seen);
    }
    seen
}

fn in_request(finder: &Finder, request: &Received) -> Vec<String> {
    let line = request.line();
    let mut seen = finder.find(&line, request.target.as_bytes());
    for (name, value) in &request.headers {
        if name != "authorization" {
            seen.extend(finder.find(&format!("{line}, {name}"), value.as_bytes()));
        }
    }
    seen.extend(finder.find(&line, &request.body));
    if request
        .headers
        .get("content-encoding")
        .is_some_and(|encoding| encoding == "gzip")
    {
        let mut body = Vec::new();
        GzDecoder::new(&*request.body)
            .read_to_end(&mut body)
            .unwrap();
        seen.extend(finder.find(&line, &body));
    }
    seen
}

fn in_files(finder: &Finder, folder: &Path, seen: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let place = path.display().to_string();
        seen.extend(finder.find("the name of a file", place.as_bytes()));
        if path.is_dir() {
            in_files(finder, &path, seen);
        } else {
            seen.extend(finder.find(&place, &fs::read(&path).unwrap()));
        }
    }
}

#[track_caller]
fn assert_nothing(seen: &[String]) {
    let count = seen.len();
    assert!(
        seen.is_empty(),
        "{count} secrets are seen:\n{}",
        seen[..count.min(12)].join("\n\n")
    );
}

#[test]
fn no_secret_of_a_provider_is_seen() {
    let mlflow = ScriptedServer::start();
    let mut run = Run::of("program::calls");
    Told::AsAToken.tell(&mut run, &mlflow.uri());
    let output = run.output();
    let received = mlflow.received();
    assert_nothing(&seen(&run, &output, &received));

    // It was looked for where it would be.
    let said = String::from_utf8_lossy(&output.stderr);
    for part in [
        "TRACE",
        "reqwest",
        "hyper_util",
        "panicked at",
        "instructor",
    ] {
        assert!(said.contains(part), "{part:?} is not in the log");
    }
    assert!(
        received.len() > 10,
        "{} requests have reached MLflow",
        received.len()
    );
    types::assert_all_shown(&output.stdout);
}

#[test]
fn no_secret_of_mlflow_is_seen() {
    for told in Told::ALL {
        let authorization = told.authorization();
        let secret = match told {
            Told::AsAToken => MLFLOW_TOKEN,
            _ => MLFLOW_PASSWORD,
        };
        let echo = format!("{authorization} {secret}");
        for status in [200, 400, 401, 503] {
            let mut mlflow = ScriptedServer::start();
            if status != 200 {
                mlflow = mlflow.reply_all("", status, &*echo);
            }
            let mut run = Run::of("program::tracking");
            told.tell(&mut run, &mlflow.uri());
            let output = run.output();
            let received = mlflow.received();
            assert_nothing(&seen(&run, &output, &received));
            let signed = received
                .iter()
                .filter(|request| request.headers.get("authorization") == Some(&authorization));
            assert!(signed.count() > 3, "{told:?}: nothing was signed");
        }
    }
}
