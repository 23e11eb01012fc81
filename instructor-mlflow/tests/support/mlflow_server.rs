//! A real tracking server of any version, which can be killed and started again on the same store.

use std::env;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Which server, and how it keeps things: from the environment of the test.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The Python that has this version of MLflow.
    pub python: PathBuf,
    /// `sql` or `file`.
    pub store: String,
    /// `served`, or `local`: a folder that clients would have to write to themselves.
    pub artifacts: String,
}

impl Installation {
    /// `None`, and a printed reason, if the environment names none.
    pub fn of_environment() -> Option<Installation> {
        let Some(python) = env::var_os("INSTRUCTOR_TEST_VERSION_PYTHON") else {
            println!(
                "skipped: INSTRUCTOR_TEST_VERSION_PYTHON names no Python with a version of MLflow; `cargo xtask test \
                 --matrix` does"
            );
            return None;
        };
        let or = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
        Some(Installation {
            python: python.into(),
            store: or("INSTRUCTOR_TEST_VERSION_STORE", "sql"),
            artifacts: or("INSTRUCTOR_TEST_VERSION_ARTIFACTS", "served"),
        })
    }
}

/// A server; it ends, with its workers, when this value is dropped.
#[derive(Debug)]
pub struct MlflowServer {
    installation: Installation,
    folder: PathBuf,
    pub port: u16,
    process: Option<Child>,
}

impl MlflowServer {
    /// Starts a server that keeps everything in `folder`, and waits for it.
    pub fn start(installation: Installation, folder: &Path) -> MlflowServer {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        drop(listener);
        let mut server = MlflowServer {
            installation,
            folder: folder.to_owned(),
            port,
            process: None,
        };
        server.run();
        server
    }

    /// Kills the server as a crash does, and starts it again on the same store.
    pub fn crash(&mut self) {
        self.kill();
        self.run();
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Its workers are in the same process group.
            let group = format!("-{}", process.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            let _ = process.wait();
        }
    }

    fn run(&mut self) {
        let log = self.folder.join("server.log");
        let log = File::options().create(true).append(true).open(log);
        let log = log.expect("the folder can be written to");
        let (store, artifacts) = (&self.installation.store, &self.installation.artifacts);
        let store = match store.as_str() {
            "file" => "./mlruns",
            _ => "sqlite:///mlflow.db",
        };
        let place = self.folder.join("artifacts");
        fs::create_dir_all(&place).expect("the folder can be written to");
        let artifacts_option = match artifacts.as_str() {
            "local" => "--default-artifact-root",
            _ => "--artifacts-destination",
        };
        let python = &self.installation.python;
        // However this test ends, the server does as well.
        let leash = Path::new(env!("CARGO_MANIFEST_DIR")).join("../xtask/python/leash.py");
        let mut command = Command::new(python);
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let port = self.port.to_string();
        command
            .arg(leash)
            .arg(python)
            .args([
                "-m",
                "mlflow",
                "server",
                "--host",
                "127.0.0.1",
                "--workers",
                "1",
            ])
            .args(["--port", &port, "--backend-store-uri", store])
            .arg(artifacts_option)
            .arg(&place)
            .env("MLFLOW_DISABLE_TELEMETRY", "true")
            .env("DO_NOT_TRACK", "true")
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
            .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("an open file"))
            .stderr(log);
        self.process = Some(command.spawn().expect("Python can be started"));
        let begin = Instant::now();
        // Another version may keep the port open before it answers.
        while !answers(self.port) {
            assert!(
                begin.elapsed() < Duration::from_secs(180),
                "the server starts"
            );
            thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for MlflowServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn answers(port: u16) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let mut answer = String::new();
    let request =
        format!("GET /health HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.read_to_string(&mut answer))
        .is_ok_and(|_| answer.contains(" 200 "))
}
