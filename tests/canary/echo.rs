//! A provider that says the key it was sent wherever it can, in the dialect it is asked in.

use http::StatusCode;
use serde_json::{Value, json};

use crate::answers::{anthropic, openai, openai_responses};
use crate::events;
use crate::server::{Received, Reply};

/// How the key comes back.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Echo {
    /// In an answer that is valid.
    Value,
    /// In an answer that is not.
    Invalid,
    /// In a text that is no answer at all.
    Prose,
    /// In every field of an error.
    Error(u16),
    /// The same, with `\/` for each slash.
    EscapedError,
    /// In an error of a proxy.
    ErrorPage,
    Redirect,
    /// As what providers call a request, in a good answer and in an error.
    RequestId(u16),
    /// Inside of a stream that has begun; a whole body is cut off.
    ErrorInStream,
    /// In JSON that is no response.
    Nonsense,
}

pub(crate) const ECHOES: [Echo; 13] = [
    Echo::Value,
    Echo::Invalid,
    Echo::Prose,
    Echo::Error(401),
    Echo::Error(429),
    Echo::Error(500),
    Echo::EscapedError,
    Echo::ErrorPage,
    Echo::Redirect,
    Echo::RequestId(200),
    Echo::RequestId(400),
    Echo::ErrorInStream,
    Echo::Nonsense,
];

/// What a request is signed with.
pub(crate) fn key_of(request: &Received) -> String {
    let headers = &request.headers;
    let key = headers
        .get("x-api-key")
        .or_else(|| headers.get("authorization"));
    key.unwrap().trim_start_matches("Bearer ").to_owned()
}

impl Echo {
    pub(crate) fn reply(self, request: &Received) -> Reply {
        let key = key_of(request);
        match self {
            Echo::Value => good(request, &key),
            Echo::Invalid => said(
                request,
                &json!({"name": key, "subject": 7, "wrong": key}),
                &key,
            ),
            Echo::Prose => Reply::text(200, &format!("Your key is {key}.")),
            Echo::Error(status) => Reply::json(status, &error(&key)),
            Echo::EscapedError => {
                let body = error(&key).to_string().replace('/', "\\/");
                Reply::text(401, &body).with_header("content-type", "application/json")
            }
            Echo::ErrorPage => {
                Reply::text(502, &format!("<html>Authorization: Bearer {key}</html>"))
            }
            Echo::Redirect => Reply::text(302, "").with_header(
                "location",
                &format!("http://127.0.0.1:1/v1/{key}/chat?key={key}"),
            ),
            Echo::RequestId(status) => {
                let reply = match StatusCode::from_u16(status) {
                    Ok(StatusCode::OK) => good(request, "Ann"),
                    _ => Reply::json(status, &error("wrong")),
                };
                reply
                    .with_header("x-request-id", &key)
                    .with_header("request-id", &key)
            }
            Echo::ErrorInStream => {
                let data = format!("event: error\ndata: {}\n\n", error(&key));
                Reply::stream([data]).breaking_off()
            }
            Echo::Nonsense => {
                Reply::json(200, &json!({"choices": key, "content": key, "output": key}))
            }
        }
    }
}

/// An answer that is good for whoever asks, with `word` wherever there is room.
pub(crate) fn good(request: &Received, word: &str) -> Reply {
    let answer = match request.response_model() {
        "Verdict" => json!({"is_valid": true, "reason": word, "fixed_value": null}),
        "Email" => json!({"name": word, "subject": word}),
        "Person" => json!({"name": word}),
        // A list.
        _ => json!({"tasks": [{"name": word}, {"name": word}]}),
    };
    said(request, &answer, word)
}

/// A call of the tool that is asked for, whole or as a stream.
fn said(request: &Received, answer: &Value, word: &str) -> Reply {
    let tool = request.response_model();
    let pieces = [answer.to_string()];
    match (request.path.as_str(), request.body["stream"] == true) {
        ("/v1/moderations", _) => openai::moderation(&[word]),
        ("/v1/messages", false) => anthropic::call(tool, answer),
        ("/v1/messages", true) => Reply::stream(events::anthropic::call(tool, &pieces)),
        ("/v1/responses", false) => openai_responses::call(tool, answer),
        ("/v1/responses", true) => Reply::stream(events::openai_responses::call(tool, &pieces)),
        (_, false) => openai::call(tool, answer),
        (_, true) => Reply::stream(events::openai::call(tool, &pieces)),
    }
}

/// An error as all providers have it.
fn error(word: &str) -> Value {
    let error = json!({"message": word, "type": word, "param": word, "code": word});
    json!({"type": "error", "error": error, "request_id": word, "message": word})
}
