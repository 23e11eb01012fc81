//! What is taken out of traces is in no file while they wait, and the rest survives the end of the program: a program that is ended in the
//! middle of a call, with no server, and the next one, with a server.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test may panic, its functions too.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use instructor_core::Message;
use instructor_mlflow::{LayerBuilder, layer, start_span, update_current_trace};
use serde_json::{Value, json};
use support::calls::{self, Dialect, Ending};
use support::scripted_server::{ScriptedServer, Span, TRACES, dead_port, uri};
use support::traced;

const LONG: Duration = Duration::from_secs(20);

/// Name the server that is not there, the directory and what is taken out to the process of the program.
const SERVER: &str = "INSTRUCTOR_TEST_REDACTION_SERVER";
const DIRECTORY: &str = "INSTRUCTOR_TEST_REDACTION_DIRECTORY";
const WHAT: &str = "INSTRUCTOR_TEST_REDACTION_WHAT";

/// What the user wrote; the quote and the umlaut are escaped in JSON.
const CANARY: &str = "Zeugin-4711 \"Möwe\"";

/// Of what the user and the model wrote, what is the same however it is escaped.
const WRITTEN: [&str; 4] = ["Zeugin-4711", "Q3 launch", "thing we maybe", "bob@example"];

/// What is taken out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TakenOut {
    AllContent,
    ByProcessor,
}

impl TakenOut {
    fn name(self) -> &'static str {
        match self {
            TakenOut::AllContent => "all content",
            TakenOut::ByProcessor => "by processor",
        }
    }

    fn builder(self, uri: &str) -> LayerBuilder {
        let builder = layer()
            .tracking_uri(uri)
            .experiment("emails")
            .log_assessments(true);
        match self {
            TakenOut::AllContent => builder.capture_content(false),
            TakenOut::ByProcessor => builder.span_processor(|span| {
                span.for_each_text(|text| {
                    for written in WRITTEN {
                        *text = text.replace(written, "[hidden]");
                    }
                });
            }),
        }
    }

    /// A call by itself, and another in a span, which `end` is called in.
    fn program(self, end: impl FnOnce()) {
        call();
        let root = match self {
            // The name of a span is no content.
            TakenOut::AllContent => "serve".to_owned(),
            TakenOut::ByProcessor => format!("serve {CANARY}"),
        };
        start_span(&root)
            .inputs(&json!({ "mail": CANARY }))
            .in_scope(|| {
                let notes = update_current_trace()
                    .request_preview(CANARY)
                    .response_preview(CANARY);
                match self {
                    TakenOut::AllContent => notes.apply(),
                    TakenOut::ByProcessor => notes.user(CANARY).tag("about", CANARY).apply(),
                };
                call();
                end();
            });
    }
}

fn call() {
    let messages = vec![Message::user(format!("{}. {CANARY}", calls::PROMPT))];
    calls::email_to(Dialect::OpenAi, Ending::Accepted, messages);
}

/// Not a test by itself: a program that is ended while its last span is open.
#[test]
fn program_that_is_ended() {
    let Ok(server) = std::env::var(SERVER) else {
        return;
    };
    let directory = std::env::var(DIRECTORY).expect("it is named");
    let what = std::env::var(WHAT).expect("it is said");
    let known = [TakenOut::AllContent, TakenOut::ByProcessor];
    let what = known
        .into_iter()
        .find(|one| one.name() == what)
        .expect("it is known");
    let builder = what.builder(&server).spool_dir(directory);
    let (layer, guard) = builder.build().expect("the settings are valid");
    use tracing_subscriber::layer::SubscriberExt;
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        what.program(|| {
            // By then even a slow disk has them.
            guard.flush(LONG).expect_err("there is no server");
            std::process::abort();
        });
    });
}

/// The text, and what it is in other encodings.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let hexadecimal: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![text.as_bytes().to_vec(), hexadecimal.into_bytes()];
    // Of the characters, those that do not depend on what stands before and behind.
    for before in 0..3_usize {
        let encoded = BASE64.encode(["x".repeat(before).as_bytes(), text.as_bytes()].concat());
        let whole = (before + text.len()) / 3 * 4;
        forms.push(encoded.as_bytes()[(before * 8).div_ceil(6)..whole].to_vec());
    }
    forms
}

fn holds(bytes: &[u8], form: &[u8]) -> bool {
    bytes.windows(form.len()).any(|part| part == form)
}

/// How many bytes of files there are below a directory, in none of which anybody wrote.
fn bytes_without_content(directory: &Path) -> usize {
    let entries = fs::read_dir(directory).expect("a directory");
    let lengths = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return bytes_without_content(&path);
        }
        let bytes = fs::read(&path).expect("a file");
        for text in WRITTEN {
            for form in forms(text) {
                let form_text = String::from_utf8_lossy(&form);
                assert!(!holds(&bytes, &form), "{form_text} in {}", path.display());
            }
        }
        bytes.len()
    });
    lengths.sum()
}

/// What the server has of closed spans, without what differs from one run to the next, in the order of their ends.
fn spans(server: &ScriptedServer) -> Vec<Span> {
    let mut spans = server.spans();
    spans.retain(|span| !span.name.starts_with("serve"));
    spans.sort_by_key(|span| span.end_time_unix_nano);
    spans.iter_mut().for_each(|span| {
        span.trace_id.clear();
        span.span_id.clear();
        span.parent_span_id.clear();
        span.start_time_unix_nano = 0;
        span.end_time_unix_nano = 0;
    });
    spans
}

/// What was said of the trace that is one call, the same way.
fn info(server: &ScriptedServer) -> Value {
    let infos = server.received_at(TRACES).into_iter();
    let mut infos = infos.map(|request| request.json()["trace"]["trace_info"].take());
    let is_call = |info: &Value| info["tags"]["mlflow.traceName"] == "create EmailSubject";
    let mut info = infos.find(is_call).expect("the call is there");
    for differs in ["trace_id", "request_time", "execution_duration"] {
        info[differs].take();
    }
    for assessment in info["assessments"].as_array_mut().expect("they are logged") {
        for differs in [
            "assessment_id",
            "trace_id",
            "span_id",
            "create_time",
            "last_update_time",
        ] {
            assessment[differs].take();
        }
    }
    info
}

fn nothing_is_written_and_nothing_is_lost_with(what: TakenOut) {
    let directory = tempfile::tempdir().expect("a directory");
    let port = dead_port();
    let ended = Command::new(std::env::current_exe().expect("it runs"))
        .args(["--exact", "program_that_is_ended", "--nocapture"])
        .env(SERVER, uri(port))
        .env(DIRECTORY, directory.path())
        .env(WHAT, what.name())
        .output()
        .expect("it starts");
    assert!(!ended.status.success(), "it was to be ended");
    assert!(bytes_without_content(directory.path()) > 4096);

    let server = ScriptedServer::start_at(port);
    let guard = traced(
        what.builder(&server.uri()).spool_dir(directory.path()),
        || {},
    );
    guard.flush(LONG).expect("the server is well");
    assert_eq!(guard.statistics().adopted, 2);
    assert_eq!(guard.statistics().quarantined, 0);

    let straight = ScriptedServer::start();
    let builder = what.builder(&straight.uri()).spool_dir(directory.path());
    let direct = traced(builder, || what.program(|| {}));
    direct.flush(LONG).expect("the server is well");
    assert_eq!(spans(&server), spans(&straight));
    assert_eq!(info(&server), info(&straight));
    let root = server
        .spans()
        .into_iter()
        .find(|span| span.parent_span_id.is_empty() && span.name.starts_with("serve"));
    let root = root.expect("what was open is completed");
    let name = match what {
        TakenOut::AllContent => "serve".to_owned(),
        TakenOut::ByProcessor => format!("serve {}", CANARY.replace(WRITTEN[0], "[hidden]")),
    };
    assert_eq!(root.name, name);
    for request in server.received() {
        let body = format!(
            "{}{:?}",
            String::from_utf8_lossy(&request.body),
            spans(&server)
        );
        assert!(WRITTEN.iter().all(|text| !body.contains(text)), "{body}");
    }
}

#[test]
fn without_capture_content_nothing_is_written_and_nothing_is_lost() {
    nothing_is_written_and_nothing_is_lost_with(TakenOut::AllContent);
}

#[test]
fn with_a_processor_nothing_is_written_and_nothing_is_lost() {
    nothing_is_written_and_nothing_is_lost_with(TakenOut::ByProcessor);
}

#[test]
fn a_processor_sees_each_span_once_and_on_the_thread_of_the_call() {
    let server = ScriptedServer::start();
    let directory = tempfile::tempdir().expect("a directory");
    let seen = Arc::new(Mutex::new(vec![]));
    let noted = seen.clone();
    let builder = layer().tracking_uri(server.uri()).experiment("emails");
    let builder = builder
        .spool_dir(directory.path())
        .span_processor(move |span| {
            let mut noted = noted.lock().expect("not poisoned");
            noted.push((span.id().to_string(), thread::current().id()));
            // It would be the next thing to process.
            drop(start_span("of the processor"));
        });
    let guard = traced(builder, call);
    guard.flush(LONG).expect("the server is well");
    let mut seen = seen.lock().expect("not poisoned").clone();
    assert_eq!(seen.len(), server.spans().len());
    assert!(seen.len() > 4);
    assert!(
        seen.iter()
            .all(|(_, thread)| *thread == thread::current().id())
    );
    seen.sort_by(|one, other| one.0.cmp(&other.0));
    seen.dedup_by(|one, other| one.0 == other.0);
    assert_eq!(seen.len(), server.spans().len(), "each once");
}
