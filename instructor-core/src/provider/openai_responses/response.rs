//! Reads whole responses, and writes them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::openai::error;
use super::request;
use crate::error::CodecError;
use crate::json::{self, Object, Word, array};
use crate::message::ToolCall;
use crate::response::{FinishReason, Response, Usage};

pub(super) fn read(body: &[u8]) -> Result<Response, CodecError> {
    let body: Body<'_> = serde_json::from_slice(body)?;
    if let Some(error) = body.failure() {
        return Err(CodecError::new(format!("the response failed: {error}")));
    }
    let mut response = Response::default();
    body.read_output(&mut response)?;
    body.read_head(&mut response);
    Ok(response)
}

/// The `response` object. In a stream it comes with its first and its last event.
#[derive(Deserialize)]
pub(super) struct Body<'a> {
    id: Option<String>,
    model: Option<String>,
    #[serde(borrow)]
    status: Option<Word<'a>>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    incomplete_details: Option<IncompleteDetails<'a>>,
    #[serde(borrow)]
    output: Option<Vec<Item<'a>>>,
    usage: Option<ResponseUsage>,
}

impl Body<'_> {
    /// What is wrong, if it says that it has failed.
    fn failure(&self) -> Option<String> {
        let has_failed = self.status() == Some("failed");
        has_failed.then(|| match self.error {
            Some(error) => error::streamed(error.get()).message,
            None => "no reason given".to_owned(),
        })
    }

    /// The error of a response that has failed, as JSON.
    pub(super) fn error(&self) -> Option<&str> {
        self.error.map(RawValue::get)
    }

    fn status(&self) -> Option<&str> {
        self.status.as_ref().map(Word::as_str)
    }

    /// Everything but what the model said. That must be there before: what was called is why it stopped.
    pub(super) fn read_head(self, response: &mut Response) {
        let has_calls = !response.tool_calls.is_empty();
        let details = self.incomplete_details.as_ref();
        let reason = details.and_then(|details| details.reason.as_ref());
        response.finish_reason = match self.status() {
            None => None,
            Some("completed") if has_calls => Some(FinishReason::ToolCalls),
            Some("completed") => Some(FinishReason::Stop),
            Some(status) => Some(match reason.map_or(status, Word::as_str) {
                "max_output_tokens" => FinishReason::Length,
                "content_filter" => FinishReason::ContentFilter,
                other => FinishReason::Other(other.to_owned()),
            }),
        };
        response.id = self.id.or(response.id.take());
        response.model = self.model.or(response.model.take());
        response.usage = self.usage.map(Usage::from).or(response.usage);
    }

    /// What the model said.
    pub(super) fn read_output(&self, response: &mut Response) -> Result<(), CodecError> {
        for item in self.output.iter().flatten() {
            match item.kind.as_str() {
                "message" => {
                    for part in parts(item.content)? {
                        part.read(response);
                    }
                }
                "reasoning" => {
                    for part in parts(item.summary)?.into_iter().chain(parts(item.content)?) {
                        response.begin_thought(&part.text.unwrap_or_default());
                    }
                }
                "function_call" => response.tool_calls.push(item.tool_call()),
                // What the provider's own tools did.
                _ => {}
            }
        }
        Ok(())
    }
}

/// Items of other kinds need not have parts of this form.
fn parts(json: Option<&RawValue>) -> serde_json::Result<Vec<Part<'_>>> {
    let parts: Option<Vec<Part<'_>>> = serde_json::from_str(json.map_or("null", RawValue::get))?;
    Ok(parts.unwrap_or_default())
}

#[derive(Deserialize)]
struct IncompleteDetails<'a> {
    #[serde(borrow)]
    reason: Option<Word<'a>>,
}

/// An item of the output; in a stream, as it begins or as it is at the end.
#[derive(Deserialize)]
pub(super) struct Item<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Word<'a>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    summary: Option<&'a RawValue>,
    #[serde(borrow)]
    call_id: Option<Word<'a>>,
    #[serde(borrow)]
    name: Option<Word<'a>>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

impl Item<'_> {
    pub(super) fn tool_call(&self) -> ToolCall {
        let text = |word: &Option<Word<'_>>| word.as_ref().map_or("", Word::as_str).to_owned();
        ToolCall {
            id: text(&self.call_id),
            name: text(&self.name),
            arguments: self.arguments.map(json::text).unwrap_or_default(),
        }
    }
}

/// A part of a message or of a thought.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(rename = "type", borrow)]
    kind: Word<'a>,
    text: Option<String>,
    refusal: Option<String>,
}

impl Part<'_> {
    fn read(self, response: &mut Response) {
        let (said, into) = match self.kind.as_str() {
            "output_text" => (self.text, &mut response.text),
            "refusal" => (
                self.refusal.filter(|text| !text.is_empty()),
                &mut response.refusal,
            ),
            _ => return,
        };
        if let Some(said) = said {
            into.get_or_insert_default().push_str(&said);
        }
    }
}

#[derive(Deserialize)]
struct ResponseUsage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    input_tokens_details: Option<InputTokensDetails>,
    output_tokens_details: Option<OutputTokensDetails>,
}

#[derive(Default, Deserialize)]
struct InputTokensDetails {
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
}

#[derive(Default, Deserialize)]
struct OutputTokensDetails {
    reasoning_tokens: Option<u64>,
}

impl From<ResponseUsage> for Usage {
    fn from(usage: ResponseUsage) -> Usage {
        let details = usage.input_tokens_details.unwrap_or_default();
        let written = usage.output_tokens_details.unwrap_or_default();
        Usage {
            cache_read_input_tokens: details.cached_tokens,
            cache_creation_input_tokens: details.cache_write_tokens,
            reasoning_output_tokens: written.reasoning_tokens,
            ..Usage::new(
                usage.input_tokens.unwrap_or_default(),
                usage.output_tokens.unwrap_or_default(),
            )
        }
    }
}

/// The body that [`read`] reads as `response`. Times, and ids of items, are not kept by a response.
pub(super) fn write(response: &Response) -> serde_json::Result<Vec<u8>> {
    let mut buffer = Vec::with_capacity(1024);
    let mut body = Object::begin(&mut buffer);
    body.value("id", &response.id)?;
    body.value("object", "response")?;
    let incomplete = match &response.finish_reason {
        None | Some(FinishReason::Stop | FinishReason::ToolCalls | FinishReason::Refusal) => None,
        Some(FinishReason::Length) => Some("max_output_tokens"),
        Some(other) => Some(other.as_str()),
    };
    if response.finish_reason.is_some() {
        let status = incomplete.map_or("completed", |_| "incomplete");
        body.value("status", status)?;
    }
    if let Some(reason) = incomplete {
        let mut details = body.object("incomplete_details");
        details.value("reason", reason)?;
        details.end();
    }
    body.value("model", &response.model)?;
    let thought = response.reasoning.as_deref().map(Said::Thought);
    let is_message = response.text.is_some() || response.refusal.is_some();
    let message = is_message.then_some(Said::Message(response));
    let calls = response.tool_calls.iter().map(Said::Call);
    let items = thought.into_iter().chain(message).chain(calls);
    array(body.key("output"), items, write_item)?;
    if let Some(usage) = &response.usage {
        let mut object = body.object("usage");
        object.value("input_tokens", usage.input_tokens)?;
        let mut details = object.object("input_tokens_details");
        details.optional("cached_tokens", usage.cache_read_input_tokens)?;
        details.optional("cache_write_tokens", usage.cache_creation_input_tokens)?;
        details.end();
        object.value("output_tokens", usage.output_tokens)?;
        let mut details = object.object("output_tokens_details");
        details.optional("reasoning_tokens", usage.reasoning_output_tokens)?;
        details.end();
        object.value("total_tokens", usage.total_tokens())?;
        object.end();
    }
    body.end();
    Ok(buffer)
}

/// What an item of the output says.
#[derive(Clone, Copy)]
enum Said<'a> {
    Thought(&'a str),
    Message(&'a Response),
    Call(&'a ToolCall),
}

fn write_item(buffer: &mut Vec<u8>, said: Said<'_>) -> serde_json::Result<()> {
    let (kind, content) = match said {
        Said::Call(call) => return request::write_call(buffer, call),
        Said::Thought(thought) => ("reasoning", [Some(("summary_text", "text", thought)), None]),
        Said::Message(response) => {
            let text = response.text.as_deref();
            let refusal = response.refusal.as_deref();
            let text = text.map(|text| ("output_text", "text", text));
            (
                "message",
                [text, refusal.map(|text| ("refusal", "refusal", text))],
            )
        }
    };
    let mut item = Object::begin(buffer);
    item.value("type", kind)?;
    item.value("id", "")?;
    let is_message = kind == "message";
    if is_message {
        item.value("role", "assistant")?;
        item.value("status", "completed")?;
    }
    let key = if is_message { "content" } else { "summary" };
    let parts = content.into_iter().flatten();
    array(item.key(key), parts, |buffer, (kind, key, text)| {
        let mut part = Object::begin(buffer);
        part.value("type", kind)?;
        part.value(key, text)?;
        if kind == "output_text" {
            part.value("annotations", [(); 0])?;
        }
        part.end();
        Ok(())
    })?;
    item.end();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_that_failed_is_none() {
        let body = r#"{"id": "resp_1", "status": "failed", "output": [],
            "error": {"code": "server_error", "message": "The model had an error"}}"#;
        let error = read(body.as_bytes()).expect_err("it failed");
        assert_eq!(error.message, "the response failed: The model had an error");
    }

    #[test]
    fn reasons_of_later_versions_are_kept() {
        for (body, reason) in [
            (
                r#"{"status": "incomplete", "incomplete_details": {"reason": "tired"}}"#,
                "tired",
            ),
            (
                r#"{"status": "cancelled", "incomplete_details": null}"#,
                "cancelled",
            ),
        ] {
            let response = read(body.as_bytes()).expect("a response");
            assert_eq!(
                response.finish_reason,
                Some(FinishReason::Other(reason.to_owned()))
            );
        }
    }

    #[test]
    fn items_of_later_versions_are_passed_over() {
        let body = r#"{"output": [
            {"type": "hologram", "content": 1, "summary": {}, "arguments": []},
            {"type": "message", "content": [{"type": "smell"}, {"type": "output_text", "text": "a"}]},
            {"type": "message", "content": [{"type": "output_text", "text": "b"}, {"type": "refusal", "refusal": ""}]}]}"#;
        let response = read(body.as_bytes()).expect("a response");
        assert_eq!(response.text.as_deref(), Some("ab"));
        assert_eq!(response.refusal, None);
    }
}
