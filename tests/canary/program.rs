//! The programs, and a run of one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use instructor::prelude::*;
use instructor::{RetryPolicy, provider};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::prelude::*;

use crate::echo::Echo;
use crate::secrets::OPENAI_KEY;
use crate::server::Server;
use crate::shown::show;
use crate::{calls, tracking};

/// Set in a program's process.
const PROGRAM: &str = "INSTRUCTOR_TEST_CANARY";

/// A program that is about to run.
pub(crate) struct Run {
    command: Command,
    /// Where it runs, and where it may write.
    folder: tempfile::TempDir,
    /// Its user's, with the files that are meant to hold secrets.
    home: tempfile::TempDir,
}

impl Run {
    /// The program that is the test of this name.
    pub(crate) fn of(name: &str) -> Self {
        let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env(PROGRAM, "1")
            .env("HOME", home.path())
            .env("TMPDIR", folder.path())
            .env("OPENAI_API_KEY", OPENAI_KEY)
            .env("RUST_BACKTRACE", "0")
            .env_remove("INSTRUCTOR_TEST_WIRE_LOG")
            .current_dir(folder.path());
        let mut run = Run {
            command,
            folder,
            home,
        };
        let spool = run.spool();
        run.set("MLFLOW_SPOOL_DIR", spool.to_str().unwrap());
        run.set("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1");
        run
    }

    pub(crate) fn set(&mut self, variable: &str, value: &str) {
        self.command.env(variable, value);
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where traces wait that could not be delivered.
    pub(crate) fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// What it says.
    pub(crate) fn output(&mut self) -> Output {
        let output = self.command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let end = said.rfind("panicked at").unwrap_or_default();
        assert!(output.status.success(), "{}", &said[end..]);
        output
    }
}

/// Logs everything there is, and traces to MLflow.
fn start() -> Option<(tokio::runtime::Runtime, instructor::mlflow::Guard)> {
    std::env::var_os(PROGRAM)?;
    let (mlflow, guard) = instructor::mlflow::layer()
        .experiment("canary")
        .build()
        .unwrap();
    show(&mlflow);
    let log = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::FULL)
        .with_filter(LevelFilter::TRACE);
    let meters = opentelemetry_sdk::metrics::SdkMeterProvider::default();
    let metrics = instructor::opentelemetry::layer(&meters);
    show(&metrics);
    show(metrics.inner());
    show(mlflow.inner());
    // Also what is said through `log`, as `reqwest` does.
    tracing_subscriber::registry()
        .with(log)
        .with(mlflow)
        .with(metrics)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    Some((runtime, guard))
}

async fn client_of_an_echo() -> (Server, Client) {
    let server = Server::start("canary", |_, request| Echo::Error(401).reply(request)).await;
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .retry_policy(RetryPolicy::none())
        .build()
        .unwrap();
    (server, client)
}

/// Not a test by itself: a program that makes all kinds of calls, and shows a value of every type.
#[test]
fn calls() {
    let Some((runtime, guard)) = start() else {
        return;
    };
    tracking::show_settings();
    runtime.block_on(calls::make());
    runtime.block_on(tracking::ask());
    tracking::deliver(&guard, Duration::from_secs(60));
    runtime.block_on(async {
        let (_server, client) = client_of_an_echo().await;
        tracking::show_frames(&client).await;
    });
}

/// Not a test by itself: a program that traces calls, and asks the tracking server for this and that.
#[test]
fn tracking() {
    let Some((runtime, guard)) = start() else {
        return;
    };
    runtime.block_on(async {
        #[derive(Debug, Deserialize, ResponseModel)]
        struct Person {}
        let (_server, client) = client_of_an_echo().await;
        client.create::<Person>("Who?").await.unwrap_err();
        tracking::ask().await;
    });
    tracking::deliver(&guard, Duration::from_secs(1));
}
