//! From a response to a checked value: payload, parse, rules, LLM rules.

use futures_util::StreamExt;
use serde::Deserializer;
use serde_json::Value;

use crate::answer;
use crate::attempt::ValidatorCall;
use crate::error::Error;
use crate::inspect;
use crate::leniency::{self, Correction, Leniency};
use crate::llm_rule::{self, Finding, Judge, Outcome};
use crate::model::ResponseModel;
use crate::outcome::{Accepted, Rejected};
use crate::parse;
use crate::request::{Mode, Request};
use crate::response::{FinishReason, Response};
use crate::schema::Schema;
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

/// A response that is an end of the call, whatever its text says.
pub(crate) fn outcome(response: &Response) -> Result<(), Error> {
    let attempts = Vec::new();
    if let Some(reason) = &response.refusal {
        return Err(Error::Refused {
            reason: reason.clone(),
            attempts,
        });
    }
    match response.finish_reason {
        Some(FinishReason::Length) => Err(Error::Incomplete {
            output_tokens: response.usage.unwrap_or_default().output_tokens,
            attempts,
        }),
        Some(FinishReason::ContentFilter) => Err(Error::Refused {
            reason: "the provider's content filter stopped it".to_owned(),
            attempts,
        }),
        _ => Ok(()),
    }
}

/// The text of the answer. A model that answers in plain text instead of calling the tool is taken at its word if that text holds
/// the answer, unless the call is strict.
pub(crate) fn payload<'a>(
    request: &Request,
    response: &'a Response,
    leniency: Leniency,
) -> Result<&'a str, ValidationError> {
    let name = request.schema.name;
    let fault = |message: String| ValidationError::new(&Path::ROOT, ErrorCode::ToolCall, message);
    let said = response
        .text
        .as_deref()
        .filter(|text| !text.trim().is_empty());
    match (request.mode, response.tool_calls.as_slice(), said) {
        (Mode::Tools, [call], _) if call.name == name => Ok(&call.arguments),
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

/// Parses and checks `text`. What had to be put right goes to `corrections`. `judge` runs the LLM rules; what it was asked goes
/// to `calls`.
pub(crate) async fn check<T: ResponseModel>(
    text: &str,
    leniency: Leniency,
    corrections: &mut Vec<Correction>,
    judge: Option<&Judge<'_>>,
    calls: &mut Vec<ValidatorCall>,
) -> Result<Accepted<T>, Rejected> {
    let Some(judge) = judge.filter(|_| T::SCHEMA.has_llm_rules()) else {
        return cheap::<T>(text, leniency, corrections);
    };
    // The value is read again once it is judged, so that none is held while waiting: it need not be `Send`.
    let corrected = cheap::<T>(text, leniency, corrections)?.corrected;
    let text = corrected.as_deref().unwrap_or(text);

    // A number that `T` does not read may still be none that a `Value` holds; then the answer is asked for again.
    let mut value = parse::value(text)?;
    let replaced = judged(T::SCHEMA, &mut value, judge, calls).await?;
    if replaced.is_empty() {
        let Accepted { value, .. } = cheap::<T>(text, Leniency::Strict, &mut Vec::new())?;
        return Ok(Accepted { value, corrected });
    }
    // A replacement must keep the cheap rules too. If not, the model is told what is wrong with its own answer.
    let replacement = value.to_string();
    match cheap::<T>(&replacement, Leniency::Strict, &mut Vec::new()) {
        Ok(Accepted { value, .. }) => Ok(Accepted {
            value,
            corrected: Some(replacement),
        }),
        Err(_) => {
            calls.iter_mut().for_each(|call| call.replaced_by = None);
            Err(Rejected::Invalid(replaced))
        }
    }
}

/// Runs the LLM rules and puts the suggested replacements into `value`; gives the faults that they mend.
async fn judged(
    schema: &Schema,
    value: &mut Value,
    judge: &Judge<'_>,
    calls: &mut Vec<ValidatorCall>,
) -> Result<ValidationErrors, Rejected> {
    let mut broken = ValidationErrors::new();
    let mut mended = ValidationErrors::new();
    let mut places: Vec<String> = Vec::new();
    let mut failed = None;
    let mut outcomes = llm_rule::judge_all(judge, inspect::llm_targets(schema, value));
    while let Some(Outcome { mut call, finding }) = outcomes.next().await {
        match finding {
            Finding::Holds => {}
            Finding::Broken(error) => broken.push(error),
            // What was judged is no longer there: another rule's replacement stands in its place.
            Finding::Replaceable { error, pointer, .. }
                if places.iter().any(|place| is_within(&pointer, place)) =>
            {
                broken.push(error);
            }
            Finding::Replaceable {
                error,
                pointer,
                replacement,
            } => {
                call.replaced_by = Some(replacement.to_string());
                mended.push(error);
                if let Some(place) = value.pointer_mut(&pointer) {
                    *place = replacement;
                }
                places.push(pointer);
            }
            Finding::Failed(error) => {
                failed.get_or_insert(Error::Validator {
                    path: call.path.clone(),
                    error,
                    attempts: Vec::new(),
                });
            }
        }
        calls.push(call);
    }
    match failed {
        Some(error) => Err(Rejected::Failed(Box::new(error))),
        None if broken.is_empty() => Ok(mended),
        None => Err(Rejected::Invalid(broken)),
    }
}

/// Whether the JSON pointer leads to `place` or into it.
fn is_within(pointer: &str, place: &str) -> bool {
    pointer
        .strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Everything that needs no model. A valid answer is parsed once, straight into `T`.
fn cheap<T: ResponseModel>(
    text: &str,
    leniency: Leniency,
    corrections: &mut Vec<Correction>,
) -> Result<Accepted<T>, Rejected> {
    if let Ok(value) = answer::from_text::<T>(text) {
        rules(&value, || parse::value(text))?;
        return Ok(Accepted {
            value,
            corrected: None,
        });
    }
    let mut found = parse::json(text, leniency)?;
    if leniency == Leniency::Strict {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        return Err(faults::<T, _>(&parse::value(text)?, &mut deserializer).into());
    }
    corrections.append(&mut found.corrections);
    if let Ok(value) = answer::from_text::<T>(&found.text) {
        rules(&value, || parse::value(&found.text))?;
        return Ok(Accepted {
            value,
            corrected: Some(found.text.into_owned()),
        });
    }
    let mut json = parse::value_noting_duplicates(&found.text, corrections)?;
    leniency::coerce(T::SCHEMA, &mut json, corrections);
    match answer::read::<T, _>(&json) {
        Ok(value) => {
            rules(&value, || Ok(json.clone()))?;
            Ok(Accepted {
                value,
                corrected: Some(json.to_string()),
            })
        }
        Err(_) => Err(faults::<T, _>(&json, &json).into()),
    }
}

/// What a call makes of `text`, LLM rules apart, and what it had to put right.
pub(crate) fn read<T: ResponseModel>(
    text: &str,
    leniency: Leniency,
) -> Result<(T, Vec<Correction>), ValidationErrors> {
    let mut corrections = Vec::new();
    match cheap::<T>(text, leniency, &mut corrections) {
        Ok(Accepted { value, .. }) => Ok((value, corrections)),
        Err(Rejected::Invalid(errors)) => Err(errors),
        Err(Rejected::Failed(error)) => {
            Err(ValidationError::new(&Path::ROOT, ErrorCode::Deserialize, error.to_string()).into())
        }
    }
}

/// Runs the rules of a parsed value. The input of each fault is looked up only if there is one.
fn rules<T: ResponseModel>(
    value: &T,
    json: impl FnOnce() -> Result<Value, ValidationError>,
) -> Result<(), Rejected> {
    if T::SCHEMA.has_json_rules() {
        // The walk knows all rules, and those of converted fields it alone.
        let errors = inspect::errors(T::SCHEMA, &json()?);
        return if errors.is_empty() {
            Ok(())
        } else {
            Err(Rejected::Invalid(errors))
        };
    }
    let mut errors = ValidationErrors::new();
    match T::SCHEMA.wrapper {
        None => value.check_rules(&Path::ROOT, &mut errors),
        Some(key) => value.check_rules(&Path::ROOT.key(key), &mut errors),
    }
    if errors.is_empty() {
        return Ok(());
    }
    // Without a `Value` (see `check`) the faults are told without their inputs.
    let seen = json()
        .map(|json| inspect::errors(T::SCHEMA, &json))
        .unwrap_or_default();
    for error in errors.iter_mut().filter(|error| error.input.is_none()) {
        error.input = seen
            .iter()
            .find(|other| other.path == error.path)
            .and_then(|other| other.input.clone());
    }
    Err(Rejected::Invalid(errors))
}

/// Why `json` is not a `T`: everything the schema graph can see, or else what serde says, which reads it from `deserializer`.
fn faults<'de, T: ResponseModel, D: Deserializer<'de>>(
    json: &Value,
    deserializer: D,
) -> ValidationErrors {
    let seen = inspect::errors(T::SCHEMA, json);
    if !seen.is_empty() {
        return seen;
    }
    let mut track = serde_path_to_error::Track::new();
    let deserializer = serde_path_to_error::Deserializer::new(deserializer, &mut track);
    let reason = match answer::read::<T, _>(deserializer) {
        // A type that reads itself may change its mind.
        Ok(_) => "cannot be read".to_owned(),
        Err(error) => error.to_string(),
    };
    let path = match track.path().to_string() {
        path if path == "." => Path::ROOT.to_string(),
        path => path,
    };
    ValidationError::at(path, ErrorCode::Deserialize, reason).into()
}
