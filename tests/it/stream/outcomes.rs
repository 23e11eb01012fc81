//! The ends of streams that are no value.

use std::time::Duration;

use instructor::Create;
use instructor::{Error, PartialStream, Reask, TransportErrorKind};

use futures_util::StreamExt;

use super::{PAUSE, TEAM, Team, answer};
use crate::answers;
use crate::events::{self, pieces};
use crate::models::{CANARY, openai};
use crate::server::{Reply, Server};

/// Half of an answer: its name is there, and one member.
fn half() -> Vec<String> {
    events::openai::begun_call("Team", &pieces(&TEAM[..60], 8))
}

async fn failed(stream: &mut PartialStream<Team>) -> Error {
    loop {
        match stream.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("no error"),
            Err(error) => return error,
        }
    }
}

/// The error that a stream ends with, which still has what was there.
async fn error_of(server: &Server, say: impl FnOnce(Create<Team>) -> Create<Team>) -> Error {
    let mut stream = say(openai(server, 1).create::<Team>("Who?")).stream();
    let error = failed(&mut stream).await;
    let partial = stream.partial().expect("what was there");
    assert_eq!(partial.name.as_deref(), Some("Ré😀d"), "{error}");
    assert_eq!(partial.members.as_ref().map(Vec::len), Some(1), "{error}");
    let last = error.attempts().last().expect("the ledger");
    let call = &last.response.as_ref().expect("the response").tool_calls[0];
    assert!(TEAM.starts_with(&call.arguments), "{error}");
    assert!(stream.next().await.unwrap().is_none() && stream.finish().await.is_err());
    error
}

fn kind(error: &Error) -> TransportErrorKind {
    match error {
        Error::Transport { error, .. } => error.kind,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stream_without_its_end_is_cut_off() {
    let server = Server::script("truncated", vec![Reply::stream(half())]).await;
    let error = error_of(&server, |call| call).await;
    assert_eq!(kind(&error), TransportErrorKind::Truncated);
    assert_eq!(error.cost(), None, "nobody knows what it cost");
}

#[tokio::test]
async fn a_connection_that_breaks_is_told() {
    let server = Server::script("broken off", vec![Reply::stream(half()).breaking_off()]).await;
    let error = error_of(&server, |call| call).await;
    assert_eq!(kind(&error), TransportErrorKind::Interrupted);
}

#[tokio::test]
async fn a_silent_provider_is_not_waited_for() {
    let mut events = half();
    let whole = events::openai::call("Team", &answer());
    events.push(whole.last().unwrap().clone());
    // All of the half comes at once, and its end much later.
    let pieces = vec![half().concat(), events.pop().unwrap()];
    let reply = Reply::stream(pieces).with_pause(Duration::from_secs(20));
    let server = Server::script("stalled", vec![reply]).await;
    let idle = Duration::from_millis(50);
    let error = error_of(&server, |call| call.idle_timeout(idle)).await;
    assert_eq!(kind(&error), TransportErrorKind::Stalled);
    assert!(
        error.to_string().contains("nothing came for 50ms"),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_at_the_token_limit_is_incomplete() {
    let events = events::openai::cut_call("Team", &pieces(&TEAM[..60], 8));
    let server = Server::script("stream length", vec![Reply::stream(events)]).await;
    let error = error_of(&server, |call| call).await;
    assert!(
        matches!(
            error,
            Error::Incomplete {
                output_tokens: 24,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_error_in_a_stream_is_the_providers() {
    let mut events = half();
    let message = format!("The server is overloaded, {CANARY}.");
    events.push(events::openai::error("server_error", &message));
    let server = Server::script("in-stream error", vec![Reply::stream(events)]).await;
    let error = error_of(&server, |call| call).await;
    let Error::Api { error: api, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(api.message, "The server is overloaded, [redacted].");
    assert_eq!(server.requests().len(), 1, "somebody has seen a part of it");
}

#[tokio::test]
async fn what_comes_along_with_an_error_is_kept() {
    let mut events = half();
    events.push(events::openai::error("server_error", "Gone."));
    let server = Server::script("error at once", vec![Reply::stream([events.concat()])]).await;
    let error = error_of(&server, |call| call).await;
    assert!(matches!(error, Error::Api { .. }), "{error:?}");
}

#[tokio::test]
async fn what_comes_along_with_an_error_is_shown_before_it() {
    let mut events = half();
    events.push(events::openai::error("server_error", "Gone."));
    let reply = Reply::stream([events.concat()]);
    let server = Server::script("shown before the error", vec![reply]).await;
    let mut stream = openai(&server, 0).create::<Team>("Who?").stream();
    let mut shown = None;
    let error = loop {
        match stream.next().await {
            Ok(update) => shown = update.expect("no end").name.clone(),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Api { .. }), "{error:?}");
    assert_eq!(shown.as_deref(), Some("Ré😀d"));
}

#[tokio::test]
async fn what_nobody_has_seen_is_sent_again() {
    let server = Server::script(
        "retried stream",
        vec![
            Reply::stream([events::openai::error("server_error", "Try again.")]),
            Reply::stream(Vec::<String>::new()),
            Reply::Reset,
            Reply::stream(events::openai::call("Team", &answer())),
        ],
    )
    .await;
    let mut stream = openai(&server, 3).create::<Team>("Who?").stream();
    let completion = stream.finish_with_completion().await.unwrap();
    assert_eq!(completion.attempts.len(), 1);
    assert_eq!(completion.attempts[0].transport_retries, 3);
}

#[tokio::test]
async fn a_refusal_is_told() {
    let text = ["I cannot", " do that."].map(str::to_owned);
    let events = events::openai::said("refusal", &text, "stop");
    let server = Server::script("stream refusal", vec![Reply::stream(events)]).await;
    let mut stream = openai(&server, 0).create::<Team>("Who?").stream();
    let error = failed(&mut stream).await;
    assert!(matches!(&error, Error::Refused { reason, .. } if reason == "I cannot do that."));
}

#[tokio::test]
async fn an_error_before_the_stream_is_told_as_always() {
    let reply = answers::openai::error(401, "invalid_request_error", "invalid_api_key", "No.");
    let server = Server::script("stream 401", vec![reply]).await;
    let mut stream = openai(&server, 0).create::<Team>("Who?").stream();
    let error = failed(&mut stream).await;
    assert!(matches!(error, Error::Api { .. }), "{error:?}");
    assert!(stream.partial().is_some_and(|team| team.name.is_none()));
}

#[tokio::test]
async fn a_service_that_does_not_stream_is_understood() {
    let team: serde_json::Value = serde_json::from_str(TEAM).unwrap();
    let reply = answers::openai::call("Team", &team);
    let server = Server::script("no stream", vec![reply]).await;
    let mut stream = openai(&server, 0).create::<Team>("Who?").stream();
    let update = stream.next().await.unwrap().expect("all at once");
    assert_eq!(update.founded, Some(2001));
    stream.finish().await.unwrap();
}

#[tokio::test]
async fn text_before_the_tool_call_is_no_answer() {
    let mut events = events::openai::said("content", &["{\"name\": \"no".to_owned()], "stop");
    events.truncate(2);
    events.extend(events::openai::call("Team", &answer()));
    let server = Server::script("text first", vec![Reply::stream(events).with_pause(PAUSE)]).await;
    let mut stream = openai(&server, 0).create::<Team>("Who?").stream();
    assert_eq!(stream.finish().await.unwrap().founded, 2001);
}

#[tokio::test]
async fn fail_fast_stops_at_the_first_fault() {
    let early = r#"{"founded": 201, "name": "Reds", "members": [{"name": "Ann", "age": 34}, {"name": "Ben", "age": 25}]}"#;
    let server = Server::script(
        "fail fast",
        vec![
            Reply::stream(events::openai::call("Team", &pieces(early, 8))).with_pause(PAUSE),
            Reply::stream(events::openai::call("Team", &answer())),
        ],
    )
    .await;
    let call = openai(&server, 0).create::<Team>("Who?").fail_fast(true);
    let mut stream = call.reask(Reask::Auto).stream();
    let completion = stream.finish_with_completion().await.unwrap();
    let [stopped, accepted] = &completion.attempts[..] else {
        panic!("two attempts")
    };
    assert!(stopped.is_stopped && !accepted.is_stopped);
    let errors = stopped.errors.as_ref().expect("what is wrong");
    assert_eq!(
        errors.iter().map(|error| &*error.path).collect::<Vec<_>>(),
        ["founded"]
    );
    let arrived = &stopped.response.as_ref().unwrap().tool_calls[0].arguments;
    assert!(arrived.len() < early.len() / 2, "{arrived}");
    assert!(
        (1..24).contains(&completion.saved_tokens()),
        "{}",
        completion.saved_tokens()
    );
    let [_, again] = &server.requests()[..] else {
        panic!("two requests")
    };
    let call = &again.body["messages"][1]["tool_calls"][0]["function"]["arguments"];
    assert_eq!(call, r#"{"founded": 201}"#, "what is known of it, as JSON");
    server.has_other_ledgers("the first stream is dropped before its usage comes");
}

#[tokio::test]
async fn nothing_is_stopped_that_has_ended() {
    let wrong = TEAM.replace("\"founded\": 2001", "\"founded\": 201");
    let events = events::openai::call("Team", &[wrong]);
    let server = Server::script("fail fast late", vec![Reply::stream([events.concat()])]).await;
    let call = openai(&server, 0).create::<Team>("Who?").max_retries(0);
    let error = failed(&mut call.fail_fast(true).stream()).await;
    let [attempt] = error.attempts() else {
        panic!("one attempt: {error:?}")
    };
    assert!(!attempt.is_stopped);
    assert_eq!(error.usage().total_tokens(), 174, "it was told");
}

#[tokio::test]
async fn a_correction_is_not_stopped_for_what_it_corrects() {
    let wrong = TEAM.replace("\"founded\": 2001", "\"founded\": 201");
    let at_once = events::openai::call("Team", &[wrong]).concat();
    let server = Server::start("fail fast patch", move |index, request| {
        if index == 0 {
            return Reply::stream([at_once.clone()]);
        }
        let properties = &request.body["tools"][0]["function"]["parameters"]["properties"];
        let key = properties.as_object().unwrap().keys().next().unwrap();
        let patch = serde_json::json!({key: 2001}).to_string();
        let events = events::openai::call(request.response_model(), &pieces(&patch, 4));
        Reply::stream(events).with_pause(PAUSE)
    })
    .await;
    let call = openai(&server, 0).create::<Team>("Who?").fail_fast(true);
    let mut stream = call.reask(Reask::Patch).max_retries(1).stream();
    assert_eq!(stream.finish().await.unwrap().founded, 2001);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_copy_of_what_was_there_comes_before_the_error() {
    let mut events = half();
    events.push(events::openai::error("server_error", "overloaded"));
    let server = Server::script("snapshot error", vec![Reply::stream([events.concat()])]).await;
    let mut stream = openai(&server, 0).create::<Team>("Who?").stream();
    let mut snapshots = stream.snapshots();
    let snapshot = snapshots.next().await.expect("a copy").unwrap();
    assert!(snapshot.name.is_some());
    // The error is the stream's, whoever asks for it.
    let error = stream.finish().await.unwrap_err();
    assert!(matches!(error, Error::Api { .. }), "{error:?}");
}

#[tokio::test]
async fn dropping_a_stream_closes_its_connection() {
    let long = vec![half().concat(), "data: later\n\n".to_owned()];
    let reply = Reply::stream(long).with_pause(Duration::from_secs(30));
    let server = Server::script("dropped", vec![reply]).await;
    let client = openai(&server, 0);
    let mut stream = client.create::<Team>("Who?").stream();
    let update = stream.next().await.unwrap().expect("a part");
    assert!(update.name.is_some());
    let started = std::time::Instant::now();
    drop(stream);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "nothing is waited for"
    );
}

#[tokio::test]
async fn a_budget_is_kept_to_the_end_of_the_stream() {
    let wrong = TEAM.replace("\"founded\": 2001", "\"founded\": 201");
    let events = events::openai::call("Team", &pieces(&wrong, 8));
    let server = Server::script("fail fast budget", vec![Reply::stream(events)]).await;
    let call = openai(&server, 0).create::<Team>("Who?").fail_fast(true);
    let mut stream = call.max_tokens_total(100).stream();
    let error = failed(&mut stream).await;
    assert!(matches!(error, Error::BudgetExceeded { .. }), "{error:?}");
    assert_eq!(error.usage().total_tokens(), 174, "all of it is known");
    assert!(!error.attempts()[0].is_stopped);
}
