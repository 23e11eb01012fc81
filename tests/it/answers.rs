//! Answers in the words of each provider, as complete as the providers' own.

use serde_json::{Value, json};

use crate::server::Reply;

/// OpenAI chat completions.
pub(crate) mod openai {
    use super::*;

    pub(crate) fn completion(message: Value, finish_reason: &str) -> Reply {
        let mut message = message;
        message["role"] = json!("assistant");
        for key in ["content", "refusal"] {
            if message.get(key).is_none() {
                message[key] = Value::Null;
            }
        }
        Reply::json(
            200,
            &json!({
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1_763_800_000,
                "model": "gpt-4o-2024-08-06",
                "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason}],
                "usage": {
                    "prompt_tokens": 150,
                    "completion_tokens": 24,
                    "total_tokens": 174,
                    "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
                },
            }),
        )
    }

    /// A call of `tool` with `arguments`.
    pub(crate) fn call(tool: &str, arguments: &Value) -> Reply {
        raw_call(tool, &arguments.to_string())
    }

    /// A call of `tool` with text that need not be JSON.
    pub(crate) fn raw_call(tool: &str, arguments: &str) -> Reply {
        let call = json!({"id": "call_1", "type": "function", "function": {"name": tool, "arguments": arguments}});
        completion(json!({"tool_calls": [call]}), "stop")
    }

    pub(crate) fn text(text: &str) -> Reply {
        completion(json!({"content": text}), "stop")
    }

    /// What the moderation endpoint says of a text with these categories of harm.
    pub(crate) fn moderation(flagged: &[&str]) -> Reply {
        const CATEGORIES: [&str; 13] = [
            "harassment",
            "harassment/threatening",
            "sexual",
            "hate",
            "hate/threatening",
            "illicit",
            "illicit/violent",
            "self-harm/intent",
            "self-harm/instructions",
            "self-harm",
            "sexual/minors",
            "violence",
            "violence/graphic",
        ];
        let of = |value: &dyn Fn(&str) -> Value| -> Value {
            CATEGORIES
                .iter()
                .map(|name| ((*name).to_owned(), value(name)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        Reply::json(
            200,
            &json!({
                "id": "modr-970d409ef3bef3b70c73d8232df86e7d",
                "model": "omni-moderation-latest",
                "results": [{
                    "flagged": !flagged.is_empty(),
                    "categories": of(&|name| json!(flagged.contains(&name))),
                    "category_scores": of(&|name| json!(if flagged.contains(&name) { 0.96 } else { 0.001 })),
                    "category_applied_input_types": of(&|_| json!(["text"])),
                }],
            }),
        )
    }

    pub(crate) fn error(status: u16, kind: &str, code: &str, message: &str) -> Reply {
        Reply::json(
            status,
            &json!({"error": {"message": message, "type": kind, "param": null, "code": code}}),
        )
    }
}

/// OpenAI Responses.
pub(crate) mod openai_responses {
    use super::*;

    /// A response with these items as its output.
    pub(crate) fn response(output: &Value, status: &str, reason: Option<&str>) -> Reply {
        Reply::json(
            200,
            &json!({
                "id": "resp_1",
                "object": "response",
                "created_at": 1_763_800_000,
                "status": status,
                "error": null,
                "incomplete_details": reason.map(|reason| json!({"reason": reason})),
                "instructions": null,
                "model": "gpt-4o-2024-08-06",
                "output": output,
                "parallel_tool_calls": false,
                "tool_choice": "auto",
                "tools": [],
                "usage": {
                    "input_tokens": 150,
                    "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 0},
                    "output_tokens": 24,
                    "output_tokens_details": {"reasoning_tokens": 0},
                    "total_tokens": 174,
                },
            }),
        )
    }

    /// A call of `tool` with `arguments`.
    pub(crate) fn call(tool: &str, arguments: &Value) -> Reply {
        calls(&[(tool, arguments)])
    }

    /// Calls of several tools.
    pub(crate) fn calls(calls: &[(&str, &Value)]) -> Reply {
        let item = |(index, (tool, arguments)): (usize, &(&str, &Value))| {
            json!({
                "type": "function_call",
                "id": format!("fc_{}", index + 1),
                "call_id": format!("call_{}", index + 1),
                "name": tool,
                "arguments": arguments.to_string(),
                "status": "completed",
            })
        };
        let items: Vec<Value> = calls.iter().enumerate().map(item).collect();
        response(&json!(items), "completed", None)
    }

    /// A message with one part.
    pub(crate) fn message(part: &Value) -> Value {
        json!([{"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}])
    }

    pub(crate) fn text(text: &str) -> Reply {
        let part = json!({"type": "output_text", "text": text, "annotations": []});
        response(&message(&part), "completed", None)
    }

    pub(crate) fn refusal(reason: &str) -> Reply {
        let part = json!({"type": "refusal", "refusal": reason});
        response(&message(&part), "completed", None)
    }
}

/// Anthropic messages.
pub(crate) mod anthropic {
    use super::*;

    pub(crate) fn message(content: &Value, stop_reason: &str) -> Reply {
        Reply::json(
            200,
            &json!({
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": "claude-sonnet-4-5-20250929",
                "content": content,
                "stop_reason": stop_reason,
                "stop_sequence": null,
                "usage": {
                    "input_tokens": 412,
                    "output_tokens": 58,
                    "cache_read_input_tokens": 128,
                    "cache_creation_input_tokens": 0,
                },
            }),
        )
    }

    /// A use of `tool` with `input`.
    pub(crate) fn call(tool: &str, input: &Value) -> Reply {
        message(
            &json!([{"type": "tool_use", "id": "toolu_1", "name": tool, "input": input}]),
            "tool_use",
        )
    }

    pub(crate) fn text(text: &str, stop_reason: &str) -> Reply {
        message(&json!([{"type": "text", "text": text}]), stop_reason)
    }

    pub(crate) fn error(status: u16, kind: &str, message: &str) -> Reply {
        Reply::json(
            status,
            &json!({"type": "error", "error": {"type": kind, "message": message}}),
        )
    }
}
