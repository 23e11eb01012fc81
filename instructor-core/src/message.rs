//! What is said: messages of a conversation, the same for every provider.

use std::fmt;

/// Who says a [`Message`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Instructions of the application. Dialects without this role lift the text to where it belongs.
    System,
    /// The person, or the program, that asks.
    User,
    /// The language model.
    Assistant,
    /// The result of a tool call, given back to the model.
    Tool,
}

impl Role {
    /// The name the OpenAI wire uses: `system`, `user`, `assistant` or `tool`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One turn of a conversation.
///
/// ```
/// use instructor_core::{Message, Role};
///
/// let message = Message::user("Jason is 25 years old");
/// assert_eq!(message.role, Role::User);
/// assert_eq!(message.text().as_deref(), Some("Jason is 25 years old"));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

/// A piece of a [`Message`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// Plain text.
    Text(String),
    /// The model calls a tool.
    ToolCall(ToolCall),
    /// What came of a tool call.
    ToolResult(ToolResult),
}

/// A call of a tool by the model. For this crate the "tool" is the response model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolCall {
    /// The provider's id of this call; the result must name it.
    pub id: String,
    /// The name of the tool.
    pub name: String,
    /// The arguments: JSON text exactly as the model wrote it, which may be invalid.
    pub arguments: String,
}

impl ToolCall {
    /// A call of tool `name`.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        arguments: impl Into<String>,
    ) -> Self {
        ToolCall {
            id: id.into(),
            name: name.into(),
            arguments: arguments.into(),
        }
    }
}

/// The answer to a [`ToolCall`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolResult {
    /// The id of the call this answers.
    pub tool_call_id: String,
    /// What came of it, as text for the model.
    pub content: String,
    /// The call failed; the model should try again.
    pub is_error: bool,
}

impl ToolResult {
    /// What came of a call that went well.
    pub fn new(tool_call_id: impl Into<String>, content: impl Into<String>) -> Self {
        ToolResult {
            tool_call_id: tool_call_id.into(),
            content: content.into(),
            is_error: false,
        }
    }

    /// A failed call, with what is wrong as text for the model.
    pub fn error(tool_call_id: impl Into<String>, content: impl Into<String>) -> Self {
        ToolResult {
            tool_call_id: tool_call_id.into(),
            content: content.into(),
            is_error: true,
        }
    }
}

impl Message {
    /// A message made of `parts`.
    pub fn new(role: Role, parts: Vec<Part>) -> Self {
        Message { role, parts }
    }

    /// A system message.
    pub fn system(text: impl Into<String>) -> Self {
        Message::new(Role::System, vec![Part::Text(text.into())])
    }

    /// A user message.
    pub fn user(text: impl Into<String>) -> Self {
        Message::new(Role::User, vec![Part::Text(text.into())])
    }

    /// A message of the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Message::new(Role::Assistant, vec![Part::Text(text.into())])
    }

    /// The text parts joined by a line break; `None` if there are none.
    pub fn text(&self) -> Option<std::borrow::Cow<'_, str>> {
        let mut texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::ToolCall(_) | Part::ToolResult(_) => None,
        });
        let first = texts.next()?;
        let Some(second) = texts.next() else {
            return Some(first.into());
        };
        let mut joined = format!("{first}\n{second}");
        for text in texts {
            joined.push('\n');
            joined.push_str(text);
        }
        Some(joined.into())
    }

    /// The tool results among the parts.
    pub fn tool_results(&self) -> impl Iterator<Item = &ToolResult> {
        self.parts.iter().filter_map(|part| match part {
            Part::ToolResult(result) => Some(result),
            Part::Text(_) | Part::ToolCall(_) => None,
        })
    }

    /// A message with the result of one tool call.
    pub fn tool_result(result: ToolResult) -> Self {
        Message::new(Role::Tool, vec![Part::ToolResult(result)])
    }

    /// The tool calls among the parts.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.parts.iter().filter_map(|part| match part {
            Part::ToolCall(call) => Some(call),
            Part::Text(_) | Part::ToolResult(_) => None,
        })
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Message::user(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Message::user(text)
    }
}

impl From<&String> for Message {
    fn from(text: &String) -> Self {
        Message::user(text.as_str())
    }
}
