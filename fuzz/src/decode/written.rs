//! Writes what was said in each dialect, as the vendors' documents have it: as a whole body and as the events of a stream.

use instructor_core::Codec;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Event;
use super::said::{End, Said};

/// An answer as a whole and as a stream.
pub(super) struct Written {
    pub(super) body: String,
    pub(super) events: Vec<Event>,
}

/// How a dialect is written.
pub(super) fn written_for(codec: &dyn Codec) -> fn(&Said) -> Written {
    match codec.dialect() {
        "anthropic" => anthropic,
        "openai_responses" => openai_responses,
        _ => openai,
    }
}

/// OpenAI's chat completions.
pub(super) fn openai(said: &Said) -> Written {
    let expected = said.response();
    let calls = || expected.tool_calls.iter().enumerate();
    let finish_reason = match said.end {
        End::Done if expected.tool_calls.is_empty() => "stop",
        End::Done => "tool_calls",
        End::Length => "length",
        End::Filter => "content_filter",
        End::Later => "tired",
    };
    let usage = expected.usage.map(|usage| {
        json!({
            "prompt_tokens": usage.input_tokens,
            "completion_tokens": usage.output_tokens,
            "prompt_tokens_details": {
                "cached_tokens": usage.cache_read_input_tokens,
                "cache_write_tokens": usage.cache_creation_input_tokens,
            },
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning_output_tokens},
        })
    });
    let tool_calls: Vec<_> = calls()
        .map(|(_, call)| {
            let function = json!({"name": call.name, "arguments": call.arguments});
            json!({"id": call.id, "type": "function", "function": function})
        })
        .collect();
    let message = json!({
        "role": "assistant",
        "content": expected.text,
        "reasoning_content": expected.reasoning,
        "refusal": expected.refusal,
        "tool_calls": tool_calls,
    });
    let body = json!({
        "id": expected.id,
        "model": expected.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": usage,
    });

    let chunk = |choices: Value, usage: &Option<Value>| {
        let chunk = json!({"id": "id_1", "model": "model-1", "choices": choices, "usage": usage});
        Event::new("message", chunk.to_string())
    };
    let delta = |delta: Value| chunk(json!([{"index": 0, "delta": delta}]), &None);
    let mut events = vec![delta(json!({"role": "assistant", "content": ""}))];
    for (number, thought) in said.thoughts().enumerate() {
        if number > 0 {
            events.push(delta(json!({"reasoning_content": "\n\n"})));
        }
        events.extend(
            thought
                .into_iter()
                .map(|piece| delta(json!({"reasoning_content": piece}))),
        );
    }
    let texts = said.texts().flatten();
    events.extend(texts.map(|piece| delta(json!({"content": piece}))));
    let refusal = said.refusal().into_iter().flatten();
    events.extend(refusal.map(|piece| delta(json!({"refusal": piece}))));
    for (number, (call, pieces)) in said.calls().enumerate() {
        let call = json!({"index": number, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}});
        events.push(delta(json!({"tool_calls": [call]})));
        events.extend(pieces.into_iter().map(|piece| {
            let call = json!({"index": number, "function": {"arguments": piece}});
            delta(json!({"tool_calls": [call]}))
        }));
    }
    let last = json!([{"index": 0, "delta": {}, "finish_reason": finish_reason}]);
    events.push(chunk(last, &None));
    events.push(chunk(json!([]), &usage));
    events.push(Event::new("message", "[DONE]".to_owned()));
    Written {
        body: body.to_string(),
        events,
    }
}

/// OpenAI's Responses.
pub(super) fn openai_responses(said: &Said) -> Written {
    let expected = said.response();
    let mut output = Vec::new();
    let mut events = Vec::new();
    let event = |kind: &str, mut data: Value| {
        data["type"] = kind.into();
        Event::new(kind, data.to_string())
    };
    let begun = json!({"id": "id_1", "model": "model-1", "status": "in_progress", "output": []});
    events.push(event("response.created", json!({"response": begun})));
    let thoughts: Vec<_> = said.thoughts().collect();
    if !thoughts.is_empty() {
        for pieces in &thoughts {
            events.push(event(
                "response.reasoning_summary_part.added",
                json!({"output_index": 0}),
            ));
            events.extend(pieces.iter().map(|piece| {
                let delta = json!({"output_index": 0, "delta": piece});
                event("response.reasoning_summary_text.delta", delta)
            }));
        }
        let parts = thoughts
            .iter()
            .map(|pieces| json!({"type": "summary_text", "text": pieces.concat()}));
        output.push(json!({"type": "reasoning", "summary": parts.collect::<Vec<_>>()}));
    }
    let mut content = Vec::new();
    for (kind, key, parts) in [
        ("output_text", "text", said.texts().collect::<Vec<_>>()),
        ("refusal", "refusal", said.refusal().into_iter().collect()),
    ] {
        let name = format!("response.{kind}.delta");
        for pieces in parts {
            content.push(json!({"type": kind, key: pieces.concat()}));
            let index = output.len();
            let deltas = pieces
                .iter()
                .map(|piece| json!({"output_index": index, "delta": piece}));
            events.extend(deltas.map(|delta| event(&name, delta)));
        }
    }
    if !content.is_empty() {
        output.push(json!({"type": "message", "role": "assistant", "content": content}));
    }
    for (call, pieces) in said.calls() {
        let index = output.len();
        let item = |arguments: &str| json!({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments});
        let added = json!({"output_index": index, "item": item("")});
        events.push(event("response.output_item.added", added));
        events.extend(pieces.iter().map(|piece| {
            let delta = json!({"output_index": index, "delta": piece});
            event("response.function_call_arguments.delta", delta)
        }));
        let done = json!({"output_index": index, "arguments": call.arguments});
        events.push(event("response.function_call_arguments.done", done));
        output.push(item(&call.arguments));
    }
    let (status, reason) = match said.end {
        End::Done => ("completed", None),
        End::Length => ("incomplete", Some("max_output_tokens")),
        End::Filter => ("incomplete", Some("content_filter")),
        End::Later => ("incomplete", Some("tired")),
    };
    let usage = expected.usage.map(|usage| {
        json!({
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "input_tokens_details": {
                "cached_tokens": usage.cache_read_input_tokens,
                "cache_write_tokens": usage.cache_creation_input_tokens,
            },
            "output_tokens_details": {"reasoning_tokens": usage.reasoning_output_tokens},
        })
    });
    let body = json!({
        "id": "id_1",
        "model": "model-1",
        "status": status,
        "incomplete_details": reason.map(|reason| json!({"reason": reason})),
        "output": output,
        "usage": usage,
    });
    events.push(event(
        &format!("response.{status}"),
        json!({"response": &body}),
    ));
    Written {
        body: body.to_string(),
        events,
    }
}

/// Anthropic's messages.
pub(super) fn anthropic(said: &Said) -> Written {
    let expected = said.response();
    let mut content = Vec::new();
    let mut events = Vec::new();
    let event = |kind: &str, mut data: Value| {
        data["type"] = kind.into();
        Event::new(kind, data.to_string())
    };
    let usage = said.usage().map(|usage| {
        let cached = [
            usage.cache_read_input_tokens,
            usage.cache_creation_input_tokens,
        ];
        let cached: u64 = cached.into_iter().flatten().sum();
        json!({
            "input_tokens": usage.input_tokens - cached,
            "cache_read_input_tokens": usage.cache_read_input_tokens,
            "cache_creation_input_tokens": usage.cache_creation_input_tokens,
            "output_tokens": usage.output_tokens,
            "output_tokens_details": {"thinking_tokens": usage.reasoning_output_tokens},
        })
    });
    let begun = json!({"id": "id_1", "model": "model-1", "content": [], "stop_reason": null, "usage": usage});
    events.push(event("message_start", json!({"message": begun})));
    let mut block = |whole: String, begin: Value, deltas: Vec<Value>| {
        let index = content.len();
        let begun = json!({"index": index, "content_block": begin});
        events.push(event("content_block_start", begun));
        let deltas = deltas.into_iter();
        let deltas = deltas.map(|delta| json!({"index": index, "delta": delta}));
        events.extend(deltas.map(|delta| event("content_block_delta", delta)));
        events.push(event("content_block_stop", json!({"index": index})));
        content.push(whole);
    };
    for (kind, key, parts) in [
        ("thinking", "thinking", said.thoughts().collect::<Vec<_>>()),
        ("text", "text", said.texts().collect()),
    ] {
        for pieces in parts {
            let whole = json!({"type": kind, key: pieces.concat()}).to_string();
            let deltas = pieces.iter();
            let deltas = deltas.map(|piece| json!({"type": format!("{kind}_delta"), key: piece}));
            block(whole, json!({"type": kind, key: ""}), deltas.collect());
        }
    }
    for (call, pieces) in said.calls() {
        // Text, since a number of it need not fit into any number here.
        let input: Box<RawValue> = serde_json::from_str(&call.arguments).expect("it is JSON");
        let begin = json!({"type": "tool_use", "id": call.id, "name": call.name, "input": {}});
        let head = begin.to_string().replace("\"input\":{},", "");
        let whole = format!("{{\"input\":{input},{}", &head[1..]);
        let deltas = pieces.iter();
        let deltas = deltas.map(|piece| json!({"type": "input_json_delta", "partial_json": piece}));
        block(whole, begin, deltas.collect());
    }
    let stop_reason = match said.end {
        End::Done if expected.tool_calls.is_empty() => "end_turn",
        End::Done => "tool_use",
        End::Length => "max_tokens",
        End::Filter => "refusal",
        End::Later => "tired",
    };
    let end = json!({"delta": {"stop_reason": stop_reason}, "usage": usage});
    events.push(event("message_delta", end));
    events.push(event("message_stop", json!({})));
    let content = content.join(",");
    let head =
        json!({"id": "id_1", "model": "model-1", "stop_reason": stop_reason, "usage": usage});
    let body = format!("{{\"content\":[{content}],{}", &head.to_string()[1..]);
    Written { body, events }
}
