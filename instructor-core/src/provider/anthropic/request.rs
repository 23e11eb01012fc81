//! Writes requests.

use serde_json::value::RawValue;

use super::Messages;
use crate::error::CodecError;
use crate::json::{Object, array};
use crate::message::{Message, Part, Role};
use crate::request::{Mode, Request};
use crate::schema::Dialect;

pub(super) fn write(dialect: &Messages, request: &Request) -> Result<Vec<u8>, CodecError> {
    let length: usize = request.tools().map(|tool| tool.standard().len()).sum();
    let mut buffer = Vec::with_capacity(length + 1024);
    write_body(dialect, request, &mut buffer)?;
    Ok(buffer)
}

fn write_body(
    dialect: &Messages,
    request: &Request,
    buffer: &mut Vec<u8>,
) -> Result<(), CodecError> {
    let mut body = Object::begin(buffer);
    body.value("model", &*request.model)?;
    body.value(
        "max_tokens",
        request.max_tokens.unwrap_or(dialect.default_max_tokens),
    )?;
    // The conversation itself has no system role: those texts go to a key of their own, in order.
    let is_system = |message: &&Message| message.role == Role::System;
    if request.messages.iter().any(|message| is_system(&message)) {
        array(
            body.key("system"),
            request.messages.iter().filter(is_system),
            |buffer, message| write_text(buffer, &message.text().unwrap_or_default()),
        )?;
    }
    array(
        body.key("messages"),
        request
            .messages
            .iter()
            .filter(|message| !is_system(message)),
        write_message,
    )?;
    match request.mode {
        Mode::Tools => {
            array(body.key("tools"), request.tools(), |buffer, offered| {
                let mut tool = Object::begin(buffer);
                tool.value("name", offered.name())?;
                if !offered.description().is_empty() {
                    tool.value("description", offered.description())?;
                }
                tool.raw("input_schema", offered.standard());
                tool.end();
                Ok(())
            })?;
            let mut choice = body.object("tool_choice");
            let set = request.tool_set();
            if set.is_some() {
                choice.value("type", "any")?;
            } else {
                choice.value("type", "tool")?;
                choice.value("name", request.answer().name())?;
            }
            let is_parallel = set.is_some_and(|set| set.is_parallel);
            choice.value("disable_parallel_tool_use", !is_parallel)?;
            choice.end();
        }
        Mode::JsonSchema => {
            let offered = request.answer();
            let text = offered.text(Dialect::Anthropic)?;
            let mut config = body.object("output_config");
            let mut format = config.object("format");
            format.value("type", "json_schema")?;
            // The wire has no other place for it.
            format.described_schema("schema", offered.description(), text)?;
            format.end();
            config.end();
        }
    }
    if let Some(temperature) = request.temperature {
        body.value("temperature", temperature)?;
    }
    if request.is_streamed {
        body.value("stream", true)?;
    }
    body.end();
    Ok(())
}

/// A message as content blocks. Tool results are said by the user on this wire.
fn write_message(buffer: &mut Vec<u8>, message: &Message) -> serde_json::Result<()> {
    let mut object = Object::begin(buffer);
    object.value(
        "role",
        if message.role == Role::Assistant {
            "assistant"
        } else {
            "user"
        },
    )?;
    array(
        object.key("content"),
        &message.parts,
        |buffer, part| match part {
            Part::Text(text) => write_text(buffer, text),
            Part::ToolCall(call) => {
                let mut block = Object::begin(buffer);
                block.value("type", "tool_use")?;
                block.value("id", &call.id)?;
                block.value("name", &call.name)?;
                // The arguments came from this wire as an object; anything else cannot be said here.
                match serde_json::from_str::<&RawValue>(&call.arguments) {
                    Ok(arguments) if arguments.get().starts_with('{') => {
                        block.raw("input", arguments.get());
                    }
                    _ => block.object("input").end(),
                }
                block.end();
                Ok(())
            }
            Part::ToolResult(result) => {
                let mut block = Object::begin(buffer);
                block.value("type", "tool_result")?;
                block.value("tool_use_id", &result.tool_call_id)?;
                block.value("content", &result.content)?;
                block.value("is_error", result.is_error)?;
                block.end();
                Ok(())
            }
        },
    )?;
    object.end();
    Ok(())
}

pub(super) fn write_text(buffer: &mut Vec<u8>, text: &str) -> serde_json::Result<()> {
    let mut block = Object::begin(buffer);
    block.value("type", "text")?;
    block.value("text", text)?;
    block.end();
    Ok(())
}
