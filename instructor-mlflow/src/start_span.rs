//! Spans that the program opens itself, with names that it makes.

use std::error::Error;
use std::panic::Location;

use serde::Serialize;
use serde_json::json;
use tracing::instrument::{Instrument, Instrumented};
use tracing::{Span, info_span};

use crate::open_span::{nearest, with_span};
use crate::span::{SpanDetails, SpanEvent, SpanId, TraceId, UserSpan};
use crate::span_type::SpanType;
use crate::tree::OpenSpan;

/// The target of the spans: one that `instructor=info` lets pass, and other spans do not have.
pub(crate) const TARGET: &str = "instructor::span";

/// The field that holds the name of a span where the metadata do not.
pub(crate) const NAME: &str = "otel.name";

/// Starts a span named `name` below the current `tracing` span, or as the root of a new trace.
///
/// It is an ordinary `tracing` span, so whatever runs inside it is below it: calls of this framework, functions with
/// `#[tracing::instrument]`, other started spans. But its name need not be a constant, it has MLflow's inputs, outputs
/// and types, and it is sent even if no call is made inside.
///
/// ```
/// use instructor_mlflow::{SpanType, start_span};
///
/// # fn search(query: &str) -> Vec<String> { vec![query.to_owned()] }
/// let query = "parcel";
/// let span = start_span(format!("search {query}"))
///     .span_type(SpanType::Retriever)
///     .inputs(&serde_json::json!({ "query": query }));
/// let documents = span.in_scope(|| search(query));
/// span.set_outputs(&documents);
/// // It ends when it is dropped.
/// ```
#[track_caller]
pub fn start_span(name: impl AsRef<str>) -> LiveSpan {
    // `tracing-opentelemetry` knows the name of this field, too.
    let span = info_span!(target: TARGET, "span", otel.name = name.as_ref());
    let live = LiveSpan::of(span);
    let place = Location::caller();
    live.change(|details| details.place = Some(place));
    live
}

/// The current `tracing` span, if it is one of yours: to say more about a function with `#[tracing::instrument]` than its
/// fields do.
///
/// Inside of a call, where the current span is one of this framework's, and where nothing is recorded, its methods do
/// nothing. The span does not end when what this returns is dropped.
///
/// ```
/// # use instructor_mlflow::{SpanType, current_span};
/// #[tracing::instrument(skip_all)]
/// fn search(query: &str) -> Vec<String> {
///     let documents = vec![query.to_owned()];
///     let span = current_span().span_type(SpanType::Retriever);
///     span.set_inputs(&query);
///     span.set_outputs(&documents); // as JSON, where `ret` gives the `Debug` text
///     documents
/// }
/// ```
pub fn current_span() -> LiveSpan {
    LiveSpan::of(Span::current())
}

/// A span that [`start_span`] started, or the [`current_span`]. One that was started ends when it is dropped, or by [`LiveSpan::end`], and
/// the futures that it was given to are.
///
/// Where nothing is recorded, because tracing is off or sampling left the trace out, its methods do nothing: values are
/// not even serialized.
#[derive(Debug)]
#[must_use = "the span ends when it is dropped: keep it in a variable while it lasts"]
pub struct LiveSpan {
    span: Span,
    is_recorded: bool,
}

impl LiveSpan {
    fn of(span: Span) -> Self {
        let is_recorded = with_span(&span, |span| {
            let extensions = span.extensions();
            extensions.get::<OpenSpan>()?;
            extensions.get::<UserSpan>().map(|_| ())
        });
        LiveSpan {
            span,
            is_recorded: is_recorded.is_some(),
        }
    }

    /// Says what the span does. Default: [`SpanType::Chain`] around calls, else [`SpanType::Unknown`].
    pub fn span_type(self, span_type: impl Into<SpanType>) -> Self {
        let span_type = span_type.into();
        self.change(|details| details.span_type = Some(span_type));
        self
    }

    /// Says what goes in: see [`set_inputs`](LiveSpan::set_inputs).
    pub fn inputs(self, inputs: &(impl Serialize + ?Sized)) -> Self {
        self.set_inputs(inputs);
        self
    }

    /// Says something else: see [`set_attribute`](LiveSpan::set_attribute).
    pub fn attribute(self, key: impl Into<String>, value: impl Serialize) -> Self {
        self.set_attribute(key, value);
        self
    }

    /// Says what goes in. The value is written as JSON, on this thread; it is not cut. For a root it is the request that
    /// the list of traces shows.
    pub fn set_inputs(&self, inputs: &(impl Serialize + ?Sized)) {
        self.record(inputs, |details, json| details.inputs = Some(json));
    }

    /// Says what comes out. For a root it is the response that the list of traces shows.
    pub fn set_outputs(&self, outputs: &(impl Serialize + ?Sized)) {
        self.record(outputs, |details, json| details.outputs = Some(json));
    }

    /// Says something else; what was said of `key` before is forgotten.
    ///
    /// Keys of MLflow's, such as `mlflow.llm.model`, mean what they mean to MLflow.
    pub fn set_attribute(&self, key: impl Into<String>, value: impl Serialize) {
        let key = key.into();
        self.record(&value, |details, json| {
            details.attributes.retain(|(known, _)| *known != key);
            details.attributes.push((key, json));
        });
    }

    /// Notes that something happened now. `attributes` is anything that serde writes as an object, or `()`.
    ///
    /// ```
    /// let span = instructor_mlflow::start_span("look up");
    /// span.add_event("cache", &serde_json::json!({ "hit": true }));
    /// ```
    pub fn add_event(&self, name: impl Into<String>, attributes: &(impl Serialize + ?Sized)) {
        if !self.is_recorded {
            return;
        }
        let name = name.into();
        let attributes = to_json(attributes);
        with_span(&self.span, |span| {
            let mut extensions = span.extensions_mut();
            let time = extensions.get_mut::<OpenSpan>()?.now();
            let user = extensions.get_mut::<UserSpan>()?;
            let details = user.details.get_or_insert_default();
            details.events.push(SpanEvent {
                name,
                time,
                attributes,
            });
            Some(())
        });
    }

    /// Notes an error, and that the span failed because of it.
    pub fn record_exception<E: Error + ?Sized>(&self, error: &E) {
        if !self.is_recorded {
            return;
        }
        let message = error.to_string();
        let attributes = json!({
            "exception.type": std::any::type_name::<E>(),
            "exception.message": message,
        });
        self.add_event("exception", &attributes);
        self.set_error(message);
    }

    /// Says that the span failed, and why. A span that nobody says this of is fine.
    pub fn set_error(&self, message: impl Into<String>) {
        let message = message.into();
        self.change(|details| details.error = Some(message));
    }

    /// Runs `action` inside the span.
    pub fn in_scope<R>(&self, action: impl FnOnce() -> R) -> R {
        self.span.in_scope(action)
    }

    /// Runs `future` inside the span. The span ends when both are dropped.
    pub fn instrument<F: Future>(&self, future: F) -> Instrumented<F> {
        future.instrument(self.span.clone())
    }

    /// Ends the span.
    pub fn end(self) {}

    /// The `tracing` span itself, for example as the `parent:` of another one.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Whether the span is recorded.
    pub fn is_recorded(&self) -> bool {
        self.is_recorded
    }

    /// The trace that it belongs to, if it is recorded.
    pub fn trace_id(&self) -> Option<TraceId> {
        with_span(&self.span, |span| nearest(&span, OpenSpan::trace_id)?.ok())
    }

    /// The id of the span, if it is recorded.
    pub fn id(&self) -> Option<SpanId> {
        with_span(&self.span, |span| nearest(&span, OpenSpan::id)?.ok())
    }

    /// Writes the value before the span is locked: writing it runs code of the user's.
    fn record(
        &self,
        value: &(impl Serialize + ?Sized),
        set: impl FnOnce(&mut SpanDetails, String),
    ) {
        if self.is_recorded {
            let json = to_json(value);
            self.change(|details| set(details, json));
        }
    }

    fn change(&self, change: impl FnOnce(&mut SpanDetails)) {
        if !self.is_recorded {
            return;
        }
        with_span(&self.span, |span| {
            let mut extensions = span.extensions_mut();
            let user = extensions.get_mut::<UserSpan>()?;
            change(user.details.get_or_insert_default());
            Some(())
        });
    }
}

impl Drop for LiveSpan {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.change(|details| {
                details.error.get_or_insert_with(|| "panicked".to_owned());
            });
        }
    }
}

/// The JSON text of `value`; what is in the way, if it cannot be written.
fn to_json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| {
        json!(format!("this cannot be written as JSON: {error}")).to_string()
    })
}
