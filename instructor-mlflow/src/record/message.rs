//! The conversation of a call, as far as it is shown.

use std::borrow::Cow;

use instructor_core as core;
use serde::{Deserialize, Serialize};

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message<'a> {
    pub(crate) role: Cow<'a, str>,
    /// All of its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<Cow<'a, str>>,
    /// Calls of tools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tool_calls: Vec<ToolCall<'a>>,
    /// What came of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tool_result: Option<ToolResult<'a>>,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ToolCall<'a> {
    pub(crate) id: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
    /// JSON text.
    pub(crate) arguments: Cow<'a, str>,
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ToolResult<'a> {
    pub(crate) tool_call_id: Cow<'a, str>,
    pub(crate) content: Cow<'a, str>,
}

impl<'a> Message<'a> {
    pub(super) fn of(message: &'a core::Message) -> Message<'a> {
        let tool_calls = message.tool_calls().map(|call| ToolCall {
            id: call.id.as_str().into(),
            name: call.name.as_str().into(),
            arguments: call.arguments.as_str().into(),
        });
        Message {
            role: message.role.as_str().into(),
            text: message.text(),
            tool_calls: tool_calls.collect(),
            tool_result: message.tool_results().next().map(|result| ToolResult {
                tool_call_id: result.tool_call_id.as_str().into(),
                content: result.content.as_str().into(),
            }),
        }
    }

    /// The bytes of its texts.
    pub(super) fn length(&self) -> usize {
        const OF_NAMES: usize = 64;
        let calls = self.tool_calls.iter();
        let calls =
            calls.map(|call| call.id.len() + call.name.len() + call.arguments.len() + OF_NAMES);
        let result = self.tool_result.as_ref();
        OF_NAMES
            + self.text.as_ref().map_or(0, |text| text.len())
            + calls.sum::<usize>()
            + result.map_or(0, |it| it.tool_call_id.len() + it.content.len() + OF_NAMES)
    }
}
