//! Answers as they arrive, over HTTP.

mod calls;
mod items;
mod outcomes;
mod spans;

use std::time::Duration;

use futures_util::StreamExt;
use instructor::prelude::*;
use instructor::{Mode, Reask};
use serde_json::{Value, json};

use crate::events::{self, pieces};
use crate::models::{CANARY, Person, anthropic, openai, openai_responses};
use crate::server::{Reply, Server};

/// A team.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
struct Team {
    /// Its name.
    name: String,
    /// Who is in it.
    members: Vec<Person>,
    /// The year it was founded.
    #[validate(range(min = 1900))]
    founded: u16,
}

const TEAM: &str = r#"{"name": "Ré\ud83d\ude00d", "members": [{"name": "Ann", "age": 34}, {"name": "Ben", "age": 25}], "founded": 2001}"#;

/// The pieces of an answer.
fn answer() -> Vec<String> {
    pieces(TEAM, 4)
}

const PAUSE: Duration = Duration::from_millis(5);

/// What each update of a stream held, as JSON, and the value.
async fn read(mut stream: instructor::PartialStream<Team>) -> (Vec<Value>, Team) {
    let mut seen = Vec::new();
    while let Some(team) = stream.next().await.unwrap() {
        seen.push(serde_json::to_value(team.value()).unwrap());
    }
    let team = stream.finish().await.unwrap();
    (seen, team)
}

/// The third piece says nothing but the key, in an event that is else the one before.
#[tokio::test]
async fn a_key_that_a_model_says_is_never_shown() {
    type Asked = fn(&Server, u32) -> Client;
    let text = [
        r#"{"name": ""#,
        "Reds, ",
        CANARY,
        r#"", "members": [], "founded": 2001}"#,
    ];
    let text = text.map(str::to_owned);
    let wires: [(Asked, Vec<String>); 3] = [
        (openai, events::openai::call("Team", &text)),
        (anthropic, events::anthropic::call("Team", &text)),
        (
            openai_responses,
            events::openai_responses::call("Team", &text),
        ),
    ];
    for (client, events) in wires {
        let reply = Reply::stream(events).with_pause(PAUSE);
        let server = Server::script("a key in a stream", vec![reply]).await;
        let (seen, team) = read(client(&server, 0).create::<Team>("Who?").stream()).await;
        assert_eq!(team.name, "Reds, [redacted]");
        let seen = format!("{seen:?}");
        assert!(seen.contains("Reds, [redacted]"), "{seen}");
        assert!(!seen.contains(CANARY), "{seen}");
    }
}

#[tokio::test]
async fn every_wire_shows_a_typed_value_before_its_end() {
    type Events = fn(&[String]) -> Vec<String>;
    type Asked = fn(&Server, u32) -> Client;
    let wires: [(&'static str, Asked, Mode, Events); 6] = [
        ("openai tools", openai, Mode::Tools, |text| {
            events::openai::call("Team", text)
        }),
        (
            "openai json_schema",
            openai,
            Mode::JsonSchema,
            events::openai::text,
        ),
        ("anthropic tools", anthropic, Mode::Tools, |text| {
            events::anthropic::call("Team", text)
        }),
        (
            "anthropic json_schema",
            anthropic,
            Mode::JsonSchema,
            events::anthropic::text,
        ),
        ("responses tools", openai_responses, Mode::Tools, |text| {
            events::openai_responses::call("Team", text)
        }),
        (
            "responses json_schema",
            openai_responses,
            Mode::JsonSchema,
            events::openai_responses::text,
        ),
    ];
    for (name, client, mode, events) in wires {
        let reply = Reply::stream(events(&answer())).with_pause(PAUSE);
        let server = Server::script(name, vec![reply]).await;
        let call = client(&server, 0)
            .create::<Team>("Who is in it?")
            .mode(mode);
        let (seen, team) = read(call.stream()).await;
        assert_eq!(team, serde_json::from_str(TEAM).unwrap(), "{name}");
        assert!(seen.len() > 10, "{name}: {} updates", seen.len());
        assert!(
            seen.iter().any(|value| value.get("founded").is_none()),
            "{name}"
        );
        let whole: Value = serde_json::from_str(TEAM).unwrap();
        assert_eq!(seen.last(), Some(&whole), "{name}");
        assert_grows(&seen, name);
        let [request] = &server.requests()[..] else {
            panic!("one request")
        };
        assert_eq!(request.body["stream"], true, "{name}");
    }
}

/// Each value holds what was there before it.
fn assert_grows(seen: &[Value], name: &str) {
    fn is_within(less: &Value, more: &Value) -> bool {
        match (less, more) {
            (Value::Object(less), Value::Object(more)) => less
                .iter()
                .all(|(key, less)| more.get(key).is_some_and(|more| is_within(less, more))),
            (Value::Array(less), Value::Array(more)) => {
                less.len() <= more.len()
                    && less
                        .iter()
                        .zip(more)
                        .all(|(less, more)| is_within(less, more))
            }
            (Value::String(less), Value::String(more)) => more.starts_with(less),
            // A number grows by digits.
            (less, more) => more.to_string().starts_with(&less.to_string()),
        }
    }
    for pair in seen.windows(2) {
        assert!(is_within(&pair[0], &pair[1]), "{name}: {pair:?}");
    }
}

#[tokio::test]
async fn an_update_says_what_has_changed() {
    let texts = [
        "{\"name\": \"Re",
        "ds\", \"members\": [{\"name\": \"A",
        "nn\", \"age\": 34}], \"founded\": 2001}",
    ];
    let events = events::openai::call("Team", &texts.map(str::to_owned));
    let server = Server::script("changes", vec![Reply::stream(events).with_pause(PAUSE)]).await;
    let mut stream = openai(&server, 0).create::<Team>("Who?").stream();
    let mut told = Vec::new();
    while let Some(team) = stream.next().await.unwrap() {
        assert_eq!(team.attempt(), 1);
        let whole: Vec<_> = team
            .changes()
            .filter(|change| change.is_whole)
            .map(|change| change.path.to_owned())
            .collect();
        told.push((team.path().to_owned(), whole, team.founded));
    }
    let of = |path: &str, whole: &[&str], founded| {
        let whole: Vec<_> = whole.iter().map(ToString::to_string).collect();
        (path.to_owned(), whole, founded)
    };
    assert_eq!(
        told,
        [
            of("name", &[], None),
            of("members[0].name", &["name"], None),
            of(
                "$",
                &[
                    "members[0].name",
                    "members[0].age",
                    "members[0]",
                    "members",
                    "founded",
                    "$"
                ],
                Some(2001)
            ),
        ]
    );
    stream.finish().await.unwrap();
}

#[tokio::test]
async fn a_retry_begins_the_value_anew() {
    let wrong = TEAM.replace("2001", "201").replace("Ann", "Eve");
    let server = Server::script(
        "stream retry",
        vec![
            Reply::stream(events::openai::call("Team", &pieces(&wrong, 16))).with_pause(PAUSE),
            Reply::stream(events::openai::call("Team", &answer())).with_pause(PAUSE),
        ],
    )
    .await;
    let call = openai(&server, 0).create::<Team>("Who?").reask(Reask::Full);
    let mut stream = call.stream();
    let mut attempts = Vec::new();
    let mut found = Vec::new();
    while let Some(team) = stream.next().await.unwrap() {
        if attempts.last() != Some(&team.attempt()) {
            attempts.push(team.attempt());
            assert_eq!(team.founded, None, "it begins anew");
        }
        found.extend(team.errors().iter().map(|error| error.path.clone()));
    }
    assert_eq!(attempts, [1, 2]);
    found.dedup();
    assert_eq!(
        found,
        ["founded"],
        "the rule was checked when the field closed"
    );
    let completion = stream.finish_with_completion().await.unwrap();
    assert_eq!(completion.attempts.len(), 2);
    for attempt in &completion.attempts {
        let (token, field) = (attempt.time_to_first_token, attempt.time_to_first_field);
        assert!(token.unwrap() <= field.unwrap() && field.unwrap() <= attempt.latency);
        let body = attempt.wire_response.as_ref().unwrap();
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(
            body["object"], "chat.completion",
            "the ledger keeps it as a whole"
        );
    }
    assert_eq!(completion.usage().total_tokens(), 2 * 174);
}

#[tokio::test]
async fn corrections_are_put_into_the_value_that_is_there() {
    let wrong = TEAM.replace("2001", "201");
    let patch = json!({"founded": 2001}).to_string();
    let server = Server::script(
        "stream patch",
        vec![
            Reply::stream(events::openai::call("Team", &pieces(&wrong, 16))),
            Reply::stream(events::openai::call("correct_Team", &pieces(&patch, 4)))
                .with_pause(PAUSE),
        ],
    )
    .await;
    let call = openai(&server, 0)
        .create::<Team>("Who?")
        .reask(Reask::Patch);
    let mut stream = call.stream();
    let mut seen = Vec::new();
    while let Some(team) = stream.next().await.unwrap() {
        seen.push((team.attempt(), team.founded));
    }
    let again = seen.iter().position(|(attempt, _)| *attempt == 2).unwrap();
    assert_eq!(seen[again - 1], (1, Some(201)), "{seen:?}");
    assert_eq!(seen.last(), Some(&(2, Some(2001))), "{seen:?}");
    let is_there = |(_, founded): &(u32, Option<u16>)| founded.is_some();
    assert!(seen[again..].iter().all(is_there), "{seen:?}");
    assert_eq!(
        stream.finish().await.unwrap(),
        serde_json::from_str(TEAM).unwrap()
    );
}

#[tokio::test]
async fn snapshots_are_owned_and_fewer_for_a_slow_reader() {
    let events = events::anthropic::call("Team", &answer());
    let server = Server::script("snapshots", vec![Reply::stream(events).with_pause(PAUSE)]).await;
    let mut stream = anthropic(&server, 0).create::<Team>("Who?").stream();
    let mut snapshots = stream.snapshots();
    let mut seen = Vec::new();
    while let Some(snapshot) = snapshots.next().await {
        seen.push(snapshot.unwrap());
        tokio::time::sleep(PAUSE * 8).await;
    }
    let last = serde_json::to_value(seen.last()).unwrap();
    assert_eq!(last, serde_json::from_str::<Value>(TEAM).unwrap());
    assert!((2..answer().len()).contains(&seen.len()), "{}", seen.len());
    stream.finish().await.unwrap();
}

#[tokio::test]
async fn a_stream_goes_into_a_task() {
    let reply = Reply::stream(events::openai::call("Team", &answer())).with_pause(PAUSE);
    let server = Server::script("stream task", vec![reply]).await;
    let client = openai(&server, 0);
    let task = tokio::spawn(async move {
        let mut stream = client.create::<Team>("Who?").stream();
        let mut updates = 0;
        while let Some(team) = stream.next().await? {
            tokio::task::yield_now().await;
            updates += usize::from(team.name.is_some());
        }
        stream.finish().await.map(|team| (team, updates))
    });
    let (team, updates) = task.await.unwrap().unwrap();
    assert_eq!(team.members.len(), 2);
    assert!(updates > 5);
}
