//! What the scripted model says, and what it was asked.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cases::Case;
use crate::tokens::Tokens;

/// What the judge says of a value that it does not take.
const REASON: &str = "It does not say what the reader needs to know.";

/// One request and its answer, in tokens.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Exchange {
    /// Whether a value was judged.
    pub(crate) is_judgement: bool,
    pub(crate) request: usize,
    pub(crate) answer: usize,
}

impl Exchange {
    pub(crate) fn total(&self) -> usize {
        self.request + self.answer
    }
}

/// The cases, and the exchanges of each client in each case.
pub(crate) struct Script {
    pub(crate) cases: Vec<Case>,
    pub(crate) tokens: Tokens,
    exchanges: Mutex<HashMap<(String, String), Vec<Exchange>>>,
}

impl Script {
    pub(crate) fn new(cases: Vec<Case>, tokens: Tokens) -> Script {
        Script {
            cases,
            tokens,
            exchanges: Mutex::default(),
        }
    }

    /// What a client sent and was told in a case, so far.
    pub(crate) fn exchanges(&self, client: &str, case: &str) -> Vec<Exchange> {
        let exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let key = (client.to_owned(), case.to_owned());
        exchanges.get(&key).cloned().unwrap_or_default()
    }

    /// The chat completion that answers a request to `/{client}/{case}/v1/chat/completions`.
    pub(crate) fn complete(&self, path: &str, body: &[u8]) -> Result<Value, String> {
        let mut parts = path.trim_start_matches('/').split('/');
        let client = parts.next().unwrap_or_default();
        let id = parts.next().unwrap_or_default();
        let case = self.cases.iter().find(|case| case.id == id);
        let case = case.ok_or_else(|| format!("there is no case `{id}`"))?;
        let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let function = &body["tools"][0]["function"];
        let name = function["name"]
            .as_str()
            .ok_or("a request without a tool")?;

        let mut exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let exchanges = exchanges
            .entry((client.to_owned(), id.to_owned()))
            .or_default();
        let number = exchanges
            .iter()
            .filter(|exchange| !exchange.is_judgement)
            .count();
        let is_judgement = matches!(name, "Verdict" | "Validator");
        let arguments = if is_judgement {
            verdict(case, &body)
        } else {
            let answer = case.answers.get(number);
            let answer = answer.ok_or("the last answer was right, and it asks again")?;
            if name == case.model {
                answer.clone()
            } else {
                corrections(answer, function)?
            }
        };
        let arguments = arguments.to_string();
        let exchange = Exchange {
            is_judgement,
            request: self.tokens.of_request(&body),
            answer: self.tokens.of(&arguments),
        };
        exchanges.push(exchange);
        Ok(completion(name, &arguments, exchange))
    }
}

fn verdict(case: &Case, body: &Value) -> Value {
    let messages = body["messages"].as_array();
    let question = messages
        .and_then(|messages| messages.last())
        .map(|last| last["content"].to_string());
    let is_rejected = case
        .rejected
        .is_some_and(|rejected| question.is_some_and(|question| question.contains(rejected)));
    let reason = is_rejected.then_some(REASON);
    json!({"is_valid": !is_rejected, "reason": reason, "fixed_value": null})
}

/// What stands in `answer` at the places that the tool asks for.
fn corrections(answer: &Value, function: &Value) -> Result<Value, String> {
    let asked = function["parameters"]["properties"].as_object();
    let asked = asked.ok_or("a tool without properties")?;
    let mut corrections = Map::new();
    for key in asked.keys() {
        let pointer = format!("/{}", key.replace('.', "/"));
        let value = answer.pointer(&pointer);
        let value = value.ok_or_else(|| format!("there is nothing at `{key}`"))?;
        corrections.insert(key.clone(), value.clone());
    }
    Ok(Value::Object(corrections))
}

fn completion(tool: &str, arguments: &str, exchange: Exchange) -> Value {
    let call = json!({"id": "call_1", "type": "function", "function": {"name": tool, "arguments": arguments}});
    json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_763_800_000,
        "model": "gpt-4o-2024-08-06",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": null, "refusal": null, "tool_calls": [call]},
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": {
            "prompt_tokens": exchange.request,
            "completion_tokens": exchange.answer,
            "total_tokens": exchange.request + exchange.answer,
        },
    })
}
