//! From a response to a checked value: payload, parse, rules, LLM rules.

use std::borrow::Cow;

use serde_json::Value;

use crate::attempt::ValidatorCall;
use crate::error::Error;
use crate::inspect;
use crate::llm_rule::{self, Judge};
use crate::model::ResponseModel;
use crate::parse;
use crate::request::{Mode, Request};
use crate::response::{FinishReason, Response};
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

/// A value that passed every check.
pub(crate) struct Accepted<T> {
    pub(crate) value: T,
    /// The JSON text it was made from, where that is not the payload as it came.
    pub(crate) corrected: Option<String>,
}

/// Why an answer was not accepted.
pub(crate) enum Rejected {
    /// The answer is wrong: worth asking again.
    Invalid(ValidationErrors),
    /// No answer can be had this way.
    Failed(Box<Error>),
}

impl From<ValidationError> for Rejected {
    fn from(error: ValidationError) -> Self {
        Rejected::Invalid(error.into())
    }
}

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
            output_tokens: response.usage.output_tokens,
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
/// the answer.
pub(crate) fn payload<'a>(
    request: &Request,
    response: &'a Response,
) -> Result<Cow<'a, str>, ValidationError> {
    let name = request.schema.name;
    let fault = |message: String| ValidationError::new(&Path::ROOT, ErrorCode::ToolCall, message);
    match (request.mode, response.tool_calls.as_slice(), &response.text) {
        (Mode::Tools, [call], _) if call.name == name => Ok(Cow::Borrowed(&call.arguments)),
        (Mode::Tools, [call], _) => Err(fault(format!(
            "there is no tool `{}`: call `{name}`",
            call.name
        ))),
        (Mode::Tools, [], Some(text)) => {
            match parse::value(text) {
                Ok(value @ Value::Object(_)) => Ok(Cow::Owned(value.to_string())),
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
        (Mode::JsonSchema, _, Some(text)) => Ok(Cow::Borrowed(text)),
        (Mode::JsonSchema, _, None) => Err(ValidationError::new(
            &Path::ROOT,
            ErrorCode::Json,
            "the answer is empty: answer with a JSON object",
        )),
    }
}

/// Parses and checks `text`. `judge` runs the LLM rules; what it was asked goes to `calls`.
pub(crate) async fn check<T: ResponseModel>(
    text: &str,
    judge: Option<&Judge<'_>>,
    calls: &mut Vec<ValidatorCall>,
) -> Result<Accepted<T>, Rejected> {
    let mut accepted = cheap::<T>(text)?;
    let Some(judge) = judge.filter(|_| T::SCHEMA.has_llm_rules) else {
        return Ok(accepted);
    };

    // The text was accepted, so it is JSON.
    let mut value = parse::value(accepted.corrected.as_deref().unwrap_or(text))?;
    let verdicts = llm_rule::judge_all(judge, inspect::llm_targets(T::SCHEMA.root, &value)).await;
    let mut errors = ValidationErrors::new();
    let mut is_replaced = false;
    let mut failed = None;
    for verdict in verdicts {
        if let Some((pointer, replacement)) = verdict.replacement
            && let Some(place) = value.pointer_mut(&pointer)
        {
            *place = replacement;
            is_replaced = true;
        }
        if let Some(error) = verdict.error {
            errors.push(error);
        }
        if let Some(error) = verdict.failed {
            failed.get_or_insert(Error::Validator {
                path: verdict.call.path.clone(),
                error,
                attempts: Vec::new(),
            });
        }
        calls.push(verdict.call);
    }
    if let Some(error) = failed {
        return Err(Rejected::Failed(Box::new(error)));
    }
    if is_replaced {
        // A replacement must keep every cheap rule too.
        let replaced = value.to_string();
        match cheap::<T>(&replaced) {
            Ok(Accepted { value, .. }) => {
                accepted = Accepted {
                    value,
                    corrected: Some(replaced),
                };
            }
            Err(Rejected::Invalid(broken)) => {
                broken.iter().for_each(|error| errors.push(error.clone()));
            }
            Err(failed @ Rejected::Failed(_)) => return Err(failed),
        }
    }
    if errors.is_empty() {
        Ok(accepted)
    } else {
        Err(Rejected::Invalid(errors))
    }
}

/// Everything that needs no model. A valid answer is parsed once, straight into `T`.
fn cheap<T: ResponseModel>(text: &str) -> Result<Accepted<T>, Rejected> {
    if let Ok(value) = serde_json::from_str::<T>(text) {
        rules(&value, || parse::value(text))?;
        return Ok(Accepted {
            value,
            corrected: None,
        });
    }
    let json = parse::value(text)?;
    match T::deserialize(&json) {
        Ok(value) => {
            rules(&value, || Ok(json.clone()))?;
            Ok(Accepted {
                value,
                corrected: Some(json.to_string()),
            })
        }
        Err(_) => Err(Rejected::Invalid(faults::<T>(&json))),
    }
}

/// Runs the rules of a parsed value. The input of each fault is looked up only if there is one.
fn rules<T: ResponseModel>(
    value: &T,
    json: impl FnOnce() -> Result<Value, ValidationError>,
) -> Result<(), Rejected> {
    let mut errors = ValidationErrors::new();
    value.validate(&Path::ROOT, &mut errors);
    if errors.is_empty() {
        return Ok(());
    }
    let seen = inspect::errors(T::SCHEMA.root, &json()?);
    for error in errors.iter_mut().filter(|error| error.input.is_none()) {
        error.input = seen
            .iter()
            .find(|other| other.path == error.path)
            .and_then(|other| other.input.clone());
    }
    Err(Rejected::Invalid(errors))
}

/// Why `json` is not a `T`: everything the schema graph can see, or else what serde says.
fn faults<T: ResponseModel>(json: &Value) -> ValidationErrors {
    let seen = inspect::errors(T::SCHEMA.root, json);
    if !seen.is_empty() {
        return seen;
    }
    match serde_path_to_error::deserialize::<_, T>(json) {
        Ok(_) => ValidationErrors::new(),
        Err(error) => {
            let mut fault = ValidationError::new(
                &Path::ROOT,
                ErrorCode::Deserialize,
                error.inner().to_string(),
            );
            fault.path = match error.path().to_string() {
                path if path == "." => "$".to_owned(),
                path => path,
            };
            fault.into()
        }
    }
}
