//! What the program says about its traces itself.

use instructor::mlflow::{SpanType, TraceContext, TraceScope, start_span, update_current_trace};
use instructor::prelude::*;
use serde_json::json;

use crate::answers::openai;
use crate::calls::openai_client;
use crate::calls::traces;
use crate::server::{Reply, Server};

macro_rules! answers {
    ($($name:ident),*) => {$(
        #[derive(Debug, Deserialize, ResponseModel)]
        #[allow(dead_code)]
        struct $name {
            text: String,
        }
    )*};
}

answers!(FirstAnswer, SecondAnswer, AgentAnswer, RemoteAnswer);

fn answer(name: &str) -> Reply {
    openai::call(name, &json!({"text": "It comes on Friday."}))
}

/// Makes the calls.
pub(crate) async fn make() {
    let replies = ["FirstAnswer", "SecondAnswer", "AgentAnswer", "RemoteAnswer"];
    let server = Server::script("mlflow conversation", replies.map(answer).into()).await;
    let client = openai_client(&server);

    let scope = TraceScope::new()
        .session_id("conversation-7")
        .user("ann")
        .tag("channel", "mail")
        .metadata("release", "2.4.1");
    let first = client.create::<FirstAnswer>("Where is my parcel?");
    scope.instrument(first.into_future()).await.unwrap();
    let second = client.create::<SecondAnswer>("When will it come?");
    scope.instrument(second.into_future()).await.unwrap();

    let agent = start_span(format!("agent {}", 7))
        .span_type(SpanType::Agent)
        .inputs(&json!({"question": "Where is my parcel?"}));
    let work = async {
        let search = start_span("search parcels").span_type(SpanType::Retriever);
        search.set_outputs(&["parcel 12"]);
        search.add_event("cache", &json!({"hit": false}));
        drop(search);
        client.create::<AgentAnswer>("Say it.").await.unwrap();
        update_current_trace()
            .session_id("conversation-8")
            .tag("team", "growth")
            .client_request_id("request-8")
            .response_preview("on its way")
            .metadata("release", "2.4.2")
            .apply()
            .expect("the trace is recorded");
    };
    agent.instrument(work).await;
    agent.set_outputs(&json!({"answer": "It comes on Friday."}));
    agent.end();

    // As another program would, which knows nothing but the headers.
    let gateway = start_span("gateway");
    let headers = gateway.in_scope(|| {
        let mut headers = http::HeaderMap::new();
        TraceContext::current()
            .expect("a span is open")
            .add_to(&mut headers);
        headers
    });
    let context = TraceContext::from_headers(&headers).expect("it was just written");
    let call = client.create::<RemoteAnswer>("And mine?").into_future();
    let scope = TraceScope::new().remote(context);
    scope.instrument(call).await.unwrap();
    gateway.end();

    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    for request in requests {
        let header = request.headers.get(TraceContext::HEADER);
        assert_eq!(header, None, "no provider sees it");
    }
}

#[test]
fn a_trace_goes_on_in_another_program() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("gateway");
    assert_eq!(trace.info["state"], "OK");
    let names: Vec<&str> = trace.spans.iter().map(|span| &*span.name).collect();
    let expected = ["gateway", "create RemoteAnswer", "chat gpt-4o", "validate"];
    assert_eq!(names, expected);
    let below: Vec<&str> = trace
        .children(trace.root())
        .map(|span| &*span.name)
        .collect();
    assert_eq!(below, ["create RemoteAnswer"]);
}

#[test]
fn calls_in_a_scope_are_one_session() {
    let Some(traces) = traces() else { return };
    for name in ["create FirstAnswer", "create SecondAnswer"] {
        let info = &traces.named(name).info;
        let metadata = &info["trace_metadata"];
        assert_eq!(metadata["mlflow.trace.session"], "conversation-7");
        assert_eq!(metadata["mlflow.trace.user"], "ann");
        assert_eq!(metadata["release"], "2.4.1");
        assert_eq!(info["tags"]["channel"], "mail");
    }
}

#[test]
fn a_started_span_is_the_root_and_what_was_said_of_its_trace_is_there() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("agent 7");
    let info = &trace.info;
    assert_eq!(info["state"], "OK");
    assert_eq!(info["client_request_id"], "request-8");
    assert_eq!(
        info["request_preview"],
        r#"{"question":"Where is my parcel?"}"#
    );
    assert_eq!(info["response_preview"], "on its way");
    assert_eq!(info["tags"]["team"], "growth");
    let metadata = &info["trace_metadata"];
    assert_eq!(metadata["mlflow.trace.session"], "conversation-8");
    assert_eq!(metadata["release"], "2.4.2");
    let root = trace.root();
    assert_eq!(root.span_type(), "AGENT");
    assert_eq!(root.outputs(), json!({"answer": "It comes on Friday."}));
    let below: Vec<(String, &str)> = trace
        .children(root)
        .map(|span| (span.span_type(), span.name.as_str()))
        .collect();
    let expected = [
        ("RETRIEVER".to_owned(), "search parcels"),
        ("CHAIN".to_owned(), "create AgentAnswer"),
    ];
    assert_eq!(below, expected);
    let search = trace.children(root).next().unwrap();
    assert_eq!(search.events[0]["name"], "cache");
}
