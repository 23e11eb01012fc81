//! From records to what MLflow shows. Runs on the exporter's thread; on the caller's, where the record may not be written down as
//! it is.

pub(crate) mod assessments;
mod call;
mod chat;
mod message;
mod prepare;
mod user;
mod withheld;

use std::borrow::Cow;

use instructor_core::trace::conventions::{CANCELLED, attribute};
use instructor_core::trace::{CHAT, CREATE, LLM_VALIDATE, VALIDATE};
use instructor_core::{Cost, Usage};

use crate::notes::TraceNotes;
use crate::parcel::Parcel;
use crate::processor::Processors;
use crate::record::{self, Call, Content, Errors, Failure, Prepared, Record};
use crate::span::TraceId;
use crate::span_draft::{INPUTS, OUTPUTS, SPAN_TYPE};
use crate::trace_info::{Previews, SESSION, TAG_PREFIX, TraceInfo, USER};
use crate::wire::{AnyValue, Event, KeyValue, Span, SpanKind, Status, StatusCode};
use withheld::Names;

/// A record in MLflow's words. How it is encoded depends on the server.
#[derive(Debug)]
pub(crate) struct Converted {
    pub(crate) spans: Vec<Span>,
    /// For the record that holds the root of its trace.
    pub(crate) info: Option<TraceInfo>,
    /// For all others: of the outermost span.
    in_progress: Previews,
    pub(crate) spending: Spending,
}

impl Converted {
    /// The spans of `record`. Without `capture_content` they show shape, counts and outcome of what was said, and no word of it.
    pub(crate) fn from_record(
        record: &Record<'_>,
        processors: &Processors,
        capture_content: bool,
    ) -> Converted {
        let (spans, previews) = spans(record, processors, capture_content);
        Converted::new(record, spans, previews)
    }

    /// `previews` are those of the last span.
    fn new(record: &Record<'_>, spans: Vec<Span>, previews: Previews) -> Converted {
        let root = record.root().and(spans.last());
        let (info, in_progress) = match root {
            Some(root) => {
                let info = TraceInfo::new(record, root, previews);
                (Some(info), Previews::default())
            }
            None => (None, previews),
        };
        Converted {
            spans,
            info,
            in_progress,
            spending: Spending::of(record),
        }
    }

    /// What was prepared, if it was.
    pub(crate) fn of_parcel(parcel: &Parcel, processors: &Processors) -> Converted {
        let captures = parcel.destination().capture_content;
        match &parcel.record.prepared {
            Some(prepared) => Converted::prepared(&parcel.record, prepared),
            None => Converted::from_record(&parcel.record, processors, captures),
        }
    }

    fn prepared(record: &Record<'_>, prepared: &Prepared) -> Converted {
        let previews = Previews {
            request: prepared.request_preview.clone(),
            response: prepared.response_preview.clone(),
            ..Previews::default()
        };
        Converted::new(record, prepared.spans.clone(), previews)
    }

    /// What is known of the trace of `record`: while its root is open, that is what the outermost span of the record says.
    pub(crate) fn take_info(&mut self, record: &Record<'_>) -> Option<TraceInfo> {
        let info = self.info.take();
        info.or_else(|| {
            let previews = std::mem::take(&mut self.in_progress);
            Some(TraceInfo::in_progress(record, self.spans.last()?, previews))
        })
    }
}

/// The spans of `record` after the processors have seen them, and the previews of the last one.
fn spans(
    record: &Record<'_>,
    processors: &Processors,
    capture_content: bool,
) -> (Vec<Span>, Previews) {
    let names = (!capture_content).then(|| Names::in_record(record));
    let mut of_last = Previews::default();
    let last = record.spans.len().saturating_sub(1);
    let spans = record.spans.iter().enumerate().map(|(position, source)| {
        let mut description = Description::of(source);
        description.explain_cancellation(record, source);
        description.optional(record::SHORTENED, source.shortened);
        if let Some(names) = &names {
            description = description.withhold(kind(source), names);
        }
        let mut previews = Previews {
            request: description.request_preview.take(),
            ..Previews::default()
        };
        // What is said of the trace stands on the first of its spans here, which closes last.
        let notes = record.notes.as_deref().filter(|_| position == last);
        let is_root = source.parent.is_none();
        if let Some(notes) = notes {
            if capture_content {
                previews.say(notes);
            }
            description.note(notes, is_root);
        }
        let mut span = description.into_span(record.trace_id, source);
        processors.run(source, record.trace_id, &mut span, &mut previews);
        span.limit_levels();
        if is_root {
            let key = format!("{TAG_PREFIX}{}", TraceInfo::NAME_TAG);
            span.attributes.push(KeyValue::new(key, span.name.clone()));
        }
        of_last = previews;
        span
    });
    let spans = spans.collect();
    (spans, of_last)
}

/// What the requests of some spans used and cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spending {
    pub(crate) usage: Option<Usage>,
    /// Unknown as soon as one of those that used tokens has no known price.
    pub(crate) cost: Option<Cost>,
}

impl Spending {
    fn of(record: &Record<'_>) -> Spending {
        let calls = record.spans.iter().filter_map(|span| span.call(CHAT));
        let requests = calls.filter_map(|call| {
            let cost = call.cost.as_ref().map(record::Cost::amount);
            Some((call.usage?.into(), cost))
        });
        let none = Spending {
            usage: None,
            cost: Some(Cost::default()),
        };
        requests.fold(none, |spending, (usage, cost)| {
            spending.and(Spending {
                usage: Some(usage),
                cost,
            })
        })
    }

    /// Both together.
    pub(crate) fn and(self, other: Spending) -> Spending {
        Spending {
            usage: match (self.usage, other.usage) {
                (Some(one), Some(two)) => Some(one + two),
                (one, two) => one.or(two),
            },
            cost: self.cost.zip(other.cost).map(|(one, two)| one + two),
        }
    }
}

/// The name of a span of this framework.
fn kind<'a>(span: &'a record::Span<'_>) -> Option<&'a str> {
    matches!(span.content, Content::Call(_)).then_some(&*span.name)
}

/// What a span says, in MLflow's words but not yet in its encoding.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) name: String,
    /// MLflow's type of span: what the UI draws.
    span_type: Cow<'static, str>,
    kind: SpanKind,
    pub(crate) inputs: Option<AnyValue>,
    pub(crate) outputs: Option<AnyValue>,
    attributes: Vec<KeyValue>,
    exceptions: Vec<Exception>,
    /// What the user's program noted.
    events: Vec<Event>,
    /// The message of the status ERROR; `None` for OK.
    pub(crate) failure: Option<String>,
    /// What the list of traces shows of the inputs, where that is not their JSON text.
    pub(crate) request_preview: Option<String>,
}

/// An event named `exception`: the UI lists these under the span.
#[derive(Debug)]
struct Exception {
    kind: String,
    message: String,
    attributes: Vec<KeyValue>,
}

impl Description {
    fn of(span: &record::Span<'_>) -> Description {
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

    fn new(name: impl Into<String>, span_type: impl Into<Cow<'static, str>>) -> Description {
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

    fn attribute(&mut self, key: impl Into<String>, value: impl Into<AnyValue>) {
        self.attributes.push(KeyValue::new(key, value));
    }

    /// Adds the attribute if there is a value.
    fn optional<V: Into<AnyValue>>(&mut self, key: &str, value: Option<V>) {
        if let Some(value) = value {
            self.attribute(key, value);
        }
    }

    /// Adds the attribute, whose value replaces the one it had.
    fn replace(&mut self, key: &str, value: impl Into<AnyValue>) {
        self.attributes.retain(|attribute| attribute.key != key);
        self.attribute(key, value);
    }

    /// What the server takes from a span about its trace. A server that never gets the rest knows this at least.
    fn note(&mut self, notes: &TraceNotes, is_root: bool) {
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
    fn explain_cancellation(&mut self, record: &Record<'_>, span: &record::Span<'_>) {
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

    fn fail(&mut self, failure: &Failure<'_>) {
        self.attribute(attribute::ERROR_TYPE, failure.error_type());
        self.exceptions.push(Exception {
            kind: failure.kind.to_string(),
            message: failure.message.to_string(),
            attributes: Vec::new(),
        });
        self.failure = Some(failure.message.to_string());
    }

    fn into_span(self, trace_id: TraceId, span: &record::Span<'_>) -> Span {
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
fn broken<'a, 'b>(call: &'a Call<'b>) -> Option<&'a Errors<'b>> {
    let errors = call.errors.as_ref();
    errors.filter(|errors| !errors.list.is_empty())
}

/// How a span of this framework ended: `ok`, `invalid`, `cancelled`, or the kind of the error.
const OUTCOME: &str = "instructor.outcome";

/// MLflow's `SpanLogLevel.INFO`: the UI may hide what is below it.
const LOG_LEVEL_INFO: i64 = 20;

/// MLflow's shape of token counts. The caches are named where the provider names them.
pub(crate) fn token_usage(usage: &Usage) -> AnyValue {
    AnyValue::object([
        ("input_tokens", Some(usage.input_tokens.into())),
        ("output_tokens", Some(usage.output_tokens.into())),
        ("total_tokens", Some(usage.total_tokens().into())),
        (
            "cache_read_input_tokens",
            usage.cache_read_input_tokens.map(AnyValue::from),
        ),
        (
            "cache_creation_input_tokens",
            usage.cache_creation_input_tokens.map(AnyValue::from),
        ),
    ])
}

/// MLflow's shape of costs, in dollars.
pub(crate) fn cost(cost: &Cost) -> AnyValue {
    AnyValue::object([
        ("input_cost", Some(cost.input.as_f64().into())),
        ("output_cost", Some(cost.output.as_f64().into())),
        ("total_cost", Some(cost.total().as_f64().into())),
    ])
}

#[cfg(test)]
mod prepare_tests;
#[cfg(test)]
mod processor_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod user_tests;
