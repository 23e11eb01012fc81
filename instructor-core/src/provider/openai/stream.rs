//! Folds the chunks of a stream.
//!
//! Facts: OpenAI's `OpenAPI` document (`CreateChatCompletionStreamResponse`). What other servers do in another way stands where it is
//! borne.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error;
use super::response::{CompletionUsage, finish_reason, reasoning};
use crate::codec::{Folded, GrowingResponse, Place};
use crate::error::CodecError;
use crate::json::{self, Few, Word};

/// The data after which nothing follows. A finish reason is no end: usage comes later.
const DONE: &str = "[DONE]";

pub(super) fn fold(growing: &mut GrowingResponse, data: &str) -> Result<Folded, CodecError> {
    if growing.repeat(data) {
        return Ok(Folded::Part);
    }
    if data.trim() == DONE {
        return Ok(Folded::End);
    }
    let chunk: Chunk<'_> = serde_json::from_str(data)?;
    growing.note(data, repeatable(&chunk));
    if let Some(error) = chunk.error {
        return Ok(Folded::Error(Box::new(error::streamed(error.get()))));
    }
    let response = &mut growing.response;
    note(&mut response.id, chunk.id);
    note(&mut response.model, chunk.model);
    if let Some(usage) = chunk.usage {
        response.usage = Some(usage.into());
    }
    // There is none in the chunk with the usage, and in the first one of Azure.
    let mut choices = chunk.choices.into_iter().flatten();
    let Some(choice) = choices.find(|choice| choice.index == 0) else {
        return Ok(Folded::Part);
    };
    if let Some(name) = choice.finish_reason {
        response.finish_reason = Some(finish_reason(name.as_str()));
    }
    if let Some(delta) = choice.delta {
        fold_delta(growing, delta)?;
    }
    Ok(Folded::Part)
}

/// The text that a chunk adds, and where, if it does nothing else that the next one would do again.
fn repeatable<'a>(chunk: &Chunk<'a>) -> Option<(Place, &'a str)> {
    let choice = match &chunk.choices {
        Some(choices) if chunk.usage.is_none() && chunk.error.is_none() => choices.only()?,
        _ => return None,
    };
    let delta = choice.delta.as_ref()?;
    if choice.index != 0 || choice.finish_reason.is_some() {
        return None;
    }
    let is_silent =
        delta.refusal.is_none() && delta.reasoning_content.is_none() && delta.reasoning.is_none();
    match (&delta.tool_calls, delta.content) {
        (None, Some(content)) if is_silent => Some((Place::Text, content.get())),
        (Some(calls), None) if is_silent => {
            let call = calls.only()?;
            let arguments = call.function.as_ref()?.arguments?;
            Some((Place::Arguments(call.index?), arguments.get()))
        }
        _ => None,
    }
}

fn fold_delta(growing: &mut GrowingResponse, delta: Delta<'_>) -> Result<(), CodecError> {
    let response = &mut growing.response;
    append("content", &mut response.text, delta.content)?;
    append("refusal", &mut response.refusal, delta.refusal)?;
    let thought = reasoning(delta.reasoning_content, delta.reasoning);
    append("reasoning", &mut response.reasoning, thought)?;
    for call in delta.tool_calls.into_iter().flatten() {
        fold_call(growing, &call);
    }
    Ok(())
}

fn fold_call(growing: &mut GrowingResponse, delta: &Call<'_>) {
    // The calls of custom tools are not functions.
    let Some(function) = &delta.function else {
        return;
    };
    // Servers that send every call at once may leave the number out.
    let known = growing.response.tool_calls.len() as u64;
    let number = delta.index.unwrap_or(match delta.id {
        Some(_) => known,
        None => known.saturating_sub(1),
    });
    let call = growing.begin_tool_call(number);
    // Both come with the first delta. Some servers repeat them in later ones.
    note_text(&mut call.id, delta.id.as_ref());
    note_text(&mut call.name, function.name.as_ref());
    if let Some(arguments) = function.arguments {
        json::append(arguments, &mut call.arguments);
    }
}

/// Keeps the first text that says something: Azure's first chunk has empty ones.
fn note(known: &mut Option<String>, word: Option<Word<'_>>) {
    if known.is_none() {
        *known = word
            .map(|word| word.as_str().to_owned())
            .filter(|text| !text.is_empty());
    }
}

fn note_text(known: &mut String, word: Option<&Word<'_>>) {
    if let Some(word) = word
        && known.is_empty()
    {
        known.push_str(word.as_str());
    }
}

/// Puts a piece of text behind what is there. An empty piece does not begin a text.
fn append(
    what: &str,
    text: &mut Option<String>,
    piece: Option<&RawValue>,
) -> Result<(), CodecError> {
    match piece {
        None => Ok(()),
        Some(piece) if piece.get() == r#""""# => Ok(()),
        Some(piece) if piece.get().starts_with('"') => {
            json::append(piece, text.get_or_insert_default());
            Ok(())
        }
        Some(_) => Err(CodecError::new(format!("`{what}` is not a text"))),
    }
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    id: Option<Word<'a>>,
    #[serde(borrow)]
    model: Option<Word<'a>>,
    #[serde(borrow)]
    choices: Option<Few<Choice<'a>>>,
    usage: Option<CompletionUsage>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(default)]
    index: u64,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    finish_reason: Option<Word<'a>>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(borrow)]
    reasoning_content: Option<&'a RawValue>,
    #[serde(borrow)]
    reasoning: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_calls: Option<Few<Call<'a>>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    index: Option<u64>,
    #[serde(borrow)]
    id: Option<Word<'a>>,
    #[serde(borrow)]
    function: Option<Function<'a>>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: Option<Word<'a>>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::split_everywhere;
    use crate::message::ToolCall;
    use crate::response::{FinishReason, Response, Usage};

    fn folded(chunks: &[&str]) -> Response {
        let mut growing = GrowingResponse::new();
        for chunk in chunks {
            assert_eq!(fold(&mut growing, chunk), Ok(Folded::Part), "{chunk}");
        }
        growing.response
    }

    fn delta(delta: &str) -> String {
        format!(r#"{{"choices": [{{"index": 0, "delta": {delta}, "finish_reason": null}}]}}"#)
    }

    #[test]
    fn the_end_is_the_word_and_not_the_reason() {
        let mut growing = GrowingResponse::new();
        let finish = r#"{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}"#;
        assert_eq!(fold(&mut growing, finish), Ok(Folded::Part));
        let usage = r#"{"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}"#;
        assert_eq!(fold(&mut growing, usage), Ok(Folded::Part));
        assert_eq!(fold(&mut growing, "[DONE]"), Ok(Folded::End));
        assert_eq!(growing.response.finish_reason, Some(FinishReason::Stop));
        assert_eq!(growing.response.usage, Some(Usage::new(3, 2)));
    }

    #[test]
    fn the_first_chunk_of_azure_says_nothing() {
        let response = folded(&[
            r#"{"choices": [], "id": "", "model": "", "prompt_filter_results": []}"#,
            r#"{"choices": [{"index": 0, "delta": {"content": "a"}}], "id": "1", "model": "m"}"#,
        ]);
        assert_eq!(response.id.as_deref(), Some("1"));
        assert_eq!(response.model.as_deref(), Some("m"));
        assert_eq!(response.text.as_deref(), Some("a"));
    }

    #[test]
    fn only_the_first_choice_is_the_answer() {
        let response = folded(&[
            r#"{"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "length"}]}"#,
            r#"{"choices": [{"index": 1, "delta": {"content": "no"}}, {"index": 0, "delta": {"content": "yes"}}]}"#,
        ]);
        assert_eq!(response.text.as_deref(), Some("yes"));
        assert_eq!(response.finish_reason, None);
    }

    #[test]
    fn a_repeated_name_is_one_name() {
        let response = folded(&[
            &delta(
                r#"{"tool_calls": [{"index": 0, "id": "a", "function": {"name": "Person", "arguments": ""}}]}"#,
            ),
            &delta(
                r#"{"tool_calls": [{"index": 0, "id": "a", "function": {"name": "Person", "arguments": "{\"na"}}]}"#,
            ),
            &delta(r#"{"tool_calls": [{"index": 0, "function": {"arguments": "me\":1}"}}]}"#),
        ]);
        let expected = ToolCall::new("a", "Person", r#"{"name":1}"#);
        assert_eq!(response.tool_calls, [expected]);
    }

    #[test]
    fn calls_without_numbers_are_told_apart_by_their_ids() {
        let response = folded(&[
            &delta(
                r#"{"tool_calls": [{"id": "a", "function": {"name": "A", "arguments": "{}"}}, {"id": "b", "function": {"name": "B", "arguments": "{"}}]}"#,
            ),
            &delta(r#"{"tool_calls": [{"function": {"arguments": "}"}}]}"#),
        ]);
        let expected = [ToolCall::new("a", "A", "{}"), ToolCall::new("b", "B", "{}")];
        assert_eq!(response.tool_calls, expected);
    }

    #[test]
    fn an_object_as_arguments_and_a_custom_tool_are_borne() {
        let response = folded(&[
            &delta(
                r#"{"tool_calls": [{"index": 0, "id": "c", "type": "custom", "custom": {"name": "C", "input": ""}}]}"#,
            ),
            &delta(
                r#"{"tool_calls": [{"index": 1, "id": "a", "function": {"name": "A", "arguments": {"a": 1}}}]}"#,
            ),
        ]);
        assert_eq!(
            response.tool_calls,
            [ToolCall::new("a", "A", r#"{"a": 1}"#)]
        );
    }

    #[test]
    fn what_was_thought_is_no_part_of_the_answer() {
        let response = folded(&[
            &delta(r#"{"reasoning_content": "Let me ", "reasoning": "Let me "}"#),
            &delta(r#"{"reasoning": "see."}"#),
            &delta(r#"{"reasoning": {"of": "another kind"}, "content": "", "refusal": ""}"#),
        ]);
        assert_eq!(response.reasoning.as_deref(), Some("Let me see."));
        assert_eq!((response.text, response.refusal), (None, None));
    }

    #[test]
    fn chunks_that_are_alike_are_read_as_if_they_were_not() {
        let texts = ["{", "\\\"a\\\":", "", "\\u00e9\\n", "\\\\", "ü", "}"];
        let call = |text: &str| {
            delta(&format!(
                r#"{{"tool_calls": [{{"index": 0, "function": {{"arguments": "{text}"}}}}]}}"#
            ))
        };
        let content = |text: &str| delta(&format!(r#"{{"content": "{text}"}}"#));
        let mut chunks = vec![delta(
            r#"{"tool_calls": [{"index": 0, "id": "a", "function": {"name": "A", "arguments": ""}}]}"#,
        )];
        chunks.extend(texts.map(call));
        chunks.extend(texts.map(content));
        let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
        // A space before each second chunk makes every chunk differ from the one before.
        let spaced: Vec<String> = chunks
            .iter()
            .enumerate()
            .map(|(number, chunk)| " ".repeat(number % 2) + chunk)
            .collect();
        let spaced: Vec<&str> = spaced.iter().map(String::as_str).collect();
        let response = folded(&chunks);
        assert_eq!(response, folded(&spaced));
        let split = split_everywhere(None, &chunks, fold);
        assert!(split.len() > 1000 && split.iter().all(|one| *one == response));
        assert_eq!(response.text.as_deref(), Some("{\"a\":é\n\\ü}"));
        assert_eq!(response.tool_calls[0].arguments, "{\"a\":é\n\\ü}");
        let broken = content("a\\");
        let mut growing = GrowingResponse::new();
        fold(&mut growing, &content("a")).expect("a chunk");
        assert!(fold(&mut growing, &broken).is_err());
    }

    #[test]
    fn an_error_ends_the_response() {
        let mut growing = GrowingResponse::new();
        let error = r#"{"error": {"message": "The server had an error", "type": "server_error", "code": null}}"#;
        let Ok(Folded::Error(error)) = fold(&mut growing, error) else {
            panic!("it is an error")
        };
        assert_eq!(error.message, "The server had an error");
        assert!(error.is_retryable());
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        let mut growing = GrowingResponse::new();
        for data in ["", "{", "[]", r#"{"choices": 1}"#] {
            assert!(fold(&mut growing, data).is_err(), "{data}");
        }
        let list = delta(r#"{"content": ["a"]}"#);
        let error = fold(&mut growing, &list).expect_err("a list is no text");
        assert_eq!(error.message, "`content` is not a text");
    }
}
