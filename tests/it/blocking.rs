//! The client without `async`.

use std::time::Duration;

use instructor::{Error, blocking};

use crate::answers;
use crate::events::{self, pieces};
use crate::models::{Person, openai};
use crate::server::{Reply, Server};

/// Runs `test` in a thread that knows no runtime, while the server runs in this one's.
async fn in_a_plain_thread<R: Send + 'static>(
    server: &Server,
    test: impl FnOnce(blocking::Client) -> R + Send + 'static,
) -> R {
    let client = openai(server, 1);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let client = blocking::Client::of(client).unwrap();
        let _ = sender.send(test(client));
    });
    receiver.await.unwrap()
}

fn jason() -> Reply {
    let jason = serde_json::json!({"name": "Jason", "age": 25});
    answers::openai::call("Person", &jason)
}

fn streamed(text: &str, tool: &str) -> Reply {
    let events = events::openai::call(tool, &pieces(text, 2));
    Reply::stream(events).with_pause(Duration::from_millis(20))
}

#[tokio::test]
async fn it_creates() {
    let server = Server::script("blocking create", vec![Reply::Reset, jason(), jason()]).await;
    let (person, tokens) = in_a_plain_thread(&server, |client| {
        let person: Person = client.create("Who?").temperature(0.0).send().unwrap();
        let call = client.create::<Person>("Who?").system("Extract.");
        let completion = call.send_with_completion().unwrap();
        assert_eq!(completion.value, person);
        (person, completion.usage().total_tokens())
    })
    .await;
    assert_eq!((person.age, tokens), (25, 174));
    let requests = server.requests();
    assert_eq!(requests[1].body["temperature"], 0.0);
    assert_eq!(requests[2].body["messages"][0]["content"], "Extract.");
}

#[tokio::test]
async fn it_streams_before_the_end() {
    let reply = streamed(r#"{"name": "Jason", "age": 25}"#, "Person");
    let server = Server::script("blocking stream", vec![reply]).await;
    let updates = in_a_plain_thread(&server, |client| {
        let mut stream = client.create::<Person>("Who?").stream();
        let mut early = 0;
        while let Some(person) = stream.next().unwrap() {
            early += usize::from(person.age.is_none());
        }
        assert_eq!(stream.finish().unwrap().age, 25);
        early
    })
    .await;
    assert!(updates > 3, "{updates}");
}

#[tokio::test]
async fn snapshots_are_an_iterator() {
    let reply = streamed(r#"{"name": "Jason", "age": 25}"#, "Person");
    let server = Server::script("blocking snapshots", vec![reply]).await;
    let ages = in_a_plain_thread(&server, |client| {
        let mut stream = client.create::<Person>("Who?").stream();
        let ages: Vec<_> = stream
            .snapshots()
            .map(|person| person.unwrap().age)
            .collect();
        assert_eq!(stream.finish().unwrap().age, 25);
        ages
    })
    .await;
    assert!(ages.len() > 3, "{ages:?}");
    assert_eq!((ages[0], ages[ages.len() - 1]), (None, Some(25)));
}

#[tokio::test]
async fn items_are_an_iterator() {
    let text = r#"{"tasks": [{"name": "Ann", "age": 3}, {"name": "", "age": 4}]}"#;
    let server = Server::script("blocking items", vec![streamed(text, "IterablePerson")]).await;
    let (items, valid) = in_a_plain_thread(&server, |client| {
        let mut items = client.create_items::<Person>("Who?").stream();
        let all: Vec<_> = items.by_ref().collect();
        (all, items.finish().unwrap().valid)
    })
    .await;
    assert!(
        matches!(&items[..], [Ok(_), Err(Error::Item { .. })]),
        "{items:?}"
    );
    assert_eq!(valid, 1);
}

/// It blocks the thread, as it says, but does not panic.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_may_be_called_and_dropped_inside_of_a_runtime() {
    let server = Server::script("blocking inside", vec![jason()]).await;
    let client = blocking::Client::of(openai(&server, 0)).unwrap();
    let person: Person = client.create("Who?").send().unwrap();
    assert_eq!(person.age, 25);
    drop(client);
}
