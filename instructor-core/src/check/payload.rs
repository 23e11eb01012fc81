//! Where the text of an answer stands in a response.

use std::borrow::Cow;

use super::Conditions;
use crate::context::Context;
use crate::leniency::{Correction, Leniency};
use crate::parse;
use crate::request::{Mode, Request};
use crate::response::Response;
use crate::tool_calls;
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

/// The text of the answer. A model that answers in plain text instead of calling the tool is taken at its word if that text holds
/// the answer, unless the call is strict.
pub(crate) fn payload<'a>(
    request: &Request,
    response: &'a Response,
    context: &Context,
    leniency: Leniency,
    corrections: &mut Vec<Correction>,
) -> Result<Cow<'a, str>, ValidationErrors> {
    match (request.mode, request.schema.tools(), &request.patch) {
        (Mode::Tools, Some(tools), None) => {
            let conditions = Conditions { context, leniency };
            tool_calls::payload(request.schema, tools, response, conditions, corrections)
                .map(Cow::Owned)
        }
        _ => Ok(Cow::Borrowed(whole(request, response, leniency)?)),
    }
}

/// The text of an answer that is one call of the one tool, or a text.
fn whole<'a>(
    request: &Request,
    response: &'a Response,
    leniency: Leniency,
) -> Result<&'a str, ValidationError> {
    let name = request.answer().name();
    let fault = |message: String| ValidationError::new(&Path::ROOT, ErrorCode::ToolCall, message);
    let said = response
        .text
        .as_deref()
        .filter(|text| !text.trim().is_empty());
    match (request.mode, response.tool_calls.as_slice(), said) {
        // Asked for corrections, a model may still give the whole answer.
        (Mode::Tools, [call], _) if call.name == name || call.name == request.schema.name => {
            Ok(&call.arguments)
        }
        (Mode::Tools, [call], _) => Err(fault(format!(
            "there is no tool `{}`: call `{name}`",
            call.name
        ))),
        (Mode::Tools, [], Some(text)) => {
            match parse::json(text, leniency) {
                Ok(json) if json.text.starts_with('{') && leniency != Leniency::Strict => Ok(text),
                _ => Err(fault(format!("the answer is text: call the tool `{name}`"))
                    .with_raw_input(text)),
            }
        }
        (Mode::Tools, [], None) => Err(fault(format!(
            "the answer is empty: call the tool `{name}`"
        ))),
        (Mode::Tools, calls, _) => Err(fault(format!(
            "`{name}` was called {} times: call it once, with everything",
            calls.len()
        ))),
        (Mode::JsonSchema, _, Some(text)) => Ok(text),
        (Mode::JsonSchema, _, None) => Err(ValidationError::new(
            &Path::ROOT,
            ErrorCode::Json,
            "the answer is empty: answer with a JSON object",
        )),
    }
}
