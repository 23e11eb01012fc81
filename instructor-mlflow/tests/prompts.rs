//! Prompts on the tracking server, and the traces of calls that used them.
//!
//! Needs `INSTRUCTOR_TEST_MLFLOW_URI`; what Python sees is read with `INSTRUCTOR_TEST_PYTHON`.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test may panic, its functions too.

mod support;

use std::time::Duration;

use instructor_core::{Message, Role};
use instructor_mlflow::{FormatError, Tracking, TrackingError};
use serde_json::json;
use support::calls::{self, Dialect, Ending};
use support::real_server::{python, server, unique};
use support::scripted_server::ScriptedServer;
use support::traced;

const LOAD_AND_REGISTER: &str = r#"
import json, sys, mlflow
name = sys.argv[1]
first = mlflow.genai.load_prompt(f"prompts:/{name}/1")
chat = mlflow.genai.load_prompt(f"prompts:/{name}-chat@live")
second = mlflow.genai.register_prompt(name, "Second {{ a }} and {{b}}", commit_message="from Python", tags={"by": "python"})
mlflow.genai.register_prompt(f"{name}-py", [{"role": "system", "content": "Be {{ mood }}."}, {"role": "user", "content": "{{ question }}"}])
print(json.dumps({
    "template": first.template, "message": first.commit_message, "tags": first.tags, "formatted": first.format(topic="rust", n=2),
    "chat": chat.template, "chat version": chat.version, "variables": sorted(chat.variables), "second": second.version,
}))
"#;

#[tokio::test]
async fn prompts_are_shared_with_python() {
    let Some(uri) = server() else { return };
    let tracking = Tracking::new(&uri).expect("an address");
    let name = unique("prompt");
    let template = "Write about {{ topic }} in {{n}} lines: {{ topic }}!";
    let registered = tracking
        .register_prompt(&name, template)
        .commit_message("the first")
        .tag("team", "mail")
        .await
        .expect("taken");
    assert_eq!((registered.name(), registered.version()), (&*name, 1));
    let loaded = tracking
        .load_prompt(&format!("{name}/1"))
        .await
        .expect("it is there");
    assert_eq!(loaded, registered);
    assert_eq!(loaded.template(), template);
    assert_eq!(loaded.variables().collect::<Vec<_>>(), ["topic", "n"]);
    assert_eq!(loaded.commit_message(), Some("the first"));
    assert_eq!(loaded.tags().len(), 1);
    assert_eq!(loaded.tags()["team"], "mail");

    let chat_name = format!("{name}-chat");
    let messages = [
        Message::system("You are {{ mood }}."),
        Message::user("{{ question }}"),
    ];
    let chat = tracking
        .register_prompt(&chat_name, messages)
        .await
        .expect("taken");
    assert!(chat.is_chat());
    tracking
        .set_prompt_alias(&chat_name, "live", 1)
        .await
        .expect("taken");
    let live = tracking.load_prompt(&format!("{chat_name}@live")).await;
    assert_eq!(live.expect("it is there").version(), 1);

    if let Some(read) = python(&uri, LOAD_AND_REGISTER, &[&name]) {
        let expected = json!({
            "template": template, "message": "the first", "tags": {"team": "mail"},
            "formatted": "Write about rust in 2 lines: rust!",
            "chat": [{"role": "system", "content": "You are {{ mood }}."}, {"role": "user", "content": "{{ question }}"}],
            "chat version": 1, "variables": ["mood", "question"], "second": 2,
        });
        assert_eq!(read, expected);
        let newest = tracking.load_prompt(&name).await.expect("it is there");
        assert_eq!(newest.version(), 2);
        assert_eq!(newest.commit_message(), Some("from Python"));
        let values = json!({"a": "{{b}}", "b": [1]});
        assert_eq!(
            newest.format(values).expect("all are given"),
            "Second {{b}} and [1]"
        );
        let chat = tracking
            .load_prompt(&format!("prompts:/{name}-py/1"))
            .await
            .expect("it is there");
        let values = json!({"mood": "kind", "question": "Why?"});
        let messages = chat.format_messages(values).expect("all are given");
        assert_eq!(
            messages,
            [Message::system("Be kind."), Message::user("Why?")]
        );
        assert!(matches!(
            chat.format(json!({})),
            Err(FormatError::Chat { .. })
        ));
    }

    let missing = tracking.load_prompt(&format!("{name}/77")).await;
    let missing = missing.expect_err("there is none");
    assert!(missing.is_not_found(), "{missing:?}");
    let missing = tracking
        .load_prompt(&format!("{name}@nowhere"))
        .await
        .expect_err("there is none");
    assert!(missing.status().is_some(), "{missing:?}");
}

#[tokio::test]
async fn wrong_values_are_named() {
    let Some(uri) = server() else { return };
    let tracking = Tracking::new(&uri).expect("an address");
    let name = unique("wrong");
    let prompt = tracking
        .register_prompt(&name, "{{ topic }} {{ tone }}")
        .await
        .expect("taken");
    let error = prompt
        .format(json!({"topic": "secret plans", "tune": "low"}))
        .expect_err("a wrong name");
    assert_eq!(
        error,
        FormatError::Variables {
            prompt: format!("{name}/1"),
            missing: vec!["tone".into()],
            unknown: vec!["tune".into()],
            known: vec!["topic".into(), "tone".into()],
        }
    );
    let text = error.to_string();
    assert!(text.contains("`tone`") && text.contains("`tune`"), "{text}");
    assert!(!text.contains("secret plans"), "{text}");
    let jinja = tracking.register_prompt(&name, "{% if a %}{{ a }}{% endif %}");
    let jinja = jinja.await.expect("taken");
    assert!(matches!(
        jinja.format(json!({"a": 1})),
        Err(FormatError::Jinja { .. })
    ));
}

#[tokio::test]
async fn a_call_is_found_by_the_prompts_it_used() {
    let Some(uri) = server() else { return };
    let tracking = Tracking::new(&uri).expect("an address");
    let name = unique("used");
    let experiment = unique("prompts");
    let text = tracking
        .register_prompt(&name, "Write to {{ who }}.")
        .await
        .expect("taken");
    let chat_name = format!("{name}-chat");
    let turns = [Message::system("Be {{ mood }}."), Message::user("{{ q }}")];
    let chat = tracking
        .register_prompt(&chat_name, turns)
        .await
        .expect("taken");
    let plain_name = format!("{name}-plain");
    let plain_text = format!("Just say so, {experiment}.");
    let plain = tracking.register_prompt(&plain_name, &plain_text);
    plain.await.expect("taken");

    let builder = instructor_mlflow::layer()
        .tracking_uri(&uri)
        .experiment(&experiment);
    let who = unique("Bob");
    let guard = traced(builder, || {
        let text = text.format(json!({"who": who})).expect("all are given");
        let messages = chat
            .format_messages(json!({"mood": "kind", "q": who}))
            .expect("all are given");
        let call = |messages| calls::email_to(Dialect::OpenAi, Ending::Accepted, messages);
        call(vec![Message::system("Hello"), Message::user(&text)]);
        call(messages.clone());
        call(vec![messages[1].clone()]);
        call(vec![Message::user(&plain_text)]);
        // Two calls below a function of the user's, which are sent before it is done.
        let _root = tracing::info_span!("answer").entered();
        call(vec![Message::user(&text)]);
        call(messages);
    });
    guard
        .flush(Duration::from_secs(60))
        .expect("the server takes them");
    let statistics = guard.statistics();
    assert_eq!(statistics.sent, statistics.emitted, "{statistics:?}");

    let using = async |prompt: String| {
        let found = tracking
            .search_traces()
            .experiment(&experiment)
            .filter(format!("prompt = '{prompt}'"));
        let mut traces = found.await.expect("it answers").traces;
        traces.sort_by_key(|trace| trace.name().map(str::to_owned));
        traces
    };
    let names = |traces: &[instructor_mlflow::TraceInfo]| -> Vec<String> {
        let names = traces.iter().filter_map(|trace| trace.name());
        names.map(str::to_owned).collect()
    };
    let call = "create EmailSubject";
    let with_text = using(format!("{name}/1")).await;
    assert_eq!(names(&with_text), ["answer", call]);
    let with_chat = using(format!("{chat_name}/1")).await;
    assert_eq!(names(&with_chat), ["answer", call]);
    let with_plain = using(format!("{plain_name}/1")).await;
    assert_eq!(names(&with_plain), [call]);
    assert!(using(format!("{name}/2")).await.is_empty());

    // What the page of the trace shows.
    let shown = &with_text[0].tags["mlflow.linkedPrompts"];
    let shown: serde_json::Value = serde_json::from_str(shown).expect("it is JSON");
    assert_eq!(
        shown,
        json!([{"name": name, "version": "1"}, {"name": chat_name, "version": "1"}])
    );

    let by_hand = &with_plain[0].trace_id;
    tracking.link_prompt(by_hand, &text).await.expect("linked");
    tracking.link_prompt(by_hand, &text).await.expect("again");
    assert_eq!(using(format!("{name}/1")).await.len(), 3);
}

#[tokio::test]
async fn what_is_no_prompt_is_refused() {
    let model = json!({"model_version": {"name": "a", "version": "1", "tags": []}});
    let server =
        ScriptedServer::start().reply("/api/2.0/mlflow/model-versions/get", 200, model.to_string());
    let tracking = Tracking::new(server.uri()).expect("an address");
    let error = tracking.load_prompt("a/1").await.expect_err("a model");
    assert!(
        error.to_string().contains("is a model, and not a prompt"),
        "{error}"
    );
    for reference in ["a/b", "", "a@"] {
        let error = tracking.load_prompt(reference).await;
        assert!(matches!(error, Err(TrackingError::Invalid { .. })));
    }
    for (name, template) in [("a/b", "text"), ("a", ""), ("", "text")] {
        let error = tracking.register_prompt(name, template).await;
        assert!(matches!(error, Err(TrackingError::Invalid { .. })));
    }
    let call = Message::new(
        Role::Tool,
        vec![instructor_core::Part::ToolResult(
            instructor_core::ToolResult::new("1", "text"),
        )],
    );
    let error = tracking.register_prompt("a", vec![call]).await;
    let text = error.expect_err("no text").to_string();
    assert!(text.contains("not all of text"), "{text}");
    assert_eq!(server.received().len(), 1, "nothing else was asked");
}
