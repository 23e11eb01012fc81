//! Writes requests.

use std::borrow::Cow;

use super::super::openai::{offered, said};
use super::Responses;
use crate::error::CodecError;
use crate::json::{Object, array};
use crate::message::{Message, Part, Role, ToolCall, ToolResult};
use crate::request::{Mode, Request};

pub(super) fn write(dialect: &Responses, request: &Request) -> Result<Vec<u8>, CodecError> {
    said::check(&request.messages)?;
    let mut buffer = Vec::with_capacity(said::length(request, dialect.strict));
    write_body(dialect, request, &mut buffer)?;
    Ok(buffer)
}

fn write_body(
    dialect: &Responses,
    request: &Request,
    buffer: &mut Vec<u8>,
) -> serde_json::Result<()> {
    let mut body = Object::begin(buffer);
    body.value("model", &*request.model)?;
    let items = request.messages.iter().flat_map(items);
    array(body.key("input"), items, write_item)?;
    match request.mode {
        Mode::Tools => {
            array(body.key("tools"), request.tools(), |buffer, offered| {
                let mut tool = Object::begin(buffer);
                tool.value("type", "function")?;
                offered::write(offered, dialect.strict, &mut tool, "parameters")?;
                tool.end();
                Ok(())
            })?;
            let set = request.tool_set();
            if set.is_some() {
                body.value("tool_choice", "required")?;
            } else {
                let mut choice = body.object("tool_choice");
                choice.value("type", "function")?;
                choice.value("name", request.answer().name())?;
                choice.end();
            }
            // As in the chat completions.
            let is_parallel = set.is_some_and(|set| set.is_parallel);
            if !is_parallel && offered::takes_parallel_tool_calls(&request.model) {
                body.value("parallel_tool_calls", false)?;
            }
        }
        Mode::JsonSchema => {
            let mut text = body.object("text");
            let mut format = text.object("format");
            format.value("type", "json_schema")?;
            offered::write(request.answer(), dialect.strict, &mut format, "schema")?;
            format.end();
            text.end();
        }
    }
    if let Some(temperature) = request.temperature {
        body.value("temperature", temperature)?;
    }
    if let Some(max_tokens) = request.max_tokens {
        body.value("max_output_tokens", max_tokens)?;
    }
    if request.is_streamed {
        body.value("stream", true)?;
    }
    body.value("store", false)?;
    body.end();
    Ok(())
}

/// What a message is to this wire: calls and their results are items beside the messages.
enum Item<'a> {
    Message(Role, Cow<'a, str>),
    Call(&'a ToolCall),
    Result(&'a ToolResult),
}

fn items(message: &Message) -> impl Iterator<Item = Item<'_>> {
    let has_text = || {
        message
            .parts
            .iter()
            .all(|part| matches!(part, Part::Text(_)))
    };
    let text = message.text().or_else(|| has_text().then_some("".into()));
    let text = text.map(|text| Item::Message(message.role, text));
    let calls = message.tool_calls().map(Item::Call);
    let results = message.tool_results().map(Item::Result);
    text.into_iter().chain(calls).chain(results)
}

fn write_item(buffer: &mut Vec<u8>, item: Item<'_>) -> serde_json::Result<()> {
    match item {
        Item::Message(role, text) => {
            let mut object = Object::begin(buffer);
            object.value("type", "message")?;
            object.value("role", role.as_str())?;
            object.value("content", text)?;
            object.end();
            Ok(())
        }
        Item::Call(call) => write_call(buffer, call),
        Item::Result(result) => {
            let mut object = Object::begin(buffer);
            object.value("type", "function_call_output")?;
            object.value("call_id", &result.tool_call_id)?;
            object.value("output", &result.content)?;
            object.end();
            Ok(())
        }
    }
}

pub(super) fn write_call(buffer: &mut Vec<u8>, call: &ToolCall) -> serde_json::Result<()> {
    let mut object = Object::begin(buffer);
    object.value("type", "function_call")?;
    object.value("call_id", &call.id)?;
    object.value("name", &call.name)?;
    object.value("arguments", &call.arguments)?;
    object.end();
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::STANDARD;
    use super::*;
    use crate::model::ResponseModel;

    fn sent(request: &Request) -> Value {
        let body = write(&STANDARD, request).expect("can be said");
        serde_json::from_slice(&body).expect("JSON")
    }

    fn request(messages: Vec<Message>, mode: Mode) -> Request {
        Request::new("gpt-4o", messages, bool::SCHEMA, mode)
    }

    #[test]
    fn calls_and_results_are_items_beside_the_messages() {
        let call = Part::ToolCall(ToolCall::new("call_1", "Answer", "{}"));
        let thinking = Part::Text("I call it.".to_owned());
        let result = |id: &str| Part::ToolResult(ToolResult::error(id, "no"));
        let messages = vec![
            Message::system("Be brief."),
            Message::user("?"),
            Message::new(Role::Assistant, vec![thinking, call.clone()]),
            Message::new(Role::Tool, vec![result("call_1"), result("call_2")]),
            Message::new(Role::Assistant, vec![call]),
            Message::new(Role::Assistant, vec![]),
        ];
        let call = json!({"type": "function_call", "call_id": "call_1", "name": "Answer", "arguments": "{}"});
        let result =
            |id: &str| json!({"type": "function_call_output", "call_id": id, "output": "no"});
        let said =
            |role: &str, text: &str| json!({"type": "message", "role": role, "content": text});
        assert_eq!(
            sent(&request(messages, Mode::Tools))["input"],
            json!([
                said("system", "Be brief."),
                said("user", "?"),
                said("assistant", "I call it."),
                call,
                result("call_1"),
                result("call_2"),
                call,
                said("assistant", ""),
            ])
        );
    }

    #[test]
    fn options_are_sent_under_the_names_of_the_wire() {
        let mut request = request(vec![Message::user("?")], Mode::JsonSchema);
        request.max_tokens = Some(300);
        request.temperature = Some(0.25);
        request.is_streamed = true;
        let sent = sent(&request);
        assert_eq!(sent["max_output_tokens"], 300);
        assert_eq!(sent["temperature"], 0.25);
        assert_eq!(
            (&sent["stream"], &sent["store"]),
            (&json!(true), &json!(false))
        );
        let format = &sent["text"]["format"];
        assert_eq!(format["type"], "json_schema");
        assert_eq!(format["strict"], true);
        assert!(format["name"].is_string() && format["schema"].is_object());
        assert_eq!(sent.get("tools"), None);
    }

    #[test]
    fn a_result_inside_another_message_is_refused() {
        let result = Part::ToolResult(ToolResult::error("call_1", "no"));
        let messages = vec![Message::new(Role::User, vec![result])];
        assert!(write(&STANDARD, &request(messages, Mode::Tools)).is_err());
    }
}
