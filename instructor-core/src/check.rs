//! From a response to a checked value: payload, parse, rules, LLM rules.

mod functions;
mod judgement;
mod payload;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::answer;
use crate::attempt::ValidatorCall;
use crate::context::Context;
use crate::error::Error;
use crate::inspect;
use crate::leniency::{self, Correction, CorrectionKind, Leniency};
use crate::llm_rule::Panel;
use crate::model::ResponseModel;
use crate::outcome::{Accepted, Rejected};
use crate::parse;
use crate::response::{FinishReason, Response};
use crate::rule::Checks;
use crate::schema::Schema;
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};
use functions::{asynchronous, shaped};
use judgement::judged;

pub(crate) use payload::payload;

/// What decides, besides its text, what is made of an answer.
#[derive(Clone, Copy)]
pub(crate) struct Conditions<'a> {
    /// What rules may look at.
    pub(crate) context: &'a Context,
    /// How far the answer may be from what was asked for.
    pub(crate) leniency: Leniency,
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

/// Parses and checks `text`. What had to be put right goes to `corrections`. The `panel` judges by the LLM rules; what it was asked
/// goes to `calls`. The rules that cost nothing come first, then the user's asynchronous functions, then the judges.
pub(crate) async fn check<T: ResponseModel>(
    text: &str,
    conditions: Conditions<'_>,
    corrections: &mut Vec<Correction>,
    panel: Option<&Panel>,
    calls: &mut Vec<ValidatorCall>,
) -> Result<Accepted<T>, Rejected> {
    if panel.is_none() && !T::SCHEMA.has_async_rules() {
        return shaped::<T>(text, conditions, corrections);
    }
    // The value is read again once it is judged, so that none is held while waiting: it need not be `Send`.
    let corrected = shaped::<T>(text, conditions, corrections)?.corrected;
    let strict = Conditions {
        leniency: Leniency::Strict,
        ..conditions
    };
    let text = corrected.as_deref().unwrap_or(text);

    // A number that `T` does not read may still be none that a `Value` holds; then the answer is asked for again.
    let mut value = parse::value(text)?;
    asynchronous(T::SCHEMA, &value, conditions.context).await?;
    let replaced = match panel {
        Some(panel) => judged(T::SCHEMA, &mut value, panel, calls).await?,
        None => ValidationErrors::new(),
    };
    if replaced.is_empty() {
        let Accepted { value, .. } = cheap::<T>(text, strict, &mut Vec::new())?;
        return Ok(Accepted { value, corrected });
    }
    // A replacement must keep the other rules too. If not, the model is told what is wrong with its own answer.
    let replacement = parse::written(text, &value);
    let read = || cheap::<T>(&replacement, strict, &mut Vec::new());
    let is_right = read().is_ok();
    if is_right
        && asynchronous(T::SCHEMA, &value, conditions.context)
            .await
            .is_ok()
        && let Ok(Accepted { value, .. }) = read()
    {
        return Ok(Accepted {
            value,
            corrected: Some(replacement),
        });
    }
    calls.iter_mut().for_each(|call| call.replaced_by = None);
    Err(Rejected::Invalid(replaced))
}

/// Everything that needs no model. A valid answer is parsed once, straight into `T`.
///
/// Of a field that is given twice the last one counts, as it does to most JSON parsers, though serde refuses it. But the key around
/// an answer is given twice only by a model that gives two answers, and neither is worth more than the other.
fn cheap<T: ResponseModel>(
    text: &str,
    conditions: Conditions<'_>,
    corrections: &mut Vec<Correction>,
) -> Result<Accepted<T>, Rejected> {
    let Conditions { context, leniency } = conditions;
    if let Ok(value) = answer::from_text::<T>(text) {
        rules(&value, context, || parse::value(text))?;
        return Ok(Accepted {
            value,
            corrected: None,
        });
    }
    let mut found = parse::json(text, leniency)?;
    if leniency == Leniency::Strict {
        return Err(faults::<T>(&parse::value(text)?, text, context).into());
    }
    corrections.append(&mut found.corrections);
    if let Ok(value) = answer::from_text::<T>(&found.text) {
        rules(&value, context, || parse::value(&found.text))?;
        return Ok(Accepted {
            value,
            corrected: Some(found.text.into_owned()),
        });
    }
    if let Some(key) = T::SCHEMA.wrapper
        && found.text.starts_with('[')
    {
        // A list that stands for the object with that list in it.
        let kind = CorrectionKind::BareList;
        corrections.push(Correction::of_text(kind));
        found.text = format!("{{\"{key}\":{}}}", found.text).into();
        if let Ok(value) = answer::from_text::<T>(&found.text) {
            rules(&value, context, || parse::value(&found.text))?;
            return Ok(Accepted {
                value,
                corrected: Some(found.text.into_owned()),
            });
        }
    }
    if answer::check_wrapper::<T>(&found.text).is_err() {
        return Err(faults::<T>(&parse::value(&found.text)?, &found.text, context).into());
    }
    let mut json = parse::value_noting_duplicates(&found.text, corrections)?;
    leniency::coerce(T::SCHEMA, &mut json, corrections);
    let text = parse::written(&found.text, &json);
    match answer::from_text::<T>(&text) {
        Ok(value) => {
            rules(&value, context, || Ok(json))?;
            Ok(Accepted {
                value,
                corrected: Some(text),
            })
        }
        Err(_) => Err(faults::<T>(&json, &text, context).into()),
    }
}

/// What a call makes of `text`, LLM rules apart, and what it had to put right.
pub(crate) fn read<T: ResponseModel>(
    text: &str,
    leniency: Leniency,
) -> Result<(T, Vec<Correction>), ValidationErrors> {
    let mut corrections = Vec::new();
    let value = read_with(text, &Context::new(), leniency, &mut corrections)?;
    Ok((value, corrections))
}

/// The same, for rules that look at `context`.
pub(crate) fn read_with<T: ResponseModel>(
    text: &str,
    context: &Context,
    leniency: Leniency,
    corrections: &mut Vec<Correction>,
) -> Result<T, ValidationErrors> {
    match shaped::<T>(text, Conditions { context, leniency }, corrections) {
        Ok(Accepted { value, .. }) => Ok(value),
        Err(Rejected::Invalid(errors)) => Err(errors),
        Err(Rejected::Failed(error)) => {
            Err(ValidationError::new(&Path::ROOT, ErrorCode::Deserialize, error.to_string()).into())
        }
    }
}

/// Runs the rules of a parsed value, and those that only its JSON can tell. The input of each fault is looked up only if there is
/// one.
fn rules<T: ResponseModel>(
    value: &T,
    context: &Context,
    json: impl FnOnce() -> Result<Value, ValidationError>,
) -> Result<(), Rejected> {
    let mut checks = Checks::new(context);
    match T::SCHEMA.wrapper {
        None => value.check_rules(&Path::ROOT, &mut checks),
        Some(key) => value.check_rules(&Path::ROOT.key(key), &mut checks),
    }
    let mut errors = checks.into_errors();
    if errors.is_empty() && !T::SCHEMA.has_json_rules() {
        return Ok(());
    }
    match json() {
        Ok(json) => {
            add_inputs(&mut errors, &json, T::SCHEMA, context);
            if T::SCHEMA.has_json_rules() {
                errors.extend(inspect::broken_json_rules(T::SCHEMA, &json, context));
            }
        }
        // Without a `Value` (see `check`) the rest cannot be judged, and what is known is told without its inputs.
        Err(error) if errors.is_empty() => return Err(error.into()),
        Err(_) => {}
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Rejected::Invalid(errors))
    }
}

/// Adds to the faults of a typed value what stands at their places in the JSON.
fn add_inputs(errors: &mut ValidationErrors, json: &Value, schema: &Schema, context: &Context) {
    if errors.is_empty() {
        return;
    }
    let seen = inspect::broken_rules(schema, json, context);
    for error in errors.iter_mut().filter(|error| error.input.is_none()) {
        error.input = seen
            .iter()
            .find(|other| other.path == error.path)
            .and_then(|other| other.input.clone());
    }
}

/// Why `json`, written as `text`, is not a `T`: everything the schema graph can see, or else what serde says.
fn faults<T: ResponseModel>(json: &Value, text: &str, context: &Context) -> ValidationErrors {
    let seen = inspect::errors(T::SCHEMA, json, context);
    if !seen.is_empty() {
        return seen;
    }
    let mut track = serde_path_to_error::Track::new();
    let mut text = serde_json::Deserializer::from_str(text);
    let deserializer = serde_path_to_error::Deserializer::new(&mut text, &mut track);
    let reason = match answer::read::<T, _>(deserializer) {
        // A type that reads itself may change its mind.
        Ok(_) => "cannot be read".to_owned(),
        Err(error) => {
            // The path says where; a line and a column mean nothing to a model.
            let message = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            message.strip_suffix(&place).unwrap_or(&message).to_owned()
        }
    };
    let path = match track.path().to_string() {
        path if path == "." => Path::ROOT.to_string(),
        path => path,
    };
    ValidationError::at(path, ErrorCode::Deserialize, reason).into()
}
