//! What is left of a span whose content stays with the program: its shape, counts, outcome and the words of the code.
//!
//! What may leave is listed here; everything else is replaced. So what a later version adds to a span is withheld until
//! somebody has thought about it.

mod names;
mod shape;

use instructor_core::trace::{CHAT, CREATE, LLM_VALIDATE, VALIDATE};

use super::description::{Description, Exception};
use crate::wire::{AnyValue, Event, KeyValue};
pub(super) use names::Names;

/// In place of words that may quote a prompt or an answer.
const NOT_CAPTURED: &str = "the text is not captured";

/// Attributes that hold counts, times, codes, or words of the code.
const PLAIN: [&str; 9] = [
    "instructor.",
    "gen_ai.",
    "mlflow.llm.",
    "mlflow.chat.tokenUsage",
    "mlflow.message.format",
    "error.type",
    "http.response.status_code",
    "code.",
    "server.",
];

/// Attributes that look like those, and hold content.
const CONTENT: [&str; 6] = [
    "instructor.input",
    "instructor.statement",
    "gen_ai.input",
    "gen_ai.output.messages",
    "gen_ai.system",
    "gen_ai.tool",
];

/// The attributes of the user's own spans whose values the server reads as counts or names; others may hold anything.
const PLAIN_OF_USERS: [&str; 12] = [
    "mlflow.llm.",
    "mlflow.chat.tokenUsage",
    "mlflow.message.format",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.usage.",
    "error.type",
    "http.response.status_code",
    "code.",
    "server.",
];

/// What a program says about a trace in so many words is not what was asked or answered.
const NAMED: [&str; 3] = ["session.id", "user.id", "mlflow.traceTag."];

const PATH: &str = "instructor.path";

impl Description {
    /// The description without anything that the user or the model has written.
    ///
    /// `kind` is the name of a span of this framework; `None` for one of the user's.
    pub(super) fn withhold(self, kind: Option<&str>, names: &Names) -> Description {
        let has_failed = self.failure.is_some();
        let path = self.attributes.iter().find(|it| it.key == PATH);
        let path = path.and_then(|it| it.value.as_ref()?.as_str());
        let name = match path {
            Some(path) => self.name.replace(path, &names.path(path)),
            None => self.name,
        };
        let attributes = self.attributes.into_iter();
        let exceptions: Vec<Exception> = self
            .exceptions
            .into_iter()
            .map(|exception| exception.withhold(names))
            .collect();
        Description {
            name,
            inputs: self.inputs.map(|inputs| match kind {
                Some(CREATE | CHAT | LLM_VALIDATE) => shape::envelope(&inputs, names),
                Some(_) => shape::content(&inputs, names),
                None => shape::fields(&inputs, names),
            }),
            outputs: self.outputs.map(|outputs| match kind {
                // What comes with an HTTP error may quote anything anywhere.
                Some(CHAT) if !has_failed => shape::envelope(&outputs, names),
                Some(LLM_VALIDATE) => shape::envelope(&outputs, names),
                Some(VALIDATE) if has_failed => faults(&exceptions),
                _ => shape::content(&outputs, names),
            }),
            attributes: attributes
                .filter_map(|attribute| withhold(attribute, kind.is_some(), names))
                .collect(),
            events: self
                .events
                .into_iter()
                .map(|event| noted(event, names))
                .collect(),
            failure: self.failure.map(|_| failure(&exceptions)),
            exceptions,
            request_preview: None,
            ..self
        }
    }
}

/// What happened, in the words of the code.
fn failure(exceptions: &[Exception]) -> String {
    match exceptions {
        [] => NOT_CAPTURED.to_owned(),
        [only] => format!("{}: {NOT_CAPTURED}", only.kind),
        several => format!("{} errors: {NOT_CAPTURED}", several.len()),
    }
}

impl Exception {
    fn withhold(self, names: &Names) -> Exception {
        let attributes: Vec<KeyValue> = self
            .attributes
            .into_iter()
            .filter_map(|attribute| withhold(attribute, true, names))
            .collect();
        let path = attributes.iter().find(|it| it.key == PATH);
        let path = path.and_then(|it| it.value.as_ref()?.as_str());
        Exception {
            message: match path {
                Some(path) => format!("{path}: {NOT_CAPTURED}"),
                None => NOT_CAPTURED.to_owned(),
            },
            kind: self.kind,
            attributes,
        }
    }
}

fn withhold(attribute: KeyValue, is_call: bool, names: &Names) -> Option<KeyValue> {
    let KeyValue { key, value } = attribute;
    let starts = |listed: &[&str]| listed.iter().any(|start| key.starts_with(start));
    let is_plain = match is_call {
        true => starts(&PLAIN) && !starts(&CONTENT),
        false => starts(&PLAIN_OF_USERS),
    };
    let value = value?;
    let value = if is_plain && key != PATH || starts(&NAMED) {
        value
    } else if !is_call {
        shape::content(&value, names)
    } else if key == PATH {
        names.path(value.as_str()?).into()
    } else if key == "mlflow.chat.tools" {
        shape::envelope(&value, names)
    } else if starts(&CONTENT) {
        return None;
    } else {
        // A parameter of the request.
        shape::member(&key, &value, names)
    };
    Some(KeyValue {
        key,
        value: Some(value),
    })
}

/// What the user's program noted: its name and time, and the names of its attributes.
fn noted(event: Event, names: &Names) -> Event {
    let attributes = event.attributes.into_iter().map(|attribute| {
        let value = attribute.value.unwrap_or(AnyValue { value: None });
        let value = match attribute.key == "exception.type" {
            true => value,
            false => shape::content(&value, names),
        };
        KeyValue::new(attribute.key, value)
    });
    Event {
        attributes: attributes.collect(),
        ..event
    }
}

/// Where an answer is wrong, and of which kind the fault is.
fn faults(exceptions: &[Exception]) -> AnyValue {
    let faults = exceptions.iter().map(|exception| {
        let path = exception.attributes.iter().find(|it| it.key == PATH);
        AnyValue::object([
            ("path", path.and_then(|path| path.value.clone())),
            ("code", Some(exception.kind.as_str().into())),
        ])
    });
    AnyValue::object([("errors", Some(AnyValue::array(faults)))])
}
