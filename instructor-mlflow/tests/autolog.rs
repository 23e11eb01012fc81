//! `autolog` installs a global subscriber, so this file is one test in a process of its own.
#![allow(clippy::expect_used)] // A test may panic, its functions too.

mod support;

use std::sync::Arc;
use std::time::Duration;

use instructor_mlflow::{
    Frame, Guard, InitError, Sink, anthropic, disable, enable, is_enabled, last_trace_id, openai,
    set_experiment, start_span,
};
use support::calls::{self, Dialect, Ending};
use support::scripted_server::{FIND_EXPERIMENT, ScriptedServer, TRACES};

#[derive(Debug)]
struct Forget;

impl Sink for Forget {
    fn accept(&self, _: Frame) {}
}

#[test]
fn repeated_autolog_calls_extend_what_is_traced() {
    let server = ScriptedServer::start();
    let first = openai::autolog()
        .tracking_uri(server.uri())
        .experiment("emails")
        .queue_capacity(1000)
        .init()
        .expect("no subscriber is installed yet");
    calls::email(Dialect::OpenAi, Ending::Accepted);
    calls::email(Dialect::Anthropic, Ending::Accepted);
    first
        .flush(Duration::from_secs(20))
        .expect("the server is well");
    assert_eq!(first.statistics().sent, 1, "Anthropic is not traced yet");

    let second = anthropic::autolog()
        .init()
        .expect("it is our own subscriber");
    calls::email(Dialect::OpenAi, Ending::Accepted);
    calls::email(Dialect::Anthropic, Ending::Accepted);
    second
        .flush(Duration::from_secs(20))
        .expect("the server is well");
    assert_eq!(second.statistics().sent, 3);
    assert_eq!(server.received_at(TRACES).len(), 3);

    let error = openai::autolog().sink(Arc::new(Forget)).init();
    assert!(matches!(error, Err(InitError::TooLate { setting: "sink" })));
    let other = openai::autolog().tracking_uri("http://127.0.0.1:1");
    let error = other.queue_capacity(7).init().expect_err("it has 1000");
    assert!(error.to_string().contains(".queue_capacity("), "{error}");
    let same = openai::autolog().queue_capacity(1000).init();
    same.expect("it has 1000")
        .flush(Duration::from_secs(20))
        .expect("the server is well");

    set_experiment("letters").expect("the environment is fine");
    calls::email(Dialect::OpenAi, Ending::Accepted);
    instructor_mlflow::flush(Duration::from_secs(20)).expect("the server is well");
    let last = server
        .received_at(FIND_EXPERIMENT)
        .pop()
        .expect("it was looked up");
    assert_eq!(last.query, "experiment_name=letters");
    assert_eq!(first.statistics().sent, 4);

    what_can_be_turned_off(&first);
}

fn what_can_be_turned_off(guard: &Guard) {
    let flush = |guard: &Guard| {
        guard
            .flush(Duration::from_secs(20))
            .expect("the server is well");
        guard.statistics().sent
    };
    openai::disable();
    calls::email(Dialect::OpenAi, Ending::Accepted);
    calls::email(Dialect::Anthropic, Ending::Accepted);
    assert_eq!(flush(guard), 5, "Anthropic's alone");
    let again = openai::autolog().init().expect("it is our own subscriber");
    calls::email(Dialect::OpenAi, Ending::Accepted);
    assert_eq!(flush(&again), 6);

    let under_way = tracing::info_span!("under way");
    disable();
    assert!(!is_enabled());
    calls::email(Dialect::OpenAi, Ending::Accepted);
    let unrecorded = start_span("unrecorded");
    assert!(!unrecorded.is_recorded());
    assert_eq!(unrecorded.trace_id(), None);
    assert_eq!(flush(guard), 6);
    under_way.in_scope(|| calls::email(Dialect::OpenAi, Ending::Accepted));
    drop(under_way);
    assert_eq!(flush(guard), 8, "what was under way is finished whole");
    enable();
    unrecorded.in_scope(|| calls::email(Dialect::OpenAi, Ending::Accepted));
    assert_eq!(flush(guard), 8, "the part of a trace is no trace");
    calls::email(Dialect::OpenAi, Ending::Accepted);
    assert_eq!(flush(guard), 9);
    assert!(last_trace_id().is_some());
}
