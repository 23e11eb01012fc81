//! What an exchange costs, in tokens of `o200k_base`, the tokenizer of GPT-4o and later.
//!
//! What a model is given is counted, not the JSON around it: the texts of the messages, calls with their arguments, the tools (name,
//! description, compact schema) or the schema asked for, and three tokens for every message, as OpenAI's cookbook counts. Of an
//! answer its arguments or its text.

use serde_json::Value;
use tiktoken_rs::CoreBPE;

/// For the frame of a message, and for the start of the answer.
const FRAME: usize = 3;

/// The tokenizer.
pub(crate) struct Tokens(CoreBPE);

impl Tokens {
    pub(crate) fn new() -> Result<Tokens, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Tokens(tiktoken_rs::o200k_base()?))
    }

    pub(crate) fn of(&self, text: &str) -> usize {
        self.0.encode_ordinary(text).len()
    }

    /// The tokens of a chat completion's request.
    pub(crate) fn of_request(&self, body: &Value) -> usize {
        let messages = body["messages"].as_array().into_iter().flatten();
        let messages: usize = messages
            .map(|message| {
                let calls = message["tool_calls"].as_array().into_iter().flatten();
                let calls: usize = calls.map(|call| self.of_call(&call["function"])).sum();
                FRAME + self.of_content(&message["content"]) + calls
            })
            .sum();
        let tools = body["tools"].as_array().into_iter().flatten();
        let tools: usize = tools
            .map(|tool| self.of_schema(&tool["function"], "parameters"))
            .sum();
        let format = self.of_schema(&body["response_format"]["json_schema"], "schema");
        FRAME + messages + tools + format
    }

    fn of_content(&self, content: &Value) -> usize {
        match content {
            Value::String(text) => self.of(text),
            Value::Array(parts) => parts
                .iter()
                .map(|part| self.of_content(&part["text"]))
                .sum(),
            _ => 0,
        }
    }

    fn of_call(&self, function: &Value) -> usize {
        self.of_content(&function["name"]) + self.of_content(&function["arguments"])
    }

    fn of_schema(&self, described: &Value, key: &str) -> usize {
        let schema = &described[key];
        let schema = if schema.is_null() {
            0
        } else {
            self.of(&schema.to_string())
        };
        self.of_content(&described["name"]) + self.of_content(&described["description"]) + schema
    }
}
