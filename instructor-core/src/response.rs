//! What came back: one response, the same for every provider.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use crate::message::{Message, Part, Role, ToolCall};

/// A response of a language model, decoded from the bytes of a dialect.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Response {
    /// The provider's id of the response, if it gave one.
    pub id: Option<String>,
    /// The model that answered, which may be a dated version of the one asked for.
    pub model: Option<String>,
    /// The text of the answer.
    pub text: Option<String>,
    /// What the model thought before it answered, as far as the provider shows it. It is no part of the answer.
    pub reasoning: Option<String>,
    /// The provider's or the model's refusal to answer.
    pub refusal: Option<String>,
    /// The tool calls, in order.
    pub tool_calls: Vec<ToolCall>,
    /// Why the model stopped.
    pub finish_reason: Option<FinishReason>,
    /// Tokens used; `None` if the provider did not say, which is not the same as none.
    pub usage: Option<Usage>,
}

impl Response {
    /// Adds a thought, set apart from the ones before it.
    #[cfg(any(feature = "openai", feature = "anthropic"))]
    pub(crate) fn begin_thought(&mut self, thought: &str) {
        // Hidden thoughts are none.
        if thought.is_empty() && self.reasoning.is_none() {
            return;
        }
        let reasoning = self.reasoning.get_or_insert_default();
        if !reasoning.is_empty() {
            reasoning.push_str("\n\n");
        }
        reasoning.push_str(thought);
    }

    /// Bytes of text and arguments.
    pub(crate) fn answer_length(&self) -> u64 {
        let calls = self.tool_calls.iter().map(|call| call.arguments.len());
        let text = self.text.as_ref().map_or(0, String::len);
        (calls.sum::<usize>() + text) as u64
    }

    /// The response as the assistant's turn of the conversation.
    pub fn to_message(&self) -> Message {
        let text = self
            .text
            .iter()
            .filter(|text| !text.trim().is_empty())
            .cloned()
            .map(Part::Text);
        let calls = self.tool_calls.iter().cloned().map(Part::ToolCall);
        Message::new(Role::Assistant, text.chain(calls).collect())
    }
}

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinishReason {
    /// It was done.
    Stop,
    /// It called a tool.
    ToolCalls,
    /// It ran into the token limit: the answer is cut off.
    Length,
    /// The provider's content filter stopped it.
    ContentFilter,
    /// It refused (the Anthropic wire says so here, the OpenAI wire in [`Response::refusal`]).
    Refusal,
    /// A reason this version does not know, as the provider named it.
    Other(String),
}

impl FinishReason {
    /// The name the OpenAI wire uses, or the provider's own for [`FinishReason::Other`].
    pub fn as_str(&self) -> &str {
        match self {
            FinishReason::Stop => "stop",
            FinishReason::ToolCalls => "tool_calls",
            FinishReason::Length => "length",
            FinishReason::ContentFilter => "content_filter",
            FinishReason::Refusal => "refusal",
            FinishReason::Other(name) => name,
        }
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Tokens used by one or more requests. The unit is the provider's token.
///
/// ```
/// use instructor_core::Usage;
///
/// let total = Usage::new(150, 24) + Usage::new(230, 24);
/// assert_eq!(total.total_tokens(), 428);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// All tokens of the prompt, cached ones included.
    pub input_tokens: u64,
    /// Tokens the model wrote.
    pub output_tokens: u64,
    /// Prompt tokens read from the provider's cache; part of `input_tokens`. `None` if the provider does not say.
    pub cache_read_input_tokens: Option<u64>,
    /// Prompt tokens written to the provider's cache; part of `input_tokens`. `None` if the provider does not say.
    pub cache_creation_input_tokens: Option<u64>,
    /// Tokens that the model thought with; part of `output_tokens`. `None` if the provider does not say.
    pub reasoning_output_tokens: Option<u64>,
}

impl Usage {
    /// Usage without caching and thinking.
    pub const fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Usage {
            input_tokens,
            output_tokens,
            cache_read_input_tokens: None,
            cache_creation_input_tokens: None,
            reasoning_output_tokens: None,
        }
    }

    /// Input and output tokens together.
    pub const fn total_tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }
}

impl Add for Usage {
    type Output = Usage;

    fn add(self, other: Usage) -> Usage {
        Usage {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            cache_read_input_tokens: sum(
                self.cache_read_input_tokens,
                other.cache_read_input_tokens,
            ),
            cache_creation_input_tokens: sum(
                self.cache_creation_input_tokens,
                other.cache_creation_input_tokens,
            ),
            reasoning_output_tokens: sum(
                self.reasoning_output_tokens,
                other.reasoning_output_tokens,
            ),
        }
    }
}

/// What one of two does not say counts for nothing.
fn sum(one: Option<u64>, two: Option<u64>) -> Option<u64> {
    match (one, two) {
        (Some(one), Some(two)) => Some(one.saturating_add(two)),
        (one, two) => one.or(two),
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Usage) {
        *self = *self + other;
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Usage>>(usages: I) -> Usage {
        usages.fold(Usage::default(), Add::add)
    }
}
