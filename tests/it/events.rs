//! Streams in the words of each provider, as complete as the providers' own.

use serde_json::{Value, json};

/// The text in pieces of this many characters.
pub(crate) fn pieces(text: &str, length: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters
        .chunks(length)
        .map(|piece| piece.iter().collect())
        .collect()
}

fn data(data: &Value) -> String {
    format!("data: {data}\n\n")
}

fn event(data: &Value) -> String {
    let name = data["type"].as_str().unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n")
}

/// OpenAI chat completions.
pub(crate) mod openai {
    use super::*;

    fn chunk(delta: &Value, finish_reason: Option<&str>) -> String {
        data(&json!({
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1_763_800_000,
            "model": "gpt-4o-2024-08-06",
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason}],
            "usage": null,
        }))
    }

    fn usage() -> String {
        data(&json!({
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1_763_800_000,
            "model": "gpt-4o-2024-08-06",
            "choices": [],
            "usage": {
                "prompt_tokens": 150,
                "completion_tokens": 24,
                "total_tokens": 174,
                "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
            },
        }))
    }

    fn ended(finish_reason: &str) -> [String; 3] {
        [
            chunk(&json!({}), Some(finish_reason)),
            usage(),
            "data: [DONE]\n\n".to_owned(),
        ]
    }

    /// A call of `tool` whose arguments come in these pieces, without its end.
    pub(crate) fn begun_call(tool: &str, arguments: &[String]) -> Vec<String> {
        let function = json!({"name": tool, "arguments": ""});
        let call = json!({"index": 0, "id": "call_1", "type": "function", "function": function});
        let first =
            json!({"role": "assistant", "content": null, "refusal": null, "tool_calls": [call]});
        let rest = arguments.iter().map(|piece| {
            let call = json!({"index": 0, "function": {"arguments": piece}});
            chunk(&json!({"tool_calls": [call]}), None)
        });
        std::iter::once(chunk(&first, None)).chain(rest).collect()
    }

    pub(crate) fn call(tool: &str, arguments: &[String]) -> Vec<String> {
        let mut events = begun_call(tool, arguments);
        events.extend(ended("tool_calls"));
        events
    }

    /// Calls of several tools, one after the other.
    pub(crate) fn calls(calls: &[(&str, Vec<String>)]) -> Vec<String> {
        let mut events = vec![chunk(&json!({"role": "assistant", "content": null}), None)];
        for (index, (tool, arguments)) in calls.iter().enumerate() {
            let function = json!({"name": tool, "arguments": ""});
            let id = format!("call_{index}");
            let call = json!({"index": index, "id": id, "type": "function", "function": function});
            events.push(chunk(&json!({"tool_calls": [call]}), None));
            events.extend(arguments.iter().map(|piece| {
                let call = json!({"index": index, "function": {"arguments": piece}});
                chunk(&json!({"tool_calls": [call]}), None)
            }));
        }
        events.extend(ended("tool_calls"));
        events
    }

    pub(crate) fn text(text: &[String]) -> Vec<String> {
        said("content", text, "stop")
    }

    /// What is said under this key of the deltas.
    pub(crate) fn said(key: &str, text: &[String], finish_reason: &str) -> Vec<String> {
        let mut events = vec![chunk(&json!({"role": "assistant", "content": ""}), None)];
        events.extend(text.iter().map(|piece| chunk(&json!({key: piece}), None)));
        events.extend(ended(finish_reason));
        events
    }

    pub(crate) fn cut_call(tool: &str, arguments: &[String]) -> Vec<String> {
        let mut events = begun_call(tool, arguments);
        events.extend(ended("length"));
        events
    }

    pub(crate) fn error(kind: &str, message: &str) -> String {
        data(&json!({"error": {"message": message, "type": kind, "param": null, "code": null}}))
    }
}

/// Anthropic messages.
pub(crate) mod anthropic {
    use super::*;

    fn message(
        block: &Value,
        deltas: impl Iterator<Item = Value>,
        stop_reason: &str,
    ) -> Vec<String> {
        let usage = json!({
            "input_tokens": 86, "output_tokens": 1,
            "cache_creation_input_tokens": 0, "cache_read_input_tokens": 64,
        });
        let message = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
            "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage,
        });
        let mut events = vec![
            event(&json!({"type": "message_start", "message": message})),
            event(&json!({"type": "content_block_start", "index": 0, "content_block": block})),
            event(&json!({"type": "ping"})),
        ];
        events.extend(deltas.map(|delta| {
            event(&json!({"type": "content_block_delta", "index": 0, "delta": delta}))
        }));
        events.extend([
            event(&json!({"type": "content_block_stop", "index": 0})),
            event(&json!({
                "type": "message_delta",
                "delta": {"stop_reason": stop_reason, "stop_sequence": null},
                "usage": {"output_tokens": 24},
            })),
            event(&json!({"type": "message_stop"})),
        ]);
        events
    }

    pub(crate) fn call(tool: &str, arguments: &[String]) -> Vec<String> {
        let block = json!({"type": "tool_use", "id": "toolu_1", "name": tool, "input": {}});
        let deltas = arguments.iter();
        let deltas = deltas.map(|piece| json!({"type": "input_json_delta", "partial_json": piece}));
        message(&block, deltas, "tool_use")
    }

    pub(crate) fn text(text: &[String]) -> Vec<String> {
        let deltas = text.iter();
        let deltas = deltas.map(|piece| json!({"type": "text_delta", "text": piece}));
        message(&json!({"type": "text", "text": ""}), deltas, "end_turn")
    }
}

/// OpenAI Responses.
pub(crate) mod openai_responses {
    use super::*;

    fn response(status: &str, output: &Value) -> Value {
        let usage = (status == "completed").then(|| {
            json!({
                "input_tokens": 150, "output_tokens": 24, "total_tokens": 174,
                "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 0},
                "output_tokens_details": {"reasoning_tokens": 0},
            })
        });
        json!({
            "id": "resp_1", "object": "response", "created_at": 1_763_800_000, "status": status, "error": null,
            "incomplete_details": null, "instructions": null, "model": "gpt-4o-2024-08-06", "output": output,
            "parallel_tool_calls": false, "tool_choice": "auto", "tools": [], "temperature": 1.0, "top_p": 1.0,
            "metadata": {}, "usage": usage,
        })
    }

    fn numbered(events: Vec<Value>) -> Vec<String> {
        let events = events.into_iter().enumerate();
        events
            .map(|(number, mut data)| {
                data["sequence_number"] = json!(number);
                event(&data)
            })
            .collect()
    }

    pub(crate) fn call(tool: &str, arguments: &[String]) -> Vec<String> {
        let item = |arguments: &str, status: &str| json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": tool, "arguments": arguments, "status": status});
        let whole = arguments.concat();
        let mut events = vec![
            json!({"type": "response.created", "response": response("in_progress", &json!([]))}),
            json!({"type": "response.output_item.added", "output_index": 0, "item": item("", "in_progress")}),
        ];
        events.extend(arguments.iter().map(|piece| {
            json!({"type": "response.function_call_arguments.delta", "item_id": "fc_1", "output_index": 0, "delta": piece})
        }));
        let done = item(&whole, "completed");
        events.extend([
            json!({"type": "response.function_call_arguments.done", "item_id": "fc_1", "name": tool, "output_index": 0, "arguments": whole}),
            json!({"type": "response.output_item.done", "output_index": 0, "item": done}),
            json!({"type": "response.completed", "response": response("completed", &json!([done]))}),
        ]);
        numbered(events)
    }

    pub(crate) fn text(text: &[String]) -> Vec<String> {
        let item = |content: Value, status: &str| json!({"type": "message", "id": "msg_1", "role": "assistant", "content": content, "status": status});
        let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
        let whole = text.concat();
        let place = json!({"item_id": "msg_1", "output_index": 0, "content_index": 0});
        let at = |mut data: Value| {
            for (key, value) in place.as_object().into_iter().flatten() {
                data[key] = value.clone();
            }
            data
        };
        let mut events = vec![
            json!({"type": "response.created", "response": response("in_progress", &json!([]))}),
            json!({"type": "response.output_item.added", "output_index": 0, "item": item(json!([]), "in_progress")}),
            at(json!({"type": "response.content_part.added", "part": part("")})),
        ];
        events.extend(text.iter().map(|piece| {
            at(json!({"type": "response.output_text.delta", "delta": piece, "logprobs": []}))
        }));
        let done = item(json!([part(&whole)]), "completed");
        events.extend([
            at(json!({"type": "response.output_text.done", "text": whole, "logprobs": []})),
            at(json!({"type": "response.content_part.done", "part": part(&whole)})),
            json!({"type": "response.output_item.done", "output_index": 0, "item": done}),
            json!({"type": "response.completed", "response": response("completed", &json!([done]))}),
        ]);
        numbered(events)
    }
}
