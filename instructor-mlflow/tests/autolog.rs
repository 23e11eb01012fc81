//! `autolog` installs a global subscriber, so this file is one test in a process of its own.

mod support;

use std::sync::Arc;
use std::time::Duration;

use instructor_mlflow::{Frame, InitError, Sink, anthropic, openai, set_experiment};
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
}
