//! The response as structs. Names and ids are borrowed from the body, since no provider escapes anything in them.

use std::borrow::Cow;

use serde::Deserialize;

/// A chat completion.
#[derive(Debug, Deserialize)]
pub struct Completion<'a> {
    /// The response's id.
    pub id: Option<&'a str>,
    /// The model that answered.
    pub model: Option<&'a str>,
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
    pub finish_reason: Option<&'a str>,
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
    pub id: &'a str,
    /// What is called.
    #[serde(borrow)]
    pub function: Function<'a>,
}

/// What is called.
#[derive(Debug, Deserialize)]
pub struct Function<'a> {
    /// The tool's name.
    pub name: &'a str,
    /// JSON text. It is full of escaped quotes, so it cannot be borrowed.
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
