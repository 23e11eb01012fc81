//! Messages in the shape of the OpenAI wire, which MLflow shows as a conversation.

use instructor_core::Role;

use crate::record::Message;
use crate::wire::AnyValue;

/// The conversation.
pub(super) fn list(messages: &[Message<'_>]) -> AnyValue {
    AnyValue::array(messages.iter().map(message))
}

/// The text of the last message of the user.
pub(super) fn last_of_user(messages: &[Message<'_>]) -> Option<String> {
    messages
        .iter()
        .rev()
        .find(|message| message.role == Role::User.as_str())
        .and_then(|message| message.text.as_deref())
        .map(str::to_owned)
}

fn message(message: &Message<'_>) -> AnyValue {
    let result = message.tool_result.as_ref();
    let content = message.text.as_ref();
    let content = content.or(result.map(|result| &result.content));
    let calls: Vec<AnyValue> = message
        .tool_calls
        .iter()
        .map(|call| {
            let function = AnyValue::object([
                ("name", Some((&*call.name).into())),
                ("arguments", Some((&*call.arguments).into())),
            ]);
            AnyValue::object([
                ("id", Some((&*call.id).into())),
                ("type", Some("function".into())),
                ("function", Some(function)),
            ])
        })
        .collect();
    AnyValue::object([
        ("role", Some((&*message.role).into())),
        ("content", content.map(|text| (&**text).into())),
        (
            "tool_calls",
            (!calls.is_empty()).then(|| AnyValue::array(calls)),
        ),
        (
            "tool_call_id",
            result.map(|result| (&*result.tool_call_id).into()),
        ),
    ])
}
