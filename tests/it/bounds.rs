//! How long is waited, how much is read, and where requests go.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use instructor::prelude::*;
use instructor::transport::{Body, Transport};
use instructor::{ClientBuilder, Error, RetryPolicy, TransportError, TransportErrorKind, provider};
use serde_json::json;

use crate::answers::openai;
use crate::events;
use crate::models::{CANARY, Person, openai_with};
use crate::server::{Reply, Server};

const SHORT: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(3600);

fn client(address: SocketAddr) -> ClientBuilder {
    Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("http://{address}/v1"))
        .api_key(CANARY)
        .retry_policy(RetryPolicy::none())
}

fn person() -> Reply {
    openai::call("Person", &json!({"name": "Jason", "age": 25}))
}

fn kind(error: &Error) -> TransportErrorKind {
    match error {
        Error::Transport { error, .. } => error.kind,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    // The kernel makes the connection; nobody takes it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let client = client(address).request_timeout(SHORT).build().unwrap();
    let error = client.create::<Person>("Who?").await.unwrap_err();
    assert_eq!(kind(&error), TransportErrorKind::Timeout);
    assert_eq!(error.cost(), None, "the provider may have charged for it");
}

/// A transport whose answers begin like this and go no further, or do not begin.
#[derive(Debug)]
struct Begun(Option<(u16, &'static str, String)>);

impl Transport for Begun {
    fn send(
        &self,
        _request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let Some((status, content_type, piece)) = self.0.clone() else {
            return Box::pin(std::future::pending());
        };
        let begin = stream::iter([Ok(Bytes::from(piece))]);
        let body = Body::stream(begin.chain(stream::pending()).boxed());
        let response = http::Response::builder()
            .status(status)
            .header("content-type", content_type);
        Box::pin(std::future::ready(Ok(response.body(body).unwrap())))
    }
}

#[tokio::test]
async fn the_limit_of_a_request_holds_for_every_transport_to_the_last_byte() {
    let client = |answer| {
        Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
            .api_key(CANARY)
            .retry_policy(RetryPolicy::none())
            .request_timeout(SHORT)
            .transport(Begun(answer))
            .build()
            .unwrap()
    };
    let json = |status| Some((status, "application/json", "{".to_owned()));
    for answer in [None, json(200)] {
        let call = client(answer).create::<Person>("Who?");
        let error = call.await.unwrap_err();
        assert_eq!(kind(&error), TransportErrorKind::Timeout);
        assert!(error.to_string().contains("longer than"), "{error}");
    }
    // An error is one, whatever comes of its body, which is waited for as long as a stream may be silent.
    let error = client(json(500)).create::<Person>("Who?").await;
    assert!(matches!(error, Err(Error::Api { .. })), "{error:?}");
    let patient = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .api_key(CANARY)
        .retry_policy(RetryPolicy::none())
        .request_timeout(LONG)
        .idle_timeout(SHORT)
        .transport(Begun(json(500)))
        .build()
        .unwrap();
    let asked = tokio::time::timeout(LONG / 60, patient.create::<Person>("Who?"));
    let error = asked.await.expect("not as long as a request may take");
    assert!(matches!(error, Err(Error::Api { .. })), "{error:?}");
    let pieces = events::pieces(r#"{"name": "Ja"#, 4);
    let events = events::openai::begun_call("Person", &pieces).concat();
    let client = client(Some((200, "text/event-stream", events)));
    let mut stream = client.create::<Person>("Who?").stream();
    let error = stream.finish().await.unwrap_err();
    assert_eq!(kind(&error), TransportErrorKind::Timeout);
    assert_eq!(stream.partial().unwrap().name.as_deref(), Some("Ja"));
}

/// A connection waits for ever where as many wait as may.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_is_not_made_is_given_up() {
    use socket2::{Domain, Socket, Type};
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    listener.bind(&any.into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.set_nonblocking(true).unwrap();
            let _ = socket.connect(&address.into());
            socket
        })
        .collect();
    let client = client(address).connect_timeout(SHORT).build().unwrap();
    let error = client.create::<Person>("Who?").await.unwrap_err();
    assert_eq!(kind(&error), TransportErrorKind::Connect);
    assert!(
        error.cost() == Some(instructor::Cost::default()),
        "nothing was sent"
    );
    drop(waiting);
}

#[tokio::test]
async fn the_client_says_how_long_a_stream_may_be_silent_and_the_call_says_better() {
    let pieces = events::pieces(r#"{"name": "Ja"#, 4);
    let half = events::openai::begun_call("Person", &pieces);
    let reply = Reply::stream(half).with_pause(LONG);
    for (of_client, of_call) in [(SHORT, None), (LONG, Some(SHORT))] {
        let server = Server::script("silent", vec![reply.clone()]).await;
        let client = openai_with(&server, |builder| builder.idle_timeout(of_client));
        let mut call = client.create::<Person>("Who?");
        if let Some(timeout) = of_call {
            call = call.idle_timeout(timeout);
        }
        let error = call.timeout(LONG).stream().finish().await.unwrap_err();
        assert_eq!(kind(&error), TransportErrorKind::Stalled);
    }
}

#[tokio::test]
async fn a_body_has_the_limit_that_the_client_says() {
    let stream = Reply::stream(events::openai::call(
        "Person",
        &events::pieces(r#"{"name": "Jason", "age": 25}"#, 8),
    ));
    let server = Server::start("body limit", move |_, request| {
        match request.body["stream"] == true {
            true => stream.clone(),
            false => person(),
        }
    })
    .await;
    let whole = |bytes: usize| {
        let client = openai_with(&server, |builder| builder.max_body_bytes(bytes));
        client.create::<Person>("Who?")
    };
    assert_eq!(
        kind(&whole(64).await.unwrap_err()),
        TransportErrorKind::TooLarge
    );
    let error = whole(64).stream().finish().await.unwrap_err();
    assert_eq!(kind(&error), TransportErrorKind::TooLarge);
    assert!(error.to_string().contains("more than 64 bytes"), "{error}");
    assert_eq!(server.requests().len(), 2, "it would be as long again");
    whole(64 * 1024).await.unwrap();
    whole(64 * 1024).stream().finish().await.unwrap();
    server.has_other_ledgers("what is not read cannot be noted");
}

#[tokio::test]
async fn of_an_error_the_start_is_read_and_its_status_is_kept() {
    let body = json!({"error": {"message": "x".repeat(1024 * 1024)}}).to_string();
    for (most, expected) in [(None, 64 * 1024), (Some(100), 100)] {
        let server = Server::script("large error", vec![Reply::text(400, &body)]).await;
        let client = openai_with(&server, |builder| match most {
            Some(bytes) => builder.max_error_bytes(bytes),
            None => builder,
        });
        for is_streamed in [false, true] {
            let call = client.create::<Person>("Who?");
            let error = match is_streamed {
                true => call.stream().finish().await.unwrap_err(),
                false => call.await.unwrap_err(),
            };
            assert_eq!(error.status().unwrap(), 400);
            let kept = error.attempts()[0].wire_response.as_ref().unwrap();
            assert_eq!(kept.len(), expected);
            assert!(error.to_string().len() < 1000, "{error}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_the_key_stays() {
    let elsewhere = Server::script("elsewhere", vec![person()]).await;
    let to = format!("{}/v1/chat/completions", elsewhere.url());
    for status in [301, 302, 303, 307, 308] {
        let redirect =
            Reply::text(status, "").with_header("location", &format!("{to}?key=canary#a"));
        let server = Server::script("redirect", vec![redirect]).await;
        let client = openai_with(&server, |builder| builder);
        let error = client.create::<Person>("Who?").await.unwrap_err();
        let Error::Api { error: told, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(
            (told.status.as_u16(), told.location.as_deref()),
            (status, Some(&*to))
        );
        let shown = format!("{error} {error:#?}");
        assert!(shown.contains(&to) && !shown.contains("canary"), "{shown}");
        assert_eq!(server.requests().len(), 1);
        assert!(error.cost() == Some(instructor::Cost::default()));
    }
    assert!(elsewhere.requests().is_empty());
}

/// The process asks itself in another one, whose environment names a proxy.
#[test]
fn no_proxy_stands_before_a_server_on_this_machine() {
    const INNER: &str = "INSTRUCTOR_TEST_BEHIND_PROXY";
    if std::env::var_os(INNER).is_none() {
        let name = "bounds::no_proxy_stands_before_a_server_on_this_machine";
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env(INNER, "1")
            .env("HTTP_PROXY", "http://127.0.0.1:1")
            .env("http_proxy", "http://127.0.0.1:1")
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && shown.contains("1 passed"),
            "{shown}"
        );
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let server = Server::script("behind a proxy", vec![person()]).await;
        let client = openai_with(&server, |builder| builder);
        assert_eq!(client.create::<Person>("Who?").await.unwrap().age, 25);
        // One that is not known to be here is asked through the proxy, so the variable counts.
        let other = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
            .base_url("http://no-such-host.invalid/v1")
            .allow_http(true)
            .api_key(CANARY)
            .retry_policy(RetryPolicy::none())
            .build()
            .unwrap();
        let error = other.create::<Person>("Who?").await.unwrap_err();
        assert_eq!(kind(&error), TransportErrorKind::Connect);
        assert!(error.to_string().contains("refused"), "{error}");
    });
}
