//! The long answer as a stream of events, as OpenAI sends it when its model is fast.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Value, json};

use server::document::{document, pieces};

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
/// What the model says at a time.
const DELTA: usize = 4;
/// Events in a write: each is a chunk of its own, and several are under way at once.
const EVENTS: usize = 16;

/// The streams by the length of their documents, each made once.
#[derive(Default)]
pub(crate) struct Streams(RefCell<HashMap<usize, Rc<Vec<Vec<u8>>>>>);

impl Streams {
    /// The writes of the stream that a request is answered with: the one to `/stream/{bytes}/v1/chat/completions`.
    pub(crate) fn to(&self, head: &[u8]) -> Option<Rc<Vec<Vec<u8>>>> {
        let path = str::from_utf8(head.strip_prefix(b"POST /stream/")?).ok()?;
        let bytes = path.split('/').next()?.parse().ok()?;
        let mut known = self.0.borrow_mut();
        let stream = known.entry(bytes).or_insert_with(|| Rc::new(writes(bytes)));
        Some(Rc::clone(stream))
    }
}

fn writes(bytes: usize) -> Vec<Vec<u8>> {
    let text = document(bytes);
    let call = json!({"index": 0, "id": "call_bench", "type": "function", "function": {"name": "Club", "arguments": ""}});
    let first = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    let mut events = vec![event(&first, &Value::Null)];
    events.extend(pieces(&text, DELTA).map(|piece| {
        let call = json!({"index": 0, "function": {"arguments": piece}});
        event(&json!({"tool_calls": [call]}), &Value::Null)
    }));
    events.push(event(&json!({}), &json!("stop")));
    events.push("data: [DONE]\n\n".to_owned());
    let chunks: Vec<String> = events
        .iter()
        .map(|event| format!("{:x}\r\n{event}\r\n", event.len()))
        .collect();
    let mut writes: Vec<Vec<u8>> = chunks
        .chunks(EVENTS)
        .map(|chunks| chunks.concat().into_bytes())
        .collect();
    writes.insert(0, HEAD.as_bytes().to_vec());
    writes.push(b"0\r\n\r\n".to_vec());
    writes
}

/// An event as complete as OpenAI's own.
fn event(delta: &Value, reason: &Value) -> String {
    let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason});
    let chunk = json!({
        "id": "chatcmpl-CWjSVxGuN5QmY2bQ2hYkTpHx3vZqE",
        "object": "chat.completion.chunk",
        "created": 1_763_800_000,
        "model": "gpt-4o-2024-08-06",
        "service_tier": "default",
        "system_fingerprint": "fp_560af6e559",
        "choices": [choice],
        "usage": null,
    });
    format!("data: {chunk}\n\n")
}
