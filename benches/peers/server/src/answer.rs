//! The canned answer, in its two forms.

use std::borrow::Cow;
use std::cell::RefCell;

use serde_json::{Value, json};

use server::request::Request;
use server::response::http;

/// What the model is said to have answered: the ticket, as the JSON text that a model would write.
const TICKET: &str = include_str!("ticket.json");

const JUDGED: &[u8] = b"POST /judged/v1/chat/completions ";

/// The answers, made once.
pub(crate) struct Answers {
    tool: Vec<u8>,
    text: Vec<u8>,
    /// Eight values to judge, and what is said of each.
    form: Vec<u8>,
    verdict: Vec<u8>,
    /// The body of the first request to `/tool`.
    first: RefCell<Option<Vec<u8>>>,
}

impl Answers {
    pub(crate) fn new() -> Self {
        let ticket = TICKET.trim_end();
        let call = json!({"id": "call_bench", "type": "function", "function": {"name": "Ticket", "arguments": ticket}});
        let form =
            json!({"a": "a", "b": "b", "c": "c", "d": "d", "e": "e", "f": "f", "g": "g", "h": "h"});
        let verdict = json!({"is_valid": true, "reason": null, "fixed_value": null});
        Answers {
            form: completion(
                &json!({"role": "assistant", "content": form.to_string(), "refusal": null}),
            ),
            verdict: completion(
                &json!({"role": "assistant", "content": verdict.to_string(), "refusal": null}),
            ),
            tool: completion(
                &json!({"role": "assistant", "content": null, "refusal": null, "tool_calls": [call]}),
            ),
            text: completion(&json!({"role": "assistant", "content": ticket, "refusal": null})),
            first: RefCell::new(None),
        }
    }

    /// The answer to a judge's request; `None` if it is another's.
    pub(crate) fn verdict(&self, request: &Request<'_>) -> Option<&[u8]> {
        const NAME: &[u8] = b"\"Verdict\"";
        let is_judge = request.head.starts_with(JUDGED)
            && request.body.windows(NAME.len()).any(|part| part == NAME);
        is_judge.then_some(&self.verdict)
    }

    /// The ticket as a call of its tool.
    pub(crate) fn ticket(&self) -> &[u8] {
        &self.tool
    }

    pub(crate) fn to(&self, request: Request<'_>) -> Cow<'_, [u8]> {
        if request.head.starts_with(b"POST /text/v1/chat/completions ") {
            return Cow::Borrowed(&self.text);
        }
        if request.head.starts_with(JUDGED) {
            return Cow::Borrowed(&self.form);
        }
        if !request.head.starts_with(b"POST /tool/v1/chat/completions ") {
            return Cow::Owned(http(
                "404 Not Found",
                &error("there is nothing at this path"),
            ));
        }
        let mut first = self.first.borrow_mut();
        let first = first.get_or_insert_with(|| request.body.to_vec());
        if first == request.body {
            return Cow::Borrowed(&self.tool);
        }
        let same = first
            .iter()
            .zip(request.body)
            .take_while(|(one, other)| one == other)
            .count();
        let message = format!(
            "a client encodes another request than the first one, from byte {same} on:\n{}\ninstead of\n{}",
            String::from_utf8_lossy(&request.body[same..]),
            String::from_utf8_lossy(&first[same..]),
        );
        eprintln!("error: {message}");
        Cow::Owned(http("422 Unprocessable Content", &error(&message)))
    }
}

/// A response as complete as OpenAI's own.
fn completion(message: &Value) -> Vec<u8> {
    let body = json!({
        "id": "chatcmpl-CWjSVxGuN5QmY2bQ2hYkTpHx3vZqE",
        "object": "chat.completion",
        "created": 1_763_800_000,
        "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 212,
            "completion_tokens": 118,
            "total_tokens": 330,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
        "service_tier": "default",
        "system_fingerprint": "fp_560af6e559",
    });
    http("200 OK", &body)
}

fn error(message: &str) -> Value {
    json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": null}})
}
