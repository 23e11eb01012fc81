//! Messages in the shape of the OpenAI wire, which MLflow shows as a conversation.

use instructor_core::{Message, Part, Role};

use crate::wire::AnyValue;

/// The conversation.
pub(super) fn list(messages: &[Message]) -> AnyValue {
    AnyValue::array(messages.iter().map(message))
}

/// The text of the last message of the user.
pub(super) fn last_of_user(messages: &[Message]) -> Option<String> {
    messages
        .iter()
        .rev()
        .find(|message| message.role == Role::User)
        .and_then(|message| message.text())
        .map(Into::into)
}

fn message(message: &Message) -> AnyValue {
    let result = message.parts.iter().find_map(|part| match part {
        Part::ToolResult(result) => Some(result),
        _ => None,
    });
    let content = match (message.text(), result) {
        (Some(text), _) => Some(AnyValue::from(&*text)),
        (None, Some(result)) => Some(AnyValue::from(result.content.as_str())),
        (None, None) => None,
    };
    let calls: Vec<AnyValue> = message
        .tool_calls()
        .map(|call| {
            let function = AnyValue::object([
                ("name", Some(call.name.as_str().into())),
                ("arguments", Some(call.arguments.as_str().into())),
            ]);
            AnyValue::object([
                ("id", Some(call.id.as_str().into())),
                ("type", Some("function".into())),
                ("function", Some(function)),
            ])
        })
        .collect();
    AnyValue::object([
        ("role", Some(message.role.as_str().into())),
        ("content", content),
        (
            "tool_calls",
            (!calls.is_empty()).then(|| AnyValue::array(calls)),
        ),
        (
            "tool_call_id",
            result.map(|result| result.tool_call_id.as_str().into()),
        ),
    ])
}
