//! The response as structs.

use std::borrow::Cow;

use serde::Deserialize;

/// A chat completion.
#[derive(Debug, Deserialize)]
pub struct Completion<'a> {
    /// The response's id.
    pub id: Option<Cow<'a, str>>,
    /// The model that answered.
    pub model: Option<Cow<'a, str>>,
    /// The answers; one was asked for.
    #[serde(borrow)]
    pub choices: Vec<Choice<'a>>,
    /// Tokens used.
    pub usage: Option<Usage>,
}

/// An answer.
#[derive(Debug, Deserialize)]
pub struct Choice<'a> {
    /// What the model said.
    #[serde(borrow)]
    pub message: Message<'a>,
    /// Why it stopped.
    pub finish_reason: Option<Cow<'a, str>>,
}

/// What the model said.
#[derive(Debug, Deserialize)]
pub struct Message<'a> {
    /// Its text.
    pub content: Option<Cow<'a, str>>,
    /// Its refusal to answer.
    pub refusal: Option<Cow<'a, str>>,
    /// Its calls of tools.
    #[serde(borrow, default)]
    pub tool_calls: Vec<ToolCall<'a>>,
}

/// A call of a tool.
#[derive(Debug, Deserialize)]
pub struct ToolCall<'a> {
    /// The call's id.
    pub id: Cow<'a, str>,
    /// What is called.
    #[serde(borrow)]
    pub function: Function<'a>,
}

/// What is called.
#[derive(Debug, Deserialize)]
pub struct Function<'a> {
    /// The tool's name.
    pub name: Cow<'a, str>,
    /// JSON text.
    pub arguments: Cow<'a, str>,
}

/// Tokens used.
#[derive(Debug, Deserialize)]
pub struct Usage {
    /// Of the prompt.
    pub prompt_tokens: u64,
    /// Of the answer.
    pub completion_tokens: u64,
    /// Of the prompt, in parts.
    pub prompt_tokens_details: Option<PromptTokensDetails>,
}

/// Tokens of the prompt.
#[derive(Debug, Deserialize)]
pub struct PromptTokensDetails {
    /// Those read from the provider's cache.
    pub cached_tokens: Option<u64>,
}
