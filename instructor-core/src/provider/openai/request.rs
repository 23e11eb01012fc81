//! Writes requests.

use crate::error::CodecError;
use crate::json::{Object, array};
use crate::message::{Message, Role, ToolCall, ToolResult};
use crate::request::{Mode, Request};

use super::{ChatCompletions, offered, said};

pub(super) fn write(dialect: &ChatCompletions, request: &Request) -> Result<Vec<u8>, CodecError> {
    said::check(&request.messages)?;
    let mut buffer = Vec::with_capacity(said::length(request, dialect.strict));
    write_body(dialect, request, &mut buffer)?;
    Ok(buffer)
}

fn write_body(
    dialect: &ChatCompletions,
    request: &Request,
    buffer: &mut Vec<u8>,
) -> serde_json::Result<()> {
    let mut body = Object::begin(buffer);
    body.value("model", &*request.model)?;
    array(body.key("messages"), turns(&request.messages), write_turn)?;
    match request.mode {
        Mode::Tools => {
            array(body.key("tools"), request.tools(), |buffer, offered| {
                let mut tool = Object::begin(buffer);
                tool.value("type", "function")?;
                let mut function = tool.object("function");
                offered::write(offered, dialect.strict, &mut function, "parameters")?;
                function.end();
                tool.end();
                Ok(())
            })?;
            let set = request.tool_set();
            if set.is_some() {
                body.value("tool_choice", "required")?;
            } else {
                let mut choice = body.object("tool_choice");
                choice.value("type", "function")?;
                let mut function = choice.object("function");
                function.value("name", request.answer().name())?;
                function.end();
                choice.end();
            }
            // An answer is one call, unless it is a list of tools. The calls of several at once need not keep a strict schema.
            let is_parallel = set.is_some_and(|set| set.is_parallel);
            if !is_parallel && offered::takes_parallel_tool_calls(&request.model) {
                body.value("parallel_tool_calls", false)?;
            }
        }
        Mode::JsonSchema => {
            let mut format = body.object("response_format");
            format.value("type", "json_schema")?;
            let mut model = format.object("json_schema");
            offered::write(request.answer(), dialect.strict, &mut model, "schema")?;
            model.end();
            format.end();
        }
    }
    if let Some(temperature) = request.temperature {
        body.value("temperature", temperature)?;
    }
    if let Some(max_tokens) = request.max_tokens {
        body.value(dialect.max_tokens_field, max_tokens)?;
    }
    if request.is_streamed {
        body.value("stream", true)?;
        if dialect.stream_usage {
            let mut options = body.object("stream_options");
            options.value("include_usage", true)?;
            options.end();
        }
    }
    body.end();
    Ok(())
}

/// A message as this wire counts them: every tool result is one of its own.
#[derive(Clone, Copy)]
enum Turn<'a> {
    Said(&'a Message),
    Result(&'a ToolResult),
}

fn turns(messages: &[Message]) -> impl Iterator<Item = Turn<'_>> {
    messages.iter().flat_map(|message| {
        let said = (message.role != Role::Tool).then_some(Turn::Said(message));
        said.into_iter()
            .chain(message.tool_results().map(Turn::Result))
    })
}

fn write_turn(buffer: &mut Vec<u8>, turn: Turn<'_>) -> serde_json::Result<()> {
    let mut object = Object::begin(buffer);
    match turn {
        Turn::Result(result) => {
            object.value("role", Role::Tool.as_str())?;
            object.value("tool_call_id", &result.tool_call_id)?;
            object.value("content", &result.content)?;
        }
        Turn::Said(message) => {
            object.value("role", message.role.as_str())?;
            object.value("content", message.text().unwrap_or_default())?;
            if message.tool_calls().next().is_some() {
                array(object.key("tool_calls"), message.tool_calls(), write_call)?;
            }
        }
    }
    object.end();
    Ok(())
}

pub(super) fn write_call(buffer: &mut Vec<u8>, call: &ToolCall) -> serde_json::Result<()> {
    let mut object = Object::begin(buffer);
    object.value("id", &call.id)?;
    object.value("type", "function")?;
    let mut function = object.object("function");
    function.value("name", &call.name)?;
    function.value("arguments", &call.arguments)?;
    function.end();
    object.end();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::STANDARD;
    use super::*;
    use crate::message::Part;
    use crate::model::ResponseModel;
    use crate::schema::{Body, Edge, Literal, Named, Node};

    static LONG: &str = match std::str::from_utf8(&[b'x'; 1025]) {
        Ok(text) => text,
        Err(_) => "",
    };

    #[derive(serde::Deserialize)]
    struct Long {}

    impl ResponseModel for Long {
        const NODE: Edge = {
            static TYPE: Named = Named::new(
                1,
                "Long",
                Literal::new(LONG),
                Body::Object {
                    fields: &[],
                    closed: false,
                },
            );
            static NODE: Node = Node::Named(&TYPE);
            Edge::to(&NODE)
        };
        type Partial = ();
    }

    fn sent(model: &str, messages: Vec<Message>) -> Result<serde_json::Value, CodecError> {
        let request = Request::new(model, messages, Long::SCHEMA, Mode::Tools);
        Ok(serde_json::from_slice(&write(&STANDARD, &request)?)?)
    }

    #[test]
    fn a_long_description_moves_into_the_schema() {
        let sent = sent("gpt-4o", vec![Message::user("?")]).expect("can be said");
        let function = &sent["tools"][0]["function"];
        assert_eq!(function.get("description"), None);
        assert_eq!(function["parameters"]["description"], LONG);
        assert_eq!(function["parameters"]["type"], "object");
    }

    #[test]
    fn reasoning_models_are_not_told_about_parallel_calls() {
        for (model, told) in [
            ("gpt-4o", true),
            ("o3-mini", false),
            ("o4-mini-2025-04-16", false),
        ] {
            let sent = sent(model, vec![Message::user("?")]).expect("can be said");
            assert_eq!(sent.get("parallel_tool_calls").is_some(), told, "{model}");
        }
    }

    #[test]
    fn a_stream_and_its_usage_are_asked_for() {
        let mut request = Request::new(
            "gpt-4o",
            vec![Message::user("?")],
            Long::SCHEMA,
            Mode::Tools,
        );
        request.is_streamed = true;
        for (dialect, options) in [
            (STANDARD, serde_json::json!({"include_usage": true})),
            (STANDARD.with_stream_usage(false), serde_json::Value::Null),
        ] {
            let sent = write(&dialect, &request).expect("can be said");
            let sent: serde_json::Value = serde_json::from_slice(&sent).expect("JSON");
            assert_eq!(sent["stream"], true);
            assert_eq!(sent["stream_options"], options);
        }
    }

    #[test]
    fn every_tool_result_is_a_message() {
        let result = |id: &str| Part::ToolResult(ToolResult::error(id, "no"));
        let several = Message::new(Role::Tool, vec![result("a"), result("b")]);
        let sent = sent("gpt-4o", vec![several]).expect("can be said");
        assert_eq!(sent["messages"][1]["tool_call_id"], "b");
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        let result = || Part::ToolResult(ToolResult::error("a", "no"));
        for message in [
            Message::new(Role::Tool, Vec::new()),
            Message::new(Role::Tool, vec![Part::Text("no".to_owned()), result()]),
            Message::new(Role::User, vec![result()]),
        ] {
            sent("gpt-4o", vec![message]).expect_err("cannot be said");
        }
    }
}
