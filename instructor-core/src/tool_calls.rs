//! Calls of tools that are the variants of an enum: from the calls to the one JSON text that the enum is read from, and from its
//! faults back to each call.
//!
//! The text is what a model would have written without tools, `{"content": [{"Weather": {...}}]}`, so nothing after this needs to know
//! of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::check::Conditions;
use crate::inspect;
use crate::leniency::{Correction, CorrectionKind, Leniency};
use crate::message::ToolCall;
use crate::parse;
use crate::response::Response;
use crate::schema::{Payload, Schema, ToolSet};
use crate::validate::{
    ErrorCode, MAX_PATH, OneLine, Path, ValidationError, ValidationErrors, bounded_json,
};

/// The answer that `response` gives by calling `tools`, as JSON text of `schema`. What had to be put right goes to `corrections`.
pub(crate) fn payload(
    schema: &Schema,
    tools: &ToolSet,
    response: &Response,
    conditions: Conditions<'_>,
    corrections: &mut Vec<Correction>,
) -> Result<String, ValidationErrors> {
    let calls = response.tool_calls.as_slice();
    if let Some(fault) = count_fault(tools, response) {
        return Err(fault.into());
    }
    let mut faults = ValidationErrors::new();
    let mut variants = Vec::with_capacity(calls.len());
    let mut faulty = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        match variant(schema, tools, index, call, conditions.leniency) {
            Ok(variant) => variants.push(variant),
            Err(fault) => {
                variants.push("null".to_owned());
                faults.push(fault);
                faulty.push(place(schema, tools, index));
            }
        }
    }
    let text = joined(schema, tools, &variants);
    if faults.is_empty() {
        return Ok(text);
    }
    if let Some(text) = known_calls(schema, tools, calls, &variants, conditions) {
        let unknown = calls.iter().filter(|call| tools.find(&call.name).is_none());
        corrections.extend(unknown.map(|call| Correction {
            given: Some(bounded_json(&call.name.as_str().into())),
            ..Correction::of_text(CorrectionKind::UnknownTool)
        }));
        return Ok(text);
    }
    // The model is told everything at once: what can be read of the other calls is checked too.
    let readable = serde_json::from_str(&text)
        .map(|answer| inspect::errors(schema, &answer, conditions.context));
    for error in readable.iter().flatten() {
        if !faulty.iter().any(|place| is_within(&error.path, place)) {
            faults.push(error.clone());
        }
    }
    Err(faults)
}

/// The answer without the calls of tools that there are not; `None` if something is wrong with it too, or nothing is left.
fn known_calls(
    schema: &Schema,
    tools: &ToolSet,
    calls: &[ToolCall],
    variants: &[String],
    conditions: Conditions<'_>,
) -> Option<String> {
    if !tools.is_parallel || conditions.leniency == Leniency::Strict {
        return None;
    }
    let both = calls.iter().zip(variants);
    let known = both.filter(|(call, _)| tools.find(&call.name).is_some());
    let known: Vec<_> = known.map(|(_, variant)| variant.clone()).collect();
    let text = joined(schema, tools, &known);
    let answer = serde_json::from_str(&text).ok()?;
    let is_right = inspect::errors(schema, &answer, conditions.context).is_empty();
    (is_right && !known.is_empty()).then_some(text)
}

/// What is wrong with how many calls there are.
fn count_fault(tools: &ToolSet, response: &Response) -> Option<ValidationError> {
    let fault = |message: String| ValidationError::new(&Path::ROOT, ErrorCode::ToolCall, message);
    let said = response.text.as_deref().unwrap_or_default();
    match response.tool_calls.len() {
        1 => None,
        0 if said.trim().is_empty() => {
            let names = tools.names();
            let message = format!("the answer is empty: call one of the tools {names}");
            Some(fault(message))
        }
        0 => {
            let names = tools.names();
            let message = format!("the answer is text: call one of the tools {names}");
            Some(fault(message).with_raw_input(said))
        }
        _ if tools.is_parallel => None,
        count => {
            let names = tools.names();
            let message = format!("{count} tools were called: call only one of {names}, once");
            Some(fault(message))
        }
    }
}

/// What call number `index` says, as serde reads the variant.
fn variant(
    schema: &Schema,
    tools: &ToolSet,
    index: usize,
    call: &ToolCall,
    leniency: Leniency,
) -> Result<String, ValidationError> {
    let place = || place(schema, tools, index);
    let Some((variant, tool)) = tools.find(&call.name) else {
        let (name, names) = (&call.name, tools.names());
        let message = format!("there is no tool `{name}`: call one of {names}");
        let fault = ValidationError::at(place(), ErrorCode::ToolCall, message);
        return Err(fault);
    };
    let name = variant.name.as_str();
    if let Payload::Unit = variant.payload {
        return Ok(quoted(name));
    }
    let arguments = arguments(&call.arguments, leniency).map_err(|error| ValidationError {
        path: format!("{}.{name}", place()),
        ..error
    })?;
    let content = match tool.wrapper {
        None => &*arguments,
        Some(key) => inside(&arguments, key).ok_or_else(|| {
            let message = format!("expected an object with the key `{key}`");
            ValidationError::at(format!("{}.{name}", place()), ErrorCode::Missing, message)
                .with_raw_input(&arguments)
        })?,
    };
    Ok(format!("{{{}:{content}}}", quoted(name)))
}

/// The JSON of the arguments: as it was written, if it is valid.
fn arguments(text: &str, leniency: Leniency) -> Result<Cow<'_, str>, ValidationError> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => Ok(raw.get().into()),
        Err(_) => parse::json(text, leniency).map(|json| json.text),
    }
}

/// The value under `key` of an object.
fn inside<'a>(object: &'a str, key: &str) -> Option<&'a str> {
    let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(object).ok()?;
    members.get(key).map(|value| value.get())
}

fn joined(schema: &Schema, tools: &ToolSet, variants: &[String]) -> String {
    let variants = variants.join(",");
    let value = if tools.is_parallel {
        format!("[{variants}]")
    } else {
        variants
    };
    match schema.wrapper {
        Some(key) => format!("{{{}:{value}}}", quoted(key)),
        None => value,
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What the model is told of each call of an answer that has `errors`: its own faults and those of the answer as a whole, with the
/// paths that they have in its arguments.
pub(crate) fn results(
    schema: &Schema,
    tools: &ToolSet,
    calls: &[ToolCall],
    errors: &ValidationErrors,
    corrections: &[Correction],
) -> Vec<String> {
    let is_left_out = |correction: &Correction| correction.kind == CorrectionKind::UnknownTool;
    let leaves_out = corrections.iter().any(is_left_out);
    let mut index = 0;
    let results = calls.iter().map(|call| {
        if leaves_out && tools.find(&call.name).is_none() {
            return format!("There is no tool `{}`.", OneLine::new(&call.name, MAX_PATH));
        }
        index += 1;
        result(schema, tools, index - 1, call, errors)
    });
    results.collect()
}

/// What the model is told of call number `index` (from 0) of those that are part of the answer.
fn result(
    schema: &Schema,
    tools: &ToolSet,
    index: usize,
    call: &ToolCall,
    errors: &ValidationErrors,
) -> String {
    let place = place(schema, tools, index);
    let mut own = ValidationErrors::new();
    for error in errors {
        if is_within(&error.path, &place) {
            let rest = error.path.get(place.len()..).unwrap_or_default();
            let path = path_in_arguments(tools, call, rest);
            own.push(ValidationError {
                path,
                ..error.clone()
            });
        } else if error.path == Path::ROOT.to_string() || Some(&*error.path) == schema.wrapper {
            own.push(error.clone());
        }
    }
    let again = if tools.is_parallel {
        "Make all calls again, with every error of each fixed."
    } else {
        "Call again, with every error fixed."
    };
    if own.is_empty() {
        format!("Nothing is wrong with this call, but with another one. {again}")
    } else {
        let told = own.for_model();
        format!("The call failed validation:\n{told}\n{again}")
    }
}

/// A path behind that of a call, as the model knows it.
fn path_in_arguments(tools: &ToolSet, call: &ToolCall, rest: &str) -> String {
    let found = tools.find(&call.name);
    let variant = found.map_or("", |(variant, _)| variant.name.as_str());
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let rest = rest.strip_prefix(variant).unwrap_or(rest);
    let path = match found.and_then(|(_, tool)| tool.wrapper) {
        Some(key) => format!("{key}{rest}"),
        None => rest.strip_prefix('.').unwrap_or(rest).to_owned(),
    };
    if path.is_empty() {
        Path::ROOT.to_string()
    } else {
        path
    }
}

/// The path of what call number `index` says.
fn place(schema: &Schema, tools: &ToolSet, index: usize) -> String {
    let root = Path::ROOT;
    let inside = schema.wrapper.map(|key| root.key(key));
    let answer = inside.as_ref().unwrap_or(&root);
    if tools.is_parallel {
        answer.index(index).to_string()
    } else {
        answer.to_string()
    }
}

/// Whether `path` leads to `place` or into it.
fn is_within(path: &str, place: &str) -> bool {
    path.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
