//! Variants that are tools of their own, as their calls arrive.

use instructor::prelude::*;
use serde_json::{Value, json};

use super::PAUSE;
use crate::events::{self, pieces};
use crate::models::openai;
use crate::server::{Reply, Server};

/// What can be asked.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
#[response_model(tools)]
enum Tool {
    /// How the weather is.
    Weather { city: String, days: u8 },
    /// What time it is.
    Time(Zone),
    /// A joke.
    Joke,
    /// A list of letters.
    Letters(Vec<String>),
}

/// A time zone.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
struct Zone {
    name: String,
}

async fn server(test: &'static str, calls: &[(&str, &str)]) -> Server {
    let calls: Vec<_> = calls
        .iter()
        .map(|(tool, arguments)| (*tool, pieces(arguments, 4)))
        .collect();
    let reply = Reply::stream(events::openai::calls(&calls)).with_pause(PAUSE);
    Server::script(test, vec![reply]).await
}

async fn seen<T: ResponseModel>(server: &Server) -> (Vec<Value>, T)
where
    T::Partial: Send,
{
    let mut stream = openai(server, 0).create::<T>("What?").stream();
    let mut seen = Vec::new();
    while let Some(value) = stream.next().await.unwrap() {
        assert_eq!(value.attempt(), 1);
        seen.push(serde_json::to_value(value.value()).unwrap());
    }
    let value = stream.finish().await.unwrap();
    (seen, value)
}

#[tokio::test]
async fn a_call_fills_in_its_variant() {
    let server = server(
        "stream of a call",
        &[("Weather", r#"{"city": "Oslo", "days": 3}"#)],
    )
    .await;
    let (seen, tool) = seen::<Tool>(&server).await;
    assert_eq!(
        tool,
        Tool::Weather {
            city: "Oslo".to_owned(),
            days: 3
        }
    );
    assert!(
        seen.contains(&json!({"Weather": {"city": "Os"}})),
        "{seen:?}"
    );
    assert_eq!(
        seen.last(),
        Some(&json!({"Weather": {"city": "Oslo", "days": 3}}))
    );
}

#[tokio::test]
async fn parallel_calls_fill_in_a_list() {
    let calls = [
        ("Weather", r#"{"city": "Oslo", "days": 3}"#),
        ("Time", r#"{"name": "CET"}"#),
        ("Joke", "{}"),
        ("Time", r#"{"name": "UTC"}"#),
    ];
    let server = server("stream of calls", &calls).await;
    let (seen, tools) = seen::<Vec<Tool>>(&server).await;
    assert_eq!(tools.len(), 4);
    let first = json!({"Weather": {"city": "Oslo", "days": 3}});
    assert!(
        seen.contains(&json!([first, {"Time": {"name": "CE"}}])),
        "{seen:?}"
    );
    // The joke takes no arguments, and is put together at the end, with all after it.
    let all = json!([first, {"Time": {"name": "CET"}}, "Joke", {"Time": {"name": "UTC"}}]);
    assert_eq!(seen.last(), Some(&all));
}

#[tokio::test]
async fn calls_are_items_as_they_close() {
    let calls = [
        ("Weather", r#"{"city": "Oslo", "days": 3}"#),
        ("Time", r#"{"name": "CET"}"#),
        ("Letters", r#"{"content": ["a", "b"]}"#),
        ("Joke", "{}"),
    ];
    let server = server("items of calls", &calls).await;
    let mut items = openai(&server, 0).create_items::<Tool>("What?").stream();
    let mut seen = Vec::new();
    while let Some(tool) = items.next().await {
        seen.push(tool.unwrap());
    }
    assert_eq!(
        seen,
        [
            Tool::Weather {
                city: "Oslo".to_owned(),
                days: 3
            },
            Tool::Time(Zone {
                name: "CET".to_owned()
            }),
            Tool::Letters(vec!["a".to_owned(), "b".to_owned()]),
            Tool::Joke,
        ]
    );
    assert_eq!(items.finish().await.unwrap().valid, 4);
}
