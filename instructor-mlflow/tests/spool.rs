//! What is left when programs have ended, in real files: shown and sent by `mlflow-spool`, and by `drain`.
#![allow(clippy::expect_used)] // A test may panic, its functions too.

mod support;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use instructor_mlflow::{DrainError, SpoolStatus, drain, last_trace_id, openai};
use serde_json::Value;
use support::calls::{self, Dialect, Ending, PROMPT};
use support::scripted_server::{SPANS, ScriptedServer, VERSION, dead_port, uri};

/// Names the server to a program; without it, this is not the program's process.
const SERVER: &str = "INSTRUCTOR_TEST_PROGRAM_SERVER";

/// Whether the program delivers its traces when it is told to end.
const FLUSHES: &str = "INSTRUCTOR_TEST_PROGRAM_FLUSHES";

/// What a trace id begins with in the output of a program, after what the test harness says.
const TRACE: &str = "trace: ";

const PATIENCE: Duration = Duration::from_secs(60);

/// Not a test by itself: a program that makes two calls, and ends without a word to the server.
#[test]
fn program_that_leaves_traces() {
    let Ok(server) = std::env::var(SERVER) else {
        return;
    };
    let autolog = openai::autolog().tracking_uri(server).experiment("emails");
    let autolog = autolog.flush_on_terminate(std::env::var(FLUSHES).is_ok());
    let _guard = autolog.init().expect("no subscriber is installed yet");
    for _ in 0..2 {
        calls::email(Dialect::OpenAi, Ending::Accepted);
        let trace = last_trace_id().expect("a call was traced");
        eprintln!("{TRACE}{trace}");
    }
    // Until the test ends it.
    let _ = std::io::stdin().read_line(&mut String::new());
    // No destructor runs.
    std::process::exit(0);
}

/// A program that is running, and has made its calls.
struct Program {
    process: Child,
    /// Their ids.
    traces: Vec<String>,
    /// What it says.
    said: Lines<BufReader<ChildStderr>>,
}

impl Program {
    fn start(server: &str, spool: &Path) -> Program {
        Program::start_with(server, spool, &[])
    }

    fn start_with(server: &str, spool: &Path, variables: &[&str]) -> Program {
        let this = std::env::current_exe().expect("it runs");
        let mut command = Command::new(this);
        command
            .args(["--exact", "program_that_leaves_traces", "--nocapture"])
            .env(SERVER, server)
            .env("MLFLOW_SPOOL_DIR", spool)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .envs(variables.iter().map(|name| (name, "yes")));
        let mut process = command.spawn().expect("it can be started");
        let said = process.stderr.take().expect("it is piped");
        let mut said = BufReader::new(said).lines();
        let lines = said.by_ref().map_while(Result::ok);
        let traces = lines.filter_map(|line| Some(line.strip_prefix(TRACE)?.to_owned()));
        let traces: Vec<String> = traces.take(2).collect();
        assert_eq!(traces.len(), 2, "two calls are made");
        // On a busy disk they are in memory first.
        let on_disk = || traces_in(spool);
        while !traces.iter().all(|trace| on_disk().contains(trace)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        Program {
            process,
            traces,
            said,
        }
    }

    /// Lets it end; its traces.
    fn end(mut self) -> Vec<String> {
        drop(self.process.stdin.take());
        let ended = self.process.wait().expect("it ends");
        assert!(ended.success(), "{ended}");
        self.traces
    }
}

/// Runs `mlflow-spool`: its exit status, and what it writes to both outputs.
fn mlflow_spool(arguments: &[&str], spool: &Path) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_mlflow-spool"))
        .args(arguments)
        .env("MLFLOW_SPOOL_DIR", spool)
        .output()
        .expect("it can be started");
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    let status = output.status.code().expect("it was not killed");
    (status, text(output.stdout), text(output.stderr))
}

/// A server that takes nothing until it is healed.
fn busy_server() -> ScriptedServer {
    ScriptedServer::start().reply_all("", 503, "busy")
}

fn spool() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// The traces whose spans the server has, each span once.
#[track_caller]
fn traces_at(server: &ScriptedServer) -> HashSet<String> {
    let spans = server.spans();
    let ids: HashSet<_> = spans
        .iter()
        .map(|span| (&span.trace_id, &span.span_id))
        .collect();
    assert_eq!(ids.len(), spans.len(), "a span is there twice");
    spans.iter().map(|span| span.trace()).collect()
}

/// The traces that wait.
fn traces_in(spool: &Path) -> HashSet<String> {
    let mut traces = HashSet::new();
    let status = SpoolStatus::read(spool).expect("it can be read");
    for directory in status.directories {
        let _ = directory.for_each_record(|record| {
            traces.insert(record.trace_id.to_string());
            Ok(())
        });
    }
    traces
}

fn names_below(spool: &Path) -> Vec<String> {
    let listed = std::fs::read_dir(spool).expect("it is there");
    let names = listed.map(|entry| entry.expect("it is listed").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn what_a_program_left_is_shown_and_sent_once() {
    let (server, spool) = (busy_server(), spool());
    let left = Program::start(&server.uri(), spool.path()).end();

    let (code, status, _) = mlflow_spool(&["status"], spool.path());
    assert_eq!(code, 1, "something is left");
    let expected = format!(
        "left behind, for {}, experiment emails: 2 records wait, ",
        server.uri()
    );
    assert!(status.contains(&expected), "{status}");

    let (code, inspected, _) = mlflow_spool(&["inspect"], spool.path());
    assert_eq!(code, 1);
    for trace in &left {
        assert!(inspected.contains(trace), "{trace} is not in {inspected}");
    }
    assert!(inspected.contains("call chat, "), "{inspected}");
    assert!(inspected.contains("call create\n"), "{inspected}");
    assert!(!inspected.contains(PROMPT), "nobody asked for content");

    let here = spool.path().to_str().expect("it is text");
    let (_, content, _) = mlflow_spool(&["inspect", here, "--content"], &spool.path().join("no"));
    let begin = content.find('{').expect("there is JSON");
    let records = serde_json::Deserializer::from_str(&content[begin..]).into_iter::<Value>();
    let record = records.map_while(Result::ok).next().expect("it is JSON");
    assert_eq!(record["trace_id"], left[0]["tr-".len()..]);
    assert!(record.to_string().contains(PROMPT), "{record}");

    server.heal();
    let (code, drained, said) = mlflow_spool(&["drain"], spool.path());
    assert_eq!((code, said.as_str()), (0, ""), "{drained}");
    assert_eq!(
        drained,
        "2 records sent, 0 put into quarantine, 0 still waiting\n"
    );
    assert_eq!(traces_at(&server), left.into_iter().collect());
    assert_eq!(names_below(spool.path()), [""; 0]);

    let requests = server.received_at(SPANS).len();
    let (code, drained, _) = mlflow_spool(&["drain"], spool.path());
    assert_eq!(code, 0);
    assert_eq!(
        drained,
        "0 records sent, 0 put into quarantine, 0 still waiting\n"
    );
    assert_eq!(server.received_at(SPANS).len(), requests);
    let (code, status, _) = mlflow_spool(&["status"], spool.path());
    assert_eq!((code, status.as_str()), (0, "no traces wait\n"));
}

#[test]
fn what_is_in_use_is_left_alone() {
    let (server, spool) = (busy_server(), spool());
    let program = Program::start(&server.uri(), spool.path());
    let (code, status, _) = mlflow_spool(&["status"], spool.path());
    assert_eq!(code, 0, "its own program sends it: {status}");
    assert!(status.contains(": in use, for "), "{status}");
    assert!(status.contains(": 2 records wait, "), "{status}");
    let before = names_below(spool.path());
    let drained = drain(spool.path(), PATIENCE).expect("nothing is left behind");
    assert_eq!(drained.emitted, 0);
    assert_eq!(names_below(spool.path()), before);
    let left = program.end();
    let status = SpoolStatus::read(spool.path()).expect("it can be read");
    assert_eq!(status.left_behind(), 2);
    server.heal();
    let drained = drain(spool.path(), PATIENCE).expect("the server is well");
    assert_eq!((drained.sent, drained.adopted), (2, 2));
    assert_eq!(traces_at(&server), left.into_iter().collect());
}

#[test]
fn each_trace_reaches_its_own_server_though_another_one_is_down() {
    let (one, other, spool) = (busy_server(), busy_server(), spool());
    let down = uri(dead_port());
    // More than are adopted at once.
    let to_one: Vec<Program> = (0..17)
        .map(|_| Program::start(&one.uri(), spool.path()))
        .collect();
    let to_other = Program::start(&other.uri(), spool.path());
    let to_none = Program::start(&down, spool.path());
    let to_one: HashSet<String> = to_one.into_iter().flat_map(Program::end).collect();
    let to_other: HashSet<String> = to_other.end().into_iter().collect();
    to_none.end();
    one.heal();
    other.heal();
    let left = drain(spool.path(), PATIENCE).expect_err("one server is down");
    let DrainError::Waiting(left) = left else {
        panic!("{left} was not expected");
    };
    assert_eq!((left.statistics.sent, left.statistics.spooled), (36, 2));
    assert!(left.reason.is_some(), "it is said why");
    assert_eq!(traces_at(&one), to_one);
    assert_eq!(traces_at(&other), to_other);
    let status = SpoolStatus::read(spool.path()).expect("it can be read");
    let servers = status.directories.iter().map(|one| one.server.as_deref());
    assert_eq!(servers.collect::<Vec<_>>(), [Some(down.as_str())]);
    let seconds = ["drain", "--timeout", "1"];
    let (code, drained, said) = mlflow_spool(&seconds, spool.path());
    assert_eq!(code, 1, "{drained}");
    assert!(drained.contains("2 still waiting"), "{drained}");
    assert!(
        drained.contains("2 of 2 traces have not reached MLflow"),
        "{drained}"
    );
    assert!(
        said.is_empty() || said.contains("no MLflow server can be reached"),
        "{said}"
    );
}

#[test]
fn credentials_are_those_of_who_drains() {
    let spool = spool();
    let server = busy_server();
    Program::start(&server.uri(), spool.path()).end();
    server.heal();
    let server = server.demand_authorization("Bearer of-the-drainer");
    let (code, _, said) = mlflow_spool(&["drain", "--timeout", "2"], spool.path());
    assert_eq!(code, 1);
    assert!(
        said.contains("refuses the credentials (HTTP 401)"),
        "{said}"
    );
    let output = Command::new(env!("CARGO_BIN_EXE_mlflow-spool"))
        .arg("drain")
        .arg(spool.path())
        .env("MLFLOW_TRACKING_TOKEN", "of-the-drainer")
        .output()
        .expect("it can be started");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(traces_at(&server).len(), 2);
}

/// How a program ended that got SIGTERM while its traces waited for `server`, which is healed before.
#[cfg(unix)]
fn terminated(server: &ScriptedServer, spool: &Path) -> (Option<i32>, Vec<String>) {
    use std::os::unix::process::ExitStatusExt;

    let mut program = Program::start_with(&server.uri(), spool, &[FLUSHES]);
    while server.received().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    server.heal();
    let kill = Command::new("kill")
        .args(["-TERM", &program.process.id().to_string()])
        .status();
    assert!(kill.expect("it can be started").success());
    // Its end would be the program's.
    let stdin = program.process.stdin.take();
    let ended = program.process.wait().expect("it ends");
    drop(stdin);
    (ended.signal(), program.traces)
}

#[cfg(unix)]
const SIGTERM: i32 = 15;

#[cfg(unix)]
#[test]
fn a_program_that_is_told_to_end_delivers_first_if_it_wants_to() {
    let (server, spool) = (busy_server(), spool());
    let (signal, traces) = terminated(&server, spool.path());
    assert_eq!(signal, Some(SIGTERM));
    assert_eq!(traces_at(&server), traces.into_iter().collect());
    assert_eq!(names_below(spool.path()), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_program_that_is_told_to_end_twice_ends_at_once() {
    let spool = spool();
    // It never answers, so that the flush takes all of its time, and says then what is missing.
    let server = ScriptedServer::start().delay(VERSION, Duration::from_secs(3600));
    let mut program = Program::start_with(&server.uri(), spool.path(), &[FLUSHES]);
    let id = program.process.id().to_string();
    let ended = loop {
        let kill = Command::new("kill").args(["-TERM", &id]).status();
        assert!(kill.expect("it can be started").success());
        std::thread::sleep(Duration::from_millis(100));
        if let Some(ended) = program.process.try_wait().expect("it is ours") {
            break ended;
        }
    };
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&ended),
        Some(SIGTERM)
    );
    let said: Vec<String> = program.said.map_while(Result::ok).collect();
    assert_eq!(said, [""; 0]);
    let status = SpoolStatus::read(spool.path()).expect("it can be read");
    assert_eq!(status.left_behind(), 2);
}

#[test]
fn quarantine_is_shown_with_its_reason() {
    let server = busy_server();
    let spool = spool();
    Program::start(&server.uri(), spool.path()).end();
    server.heal();
    let server = server.refuse_containing("EmailSubject", 400);
    let (code, drained, _) = mlflow_spool(&["drain"], spool.path());
    assert_eq!(code, 0);
    assert!(
        drained.contains("2 put into quarantine, 0 still waiting"),
        "{drained}"
    );
    let (code, status, _) = mlflow_spool(&["status"], spool.path());
    assert_eq!(code, 0, "what is in quarantine is not sent by anybody");
    assert!(status.contains("quarantine: "), "{status}");
    assert!(!server.received_at(SPANS).is_empty(), "it was asked");
    assert!(
        status.contains("HTTP 400 Bad Request: bad span"),
        "{status}"
    );
}

#[test]
fn what_cannot_be_read_is_left_and_said() {
    let (server, spool) = (busy_server(), spool());
    Program::start(&server.uri(), spool.path()).end();
    server.heal();
    let of_later_version = spool.path().join("0123456789abcdef");
    std::fs::create_dir(&of_later_version).expect("the name is free");
    let segment = of_later_version.join("00000001.segment");
    let bytes = [b"\x89SEGMENT".as_slice(), &9_u16.to_le_bytes(), &[0; 64]].concat();
    std::fs::write(&segment, &bytes).expect("it is written");
    let reason = "the format has version 9, and this program reads version 1";
    let (code, status, _) = mlflow_spool(&["status"], spool.path());
    assert_eq!(code, 1);
    assert!(status.contains(reason), "{status}");
    let (code, drained, _) = mlflow_spool(&["drain"], spool.path());
    assert_eq!(code, 1);
    assert!(drained.starts_with("2 records sent, "), "{drained}");
    assert!(drained.contains("1 directories of traces are left as they are"));
    assert!(drained.contains(reason), "{drained}");
    assert_eq!(std::fs::read(&segment).expect("it is there"), bytes);
}

#[test]
fn a_wrong_directory_and_a_bad_command_are_said() {
    let spool = spool();
    let missing = spool.path().join("missing");
    let name = missing.to_str().expect("it is text");
    for command in ["status", "inspect", "drain"] {
        let (code, output, said) = mlflow_spool(&[command, name], spool.path());
        assert_eq!((code, output.as_str()), (2, ""), "{said}");
        assert!(said.contains(&format!("{name} cannot be read: ")), "{said}");
    }
    let wrong: [(&[&str], &str); 7] = [
        (&[], "say what to do"),
        (&["flush"], "there is no command `flush`"),
        (
            &["status", "--content"],
            "there is no option `--content` here",
        ),
        (&["drain", "--timeout"], "--timeout needs whole seconds"),
        (
            &["drain", "--timeout", "soon"],
            "--timeout needs whole seconds",
        ),
        (&["status", "a", "b"], "name one directory at a time"),
        (
            &["drain", "--timeout", "-1"],
            "--timeout needs whole seconds",
        ),
    ];
    for (arguments, reason) in wrong {
        let (code, output, said) = mlflow_spool(arguments, spool.path());
        assert_eq!((code, output.as_str()), (2, ""), "{arguments:?}: {said}");
        let expected =
            format!("mlflow-spool: {reason}; `mlflow-spool --help` says how it is used\n");
        assert_eq!(said, expected);
    }
    let (code, help, _) = mlflow_spool(&["drain", "--help"], spool.path());
    assert_eq!(code, 0);
    assert!(help.contains("Usage: mlflow-spool status [DIR]"), "{help}");
    let (code, output, _) = mlflow_spool(&["status"], &missing);
    assert_eq!(code, 0, "no program has run: {output}");
    let (code, _, said) = mlflow_spool(&["status"], Path::new("off"));
    assert_eq!(code, 2);
    assert!(said.contains("MLFLOW_SPOOL_DIR is `off`"), "{said}");
}
