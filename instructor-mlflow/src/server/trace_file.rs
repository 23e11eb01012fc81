//! The file of spans that servers without a table of spans keep of a trace, `traces.json`, in both shapes it has had.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::convert::{Converted, Spending};
use crate::parcel::Parcel;
use crate::processor::Processors;
use crate::server::artifacts::Location;
use crate::span::TraceId;
use crate::span_sizes::SpanSizes;
use crate::trace_info::TraceInfo;
use crate::wire::{AnyValue, Event, KeyValue, Span, StatusCode};

/// The shape of the file. MLflow 2 cannot read the newer one, and then shows no trace of the whole experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Of MLflow 2.
    V2,
    /// Of MLflow 3.
    V3,
}

/// The attribute by which a span names its trace.
const TRACE_ID: &str = "mlflow.traceRequestId";

/// A trace that travels as what it is and a file of its spans: whole, or what there is of it while its root is open.
#[derive(Debug)]
pub(crate) struct TraceFile {
    /// The trace of the spans.
    pub(super) trace_id: TraceId,
    /// The trace on the server: another one, if an earlier part was too large to go on with.
    document: TraceId,
    pub(crate) info: TraceInfo,
    shape: Shape,
    /// JSON objects whose last member, `attributes`, is still open: the id of the trace belongs there, which some servers
    /// choose.
    spans: Vec<String>,
    spending: Spending,
    /// Inputs and outputs of the root as JSON text.
    request: Option<String>,
    response: Option<String>,
    frames: usize,
    bytes: usize,
    /// What the server answered when it was told of the trace.
    pub(super) receipt: Option<Receipt>,
    /// The server may have been told of the trace without us knowing.
    pub(super) is_unclear: bool,
    /// The server may have spans of it that are not here: another process sent them, which has ended.
    pub(super) may_have_earlier: bool,
    /// Those spans, as they stand in the server's file.
    earlier: Vec<String>,
    /// It was begun by a process that has ended, which knew more of it than is here.
    is_adopted: bool,
    /// The trace, as it is now, was made known.
    pub(super) is_started: bool,
    /// The file, as it is now, has been written.
    pub(super) is_written: bool,
}

/// How a server knows a trace.
#[derive(Debug, Clone)]
pub(crate) struct Receipt {
    pub(super) trace_id: String,
    pub(super) location: Location,
}

impl TraceFile {
    /// What the parcel holds of its trace; `None` if that is nothing.
    pub(super) fn of(parcel: &Parcel, shape: Shape, processors: &Processors) -> Option<TraceFile> {
        let record = &parcel.record;
        let mut converted = Converted::of_parcel(parcel, processors);
        let info = converted.take_info(record)?;
        let Converted {
            spans, spending, ..
        } = converted;
        let root = spans.last()?;
        let text = |key| {
            let attribute = root.attributes.iter().find(|found| found.key == key)?;
            Some(attribute.value.as_ref()?.to_json())
        };
        let (request, response) = (text("mlflow.spanInputs"), text("mlflow.spanOutputs"));
        let spans: Vec<String> = spans.iter().map(|span| encode(span, shape)).collect();
        Some(TraceFile {
            trace_id: record.trace_id,
            document: record.trace_id,
            info,
            shape,
            bytes: spans.iter().map(String::len).sum(),
            spans,
            spending,
            request,
            response,
            frames: 1,
            receipt: None,
            // Another process may have begun it, and was ended before it wrote that down.
            is_unclear: parcel.ticket.store.is_adopted(),
            may_have_earlier: parcel.ticket.store.is_adopted(),
            earlier: Vec::new(),
            is_adopted: parcel.ticket.store.is_adopted(),
            is_started: false,
            is_written: false,
        })
    }

    pub(crate) fn info_mut(&mut self) -> &mut TraceInfo {
        &mut self.info
    }

    /// The id of the trace on the server, if that is known.
    pub(super) fn id_on_server(&self) -> Option<&str> {
        let receipt = self.receipt.as_ref();
        receipt.map(|receipt| receipt.trace_id.as_str())
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    pub(super) fn frames(&self) -> usize {
        self.frames
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Makes it a trace of its own on the server, which goes on where another one ended.
    pub(super) fn continue_as(&mut self, document: TraceId) {
        if document != self.trace_id {
            self.document = document;
            self.info.continue_as(document);
        }
    }

    /// Adds what came later of the same trace.
    pub(super) fn append(&mut self, later: TraceFile) {
        let before = std::mem::replace(&mut self.info, later.info);
        self.info.begin_with(&before);
        if !self.info.is_finished() {
            // The first call names a trace in progress.
            self.info.rename_as(&before);
        } else {
            (self.request, self.response) = (later.request, later.response);
        }
        let document = self.document;
        self.continue_as(document);
        self.spans.extend(later.spans);
        self.spending = self.spending.and(later.spending);
        self.frames += later.frames;
        self.bytes += later.bytes;
        self.may_have_earlier |= later.may_have_earlier;
        self.is_adopted |= later.is_adopted;
        self.is_unclear |= later.is_unclear;
        self.is_started = false;
        self.is_written = false;
    }

    /// Keeps those spans of a file that are not in this one, which takes its place. What is no such file has none.
    pub(super) fn keep_earlier(&mut self, content: &str) {
        let own: HashSet<String> = self
            .spans
            .iter()
            .filter_map(|span| SpanId::of(&format!("{span}}}}}")))
            .collect();
        let Ok(file) = serde_json::from_str::<File<'_>>(content) else {
            return;
        };
        let earlier = file.spans.iter().map(|span| span.get());
        let earlier = earlier.filter(|span| SpanId::of(span).is_some_and(|id| !own.contains(&id)));
        self.earlier = earlier.map(str::to_owned).collect();
        self.bytes += self.earlier.iter().map(String::len).sum::<usize>();
    }

    /// Writes into the info what is known from the spans.
    pub(super) fn sum_up(&mut self) {
        // Of the whole trace its root knows what it has used.
        if !(self.is_adopted && self.info.is_finished()) {
            self.info.set_spending(&self.spending);
        }
        if self.info.is_finished() {
            self.info.set_sizes(&SpanSizes::of(&self.spans));
        }
    }

    /// The content of the file, for a server that knows the trace as `trace_id`.
    pub(crate) fn content(&self, trace_id: &str) -> String {
        let end = format!(",{}:{}}}}}", quoted(TRACE_ID), quoted(&quoted(trace_id)));
        let length = self.bytes + self.spans.len() * (end.len() + 1) + 64;
        let mut content = String::with_capacity(length);
        content.push_str(r#"{"spans":["#);
        let earlier = self.earlier.iter().map(|span| (span, ""));
        let own = self.spans.iter().map(|span| (span, end.as_str()));
        for (position, (span, end)) in earlier.chain(own).enumerate() {
            if position > 0 {
                content.push(',');
            }
            content.push_str(span);
            content.push_str(end);
        }
        content.push(']');
        if self.shape == Shape::V2 {
            let text = |text: &Option<String>| text.as_deref().map_or("null".into(), quoted);
            content.push_str(r#","request":"#);
            content.push_str(&text(&self.request));
            content.push_str(r#","response":"#);
            content.push_str(&text(&self.response));
        }
        content.push('}');
        content
    }
}

/// What is read of a file.
#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    spans: Vec<&'a RawValue>,
}

/// What is read of a span, in both shapes.
#[derive(Deserialize)]
struct SpanId {
    span_id: Option<String>,
    context: Option<ContextId>,
}

#[derive(Deserialize)]
struct ContextId {
    span_id: String,
}

impl SpanId {
    fn of(span: &str) -> Option<String> {
        let id: SpanId = serde_json::from_str(span).ok()?;
        id.span_id.or(id.context.map(|context| context.span_id))
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The span as JSON, without the two braces at its end.
fn encode(span: &Span, shape: Shape) -> String {
    let status = span.status.as_ref();
    let message = status.map_or("", |status| status.message.as_str());
    let code = status.map_or(StatusCode::Unset, |status| status.code());
    let parent = Some(span.parent_span_id.as_slice()).filter(|id| !id.is_empty());
    let attributes = Members(&span.attributes, |value| value.to_json().into());
    let json = match shape {
        Shape::V2 => serde_json::to_string(&SpanV2 {
            name: &span.name,
            context: Context {
                span_id: hexadecimal(&span.span_id),
                trace_id: hexadecimal(&span.trace_id),
            },
            parent_id: parent.map(hexadecimal),
            start_time: span.start_time_unix_nano,
            end_time: span.end_time_unix_nano,
            status_code: match code {
                StatusCode::Unset => "UNSET",
                StatusCode::Ok => "OK",
                StatusCode::Error => "ERROR",
            },
            status_message: message,
            events: span
                .events
                .iter()
                .map(|event| EventV2 {
                    name: &event.name,
                    timestamp: event.time_unix_nano,
                    attributes: native(event),
                })
                .collect(),
            attributes,
        }),
        Shape::V3 => serde_json::to_string(&SpanV3 {
            trace_id: BASE64.encode(&span.trace_id),
            span_id: BASE64.encode(&span.span_id),
            parent_span_id: parent.map(|id| BASE64.encode(id)),
            name: &span.name,
            start_time_unix_nano: span.start_time_unix_nano,
            end_time_unix_nano: span.end_time_unix_nano,
            events: span
                .events
                .iter()
                .map(|event| EventV3 {
                    name: &event.name,
                    time_unix_nano: event.time_unix_nano,
                    attributes: native(event),
                })
                .collect(),
            status: StatusV3 {
                code: match code {
                    StatusCode::Unset => "STATUS_CODE_UNSET",
                    StatusCode::Ok => "STATUS_CODE_OK",
                    StatusCode::Error => "STATUS_CODE_ERROR",
                },
                message,
            },
            links: [],
            attributes,
        }),
    };
    // Serializing structs with keys of text to memory cannot fail.
    let mut json = json.unwrap_or_default();
    json.truncate(json.len().saturating_sub("}}".len()));
    json
}

/// Python reads it with or without `0x`; MLflow 2.14 itself writes it.
fn hexadecimal(id: &[u8]) -> String {
    let mut text = String::with_capacity(2 + 2 * id.len());
    text.push_str("0x");
    for byte in id {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    text
}

/// Attributes of events are values, those of spans are JSON texts of values.
fn native(event: &Event) -> Members<'_> {
    Members(&event.attributes, |value| {
        serde_json::to_value(value).unwrap_or_default()
    })
}

/// Attributes as an object.
struct Members<'a>(&'a [KeyValue], fn(&AnyValue) -> serde_json::Value);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Members(members, value) = self;
        let members = members
            .iter()
            .filter_map(|member| Some((&member.key, value(member.value.as_ref()?))));
        serializer.collect_map(members)
    }
}

#[derive(Serialize)]
struct SpanV2<'a> {
    name: &'a str,
    context: Context,
    parent_id: Option<String>,
    /// Nanoseconds since 1970, as everywhere here.
    start_time: u64,
    end_time: u64,
    status_code: &'static str,
    status_message: &'a str,
    events: Vec<EventV2<'a>>,
    /// The last member, see [`encode`]. Never empty.
    attributes: Members<'a>,
}

#[derive(Serialize)]
struct Context {
    span_id: String,
    trace_id: String,
}

#[derive(Serialize)]
struct EventV2<'a> {
    name: &'a str,
    timestamp: u64,
    attributes: Members<'a>,
}

#[derive(Serialize)]
struct SpanV3<'a> {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    name: &'a str,
    start_time_unix_nano: u64,
    end_time_unix_nano: u64,
    events: Vec<EventV3<'a>>,
    status: StatusV3<'a>,
    links: [(); 0],
    attributes: Members<'a>,
}

#[derive(Serialize)]
struct EventV3<'a> {
    name: &'a str,
    time_unix_nano: u64,
    attributes: Members<'a>,
}

#[derive(Serialize)]
struct StatusV3<'a> {
    code: &'static str,
    message: &'a str,
}

#[cfg(test)]
mod tests;
