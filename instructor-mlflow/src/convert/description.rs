//! What a span says.

use std::borrow::Cow;

use instructor_core::trace::conventions::{CANCELLED, attribute};
use instructor_core::trace::{CHAT, CREATE, LLM_VALIDATE, VALIDATE};

use super::{call, chat, user};
use crate::notes::TraceNotes;
use crate::record::{self, Call, Content, Errors, Failure, Record};
use crate::span::TraceId;
use crate::span_draft::{INPUTS, OUTPUTS, SPAN_TYPE};
use crate::trace_info::{SESSION, TAG_PREFIX, USER};
use crate::wire::{AnyValue, Event, KeyValue, Span, SpanKind, Status, StatusCode};

/// How a span of this framework ended: `ok`, `invalid`, `cancelled`, or the kind of the error.
const OUTCOME: &str = "instructor.outcome";

/// MLflow's `SpanLogLevel.INFO`: the UI may hide what is below it.
const LOG_LEVEL_INFO: i64 = 20;

/// What a span says, in MLflow's words but not yet in its encoding.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) name: String,
    /// MLflow's type of span: what the UI draws.
    pub(super) span_type: Cow<'static, str>,
    pub(super) kind: SpanKind,
    pub(crate) inputs: Option<AnyValue>,
    pub(crate) outputs: Option<AnyValue>,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) exceptions: Vec<Exception>,
    /// What the user's program noted.
    pub(super) events: Vec<Event>,
    /// The message of the status ERROR; `None` for OK.
    pub(crate) failure: Option<String>,
    /// What the list of traces shows of the inputs, where that is not their JSON text.
    pub(crate) request_preview: Option<String>,
}

/// An event named `exception`: the UI lists these under the span.
#[derive(Debug)]
pub(super) struct Exception {
    pub(super) kind: String,
    pub(super) message: String,
    pub(super) attributes: Vec<KeyValue>,
}

impl Description {
    pub(super) fn of(span: &record::Span<'_>) -> Description {
        let call = match &span.content {
            Content::User(user) => return user::describe(span, user),
            Content::Call(call) => call,
        };
        let mut description = match &*span.name {
            CREATE => call::create(call),
            CHAT => chat::describe(call),
            VALIDATE => call::validate(call),
            LLM_VALIDATE => call::llm_validate(call),
            other => Description::new(other, "UNKNOWN"),
        };
        description.conclude(call);
        description
    }

    pub(super) fn new(
        name: impl Into<String>,
        span_type: impl Into<Cow<'static, str>>,
    ) -> Description {
        Description {
            name: name.into(),
            span_type: span_type.into(),
            kind: SpanKind::Internal,
            inputs: None,
            outputs: None,
            attributes: Vec::new(),
            exceptions: Vec::new(),
            events: Vec::new(),
            failure: None,
            request_preview: None,
        }
    }

    pub(super) fn attribute(&mut self, key: impl Into<String>, value: impl Into<AnyValue>) {
        self.attributes.push(KeyValue::new(key, value));
    }

    /// Adds the attribute if there is a value.
    pub(super) fn optional<V: Into<AnyValue>>(&mut self, key: &str, value: Option<V>) {
        if let Some(value) = value {
            self.attribute(key, value);
        }
    }

    /// Adds the attribute, whose value replaces the one it had.
    pub(super) fn replace(&mut self, key: &str, value: impl Into<AnyValue>) {
        self.attributes.retain(|attribute| attribute.key != key);
        self.attribute(key, value);
    }

    /// What the server takes from a span about its trace. A server that never gets the rest knows this at least.
    pub(super) fn note(&mut self, notes: &TraceNotes, is_root: bool) {
        if let Some(session) = &notes.session {
            self.replace(SESSION, session.as_str());
        }
        if let Some(user) = &notes.user {
            self.replace(USER, user.as_str());
        }
        // The tags of a trace that another program began are that program's.
        for (key, value) in notes.tags.iter().filter(|_| is_root) {
            self.replace(&format!("{TAG_PREFIX}{key}"), value.as_str());
        }
    }

    /// The status of a span of this framework: failed, with errors, cancelled, or fine.
    fn conclude(&mut self, call: &Call<'_>) {
        if let Some(failure) = &call.failure {
            self.fail(failure);
            self.attribute(OUTCOME, &*failure.kind);
            self.optional("instructor.stopped_by", failure.stopped_by.as_deref());
        } else if let Some(errors) = broken(call) {
            self.failure = Some(errors.to_string());
            self.attribute(OUTCOME, "invalid");
        } else if call.output.is_none() && call.wire_response.is_none() {
            let message = "cancelled: the call was dropped before it was done";
            self.fail(&Failure::new(CANCELLED, message));
            self.attribute(OUTCOME, CANCELLED);
        } else {
            self.attribute(OUTCOME, "ok");
        }
    }

    /// A span that was cut off by the end of its call says what ended that.
    pub(super) fn explain_cancellation(&mut self, record: &Record<'_>, span: &record::Span<'_>) {
        let is_cancelled = |exception: &&mut Exception| exception.kind == CANCELLED;
        let Some(exception) = self.exceptions.iter_mut().find(is_cancelled) else {
            return;
        };
        let mut parent = span.parent;
        while let Some(around) = parent.and_then(|id| record.spans.iter().find(|it| it.id == id)) {
            if let Content::Call(call) = &around.content
                && let Some(failure) = &call.failure
                && failure.kind != CANCELLED
            {
                let message = format!("cancelled: {}", failure.message);
                message.clone_into(&mut exception.message);
                self.failure = Some(message);
                return;
            }
            parent = around.parent;
        }
    }

    pub(super) fn fail(&mut self, failure: &Failure<'_>) {
        self.attribute(attribute::ERROR_TYPE, failure.error_type());
        self.exceptions.push(Exception {
            kind: failure.kind.to_string(),
            message: failure.message.to_string(),
            attributes: Vec::new(),
        });
        self.failure = Some(failure.message.to_string());
    }

    pub(super) fn into_span(self, trace_id: TraceId, span: &record::Span<'_>) -> Span {
        let mut attributes = vec![
            KeyValue::new(SPAN_TYPE, &*self.span_type),
            KeyValue::new("mlflow.spanLogLevel", LOG_LEVEL_INFO),
        ];
        let inputs = self.inputs.map(|value| KeyValue::new(INPUTS, value));
        let outputs = self.outputs.map(|value| KeyValue::new(OUTPUTS, value));
        attributes.extend(inputs);
        attributes.extend(outputs);
        attributes.extend(self.attributes);
        let status = match self.failure {
            Some(message) => Status {
                message,
                code: StatusCode::Error.into(),
            },
            None => Status {
                message: String::new(),
                code: StatusCode::Ok.into(),
            },
        };
        Span {
            trace_id: trace_id.to_bytes().to_vec(),
            span_id: span.id.to_bytes().to_vec(),
            parent_span_id: span
                .parent
                .map(|id| id.to_bytes().to_vec())
                .unwrap_or_default(),
            name: self.name,
            kind: self.kind.into(),
            start_time_unix_nano: span.started,
            end_time_unix_nano: span.ended,
            attributes,
            events: self
                .exceptions
                .into_iter()
                .map(|exception| exception.into_event(span.ended))
                .chain(self.events)
                .collect(),
            status: Some(status),
        }
    }
}

impl Exception {
    fn into_event(self, time: u64) -> Event {
        let mut attributes = vec![
            KeyValue::new("exception.type", self.kind),
            KeyValue::new("exception.message", self.message),
        ];
        attributes.extend(self.attributes);
        Event {
            time_unix_nano: time,
            name: "exception".into(),
            attributes,
        }
    }
}

/// What is wrong with the answer, if that is something.
pub(super) fn broken<'a, 'b>(call: &'a Call<'b>) -> Option<&'a Errors<'b>> {
    let errors = call.errors.as_ref();
    errors.filter(|errors| !errors.list.is_empty())
}
