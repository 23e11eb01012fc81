//! The calls of the program: every way to ask, of every provider, with every echo; and everything that comes of them shown.

use std::sync::Arc;

use instructor::hooks::{Hooks, RetryCause};
use instructor::prelude::*;
use instructor::transport::HttpClient;
use instructor::{
    AnswerCache, Attempt, Completion, Error, Provider, Reask, RetryPolicy, Validator,
    ValidatorCache, blocking, provider,
};

use crate::echo::{ECHOES, Echo, good, key_of};
use crate::secrets::{ANTHROPIC_KEY, OPENAI_KEY, URL_PASSWORD};
use crate::server::Server;
use crate::shown::{show, show_error, show_text};

#[derive(Debug, Clone, Deserialize, ResponseModel)]
#[allow(dead_code, reason = "they are shown")]
struct Person {
    #[validate(length(min = 1))]
    name: String,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code, reason = "they are shown")]
struct Email {
    name: String,
    #[llm_validate("say nothing secret")]
    subject: String,
}

const QUESTION: &str = "Who is it?";

/// A provider, where it is below a server, and the key that it is sent.
fn providers() -> [(&'static Provider, &'static str, &'static str); 3] {
    [
        (&provider::openai::OPENAI, "/v1", OPENAI_KEY),
        (
            &provider::openai_responses::OPENAI_RESPONSES,
            "/v1",
            OPENAI_KEY,
        ),
        (&provider::anthropic::ANTHROPIC, "", ANTHROPIC_KEY),
    ]
}

fn client(provider: &Provider, url: &str) -> Client {
    let builder = Client::builder(provider.clone(), "gpt-4o").base_url(url);
    // The keys of OpenAI are in the environment.
    let builder = match provider.api_key_variable {
        Some("OPENAI_API_KEY") => builder,
        _ => builder.api_key(ANTHROPIC_KEY),
    };
    let retries = RetryPolicy::default().with_max_retries(1);
    let retries = retries.with_initial_backoff(std::time::Duration::from_millis(1));
    let builder = builder
        .retry_policy(retries)
        .max_retries(1)
        .hooks(hooks())
        .validator_cache(ValidatorCache::new(8));
    show(&builder);
    let client = builder.build().unwrap();
    show(&client);
    client
}

/// Shows all that hooks are told.
fn hooks() -> Hooks {
    let hooks = Hooks::new()
        .on_request(|event| show(event))
        .on_usage(|event| show(event))
        .on_parse_error(|event| {
            show(event);
            show_text(event.errors);
            show(&event.errors.for_model());
            show(event.attempt);
        })
        .on_response(|event| {
            show(event);
            show(event.response);
        })
        .on_retry(|event| {
            show(event);
            show(&event.cause);
            match event.cause {
                RetryCause::Api(error) => show_error(error),
                RetryCause::Transport(error) => show_error(error),
                _ => {}
            }
        })
        .on_error(|event| show(event))
        .on_finish(|event| show(event));
    show(&hooks);
    hooks
}

/// Makes all calls.
pub(crate) async fn make() {
    for (provider, path, key) in providers() {
        show(provider);
        for echo in ECHOES {
            println!("{} {echo:?}", provider.name);
            ask(provider, path, key, echo).await;
        }
        unreachable(provider).await;
    }
    local().await;
}

/// Asks in every way.
async fn ask(provider: &Provider, path: &str, key: &'static str, echo: Echo) {
    let server = Server::start("canary", move |_, request| {
        assert_eq!(
            key_of(request),
            key,
            "the request is signed with another key"
        );
        echo.reply(request)
    })
    .await;
    // What is judged is good, so that there is a judgement.
    let judged = Server::start("canary judged", move |_, request| {
        match request.response_model() {
            "Email" => good(request, "Ann"),
            _ => echo.reply(request),
        }
    })
    .await;
    let client = client(provider, &format!("{}{path}", server.url()));

    let create = client.create::<Person>(QUESTION);
    show(&create);
    outcome(create.await);
    let create = client.create::<Person>(QUESTION).with_completion();
    show(&create);
    completion(create.await);
    outcome(
        client
            .create::<Maybe<Person>>(QUESTION)
            .reask(Reask::Full)
            .await,
    );

    let mut stream = client.create::<Person>(QUESTION).stream();
    show(&stream);
    while let Ok(Some(update)) = stream.next().await {
        show(&update);
    }
    completion(stream.finish_with_completion().await);
    show(&stream);
    show(&stream.snapshots());

    let mut items = client.create_items::<Person>(QUESTION).stream();
    show(&items);
    while let Some(item) = items.next().await {
        outcome(item);
    }
    show(&items);
    match items.finish().await {
        Ok(summary) => show(&summary),
        Err(error) => fault(&error),
    }

    let client = self::client(provider, &format!("{}{path}", judged.url()));
    completion(client.create::<Email>(QUESTION).with_completion().await);

    // What `unwrap` says where a program ends.
    let call = client.create::<Person>(QUESTION).into_future();
    let _ = tokio::spawn(async move { call.await.unwrap() }).await;
}

fn outcome<T: std::fmt::Debug>(outcome: instructor::Result<T>) {
    match outcome {
        Ok(value) => println!("{value:?}"),
        Err(error) => fault(&error),
    }
}

fn completion<T: std::fmt::Debug>(outcome: instructor::Result<Completion<T>>) {
    match outcome {
        Ok(completion) => {
            show(&completion);
            ledger(&completion.attempts);
        }
        Err(error) => fault(&error),
    }
}

fn fault(error: &Error) {
    show_error(error);
    ledger(error.attempts());
    match error {
        Error::Api { error, .. } => show_error(&**error),
        Error::Transport { error, .. } => show_error(error),
        Error::Decode { error, .. } => show_error(error),
        _ => {}
    }
}

fn ledger(attempts: &[Attempt]) {
    for attempt in attempts {
        show(attempt);
        println!("{:?}", attempt.request_id());
        for bytes in [Some(&attempt.wire_request), attempt.wire_response.as_ref()] {
            println!(
                "{}",
                String::from_utf8_lossy(bytes.map_or(&[], |bytes| bytes))
            );
        }
        show(&*attempt.request);
        attempt.response.iter().for_each(show);
        attempt.corrections.iter().for_each(show);
        for call in &attempt.validators {
            show(call);
            call.failure.iter().for_each(show);
            ledger(&call.attempts);
        }
        if let (Some(errors), Some(answer)) = (&attempt.errors, &attempt.answer) {
            show_text(&errors.report(answer));
            errors.iter().for_each(show_text);
        }
    }
}

/// Servers that cannot be asked.
async fn unreachable(provider: &Provider) {
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    // Whoever greets it in TLS is told something else.
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ =
                tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 no\r\n\r\n").await;
        }
    });
    for url in [
        format!("https://127.0.0.1:{port}/v1"),
        "https://there-is-none.invalid/v1".to_owned(),
        "http://127.0.0.1:1/v1".to_owned(),
    ] {
        let client = client(provider, &url);
        let error = client.create::<Person>(QUESTION).await.unwrap_err();
        assert_eq!(error.kind(), "transport", "{url}: {error}");
        fault(&error);
    }
    server.abort();
    for address in [
        "ann:PASSWORD@localhost/v1",
        "http://ann:PASSWORD@localhost/v1",
        "ftp://:PASSWORD@[::/",
    ] {
        let url = address.replace("PASSWORD", URL_PASSWORD);
        let builder = Client::builder(provider.clone(), "gpt-4o")
            .base_url(url)
            .api_key(OPENAI_KEY);
        show(&builder);
        fault(&builder.build().unwrap_err());
    }
    for key in [
        format!("{OPENAI_KEY}\nand more"),
        format!("\u{1}{OPENAI_KEY}"),
    ] {
        let builder = Client::builder(provider.clone(), "gpt-4o").api_key(key);
        show(&builder);
        fault(&builder.build().unwrap_err());
    }
}

/// What holds a client, and what can be had of it besides.
async fn local() {
    let server = Server::start("canary local", |_, request| good(request, "Ann")).await;
    let openai = &provider::openai::OPENAI;
    let url = format!("{}/v1", server.url());
    let transport = HttpClient::new().unwrap();
    show(&transport);
    let cache = AnswerCache::new(8);
    let client = Client::builder(openai.clone(), "gpt-4o")
        .base_url(url)
        .transport(transport)
        .answer_cache(cache.clone())
        .validator("judge", client(openai, server.url()))
        .build()
        .unwrap();
    outcome(client.create::<Person>(QUESTION).await);
    assert_eq!(cache.len(), 1);
    show(&cache);
    show(&ValidatorCache::new(1));
    show(&client);
    show(&Validator::from(&client));
    show(&client.create::<Email>(QUESTION).validator(&client));
    show(&Arc::new(client.clone()));

    tokio::task::spawn_blocking(move || {
        let client = blocking::Client::of(client).unwrap();
        show(&client);
        show(&client.create::<Person>(QUESTION));
        let mut stream = client.create::<Person>(QUESTION).stream();
        stream.next().unwrap();
        show(&stream);
        show(&stream.snapshots());
        let items = client.create_items::<Person>(QUESTION).stream();
        show(&items);
    })
    .await
    .unwrap();
}
