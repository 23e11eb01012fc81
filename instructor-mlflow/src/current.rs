//! Saying something about the trace that is being made.

use std::sync::{Mutex, PoisonError};

use tracing::Span;

use crate::notes::{TraceNotes, TraceState};
use crate::open_span::{change_root, nearest, with_span};
use crate::span::TraceId;

/// Says something about the trace of the current `tracing` span: tags, a session, a user, metadata, previews.
///
/// It works anywhere inside: in a function with `#[tracing::instrument]`, in a [`LiveSpan`](crate::LiveSpan), in a rule
/// or a hook of a call, and also after parts of the trace have been sent. What is said twice counts as said last. A call
/// that has no span around it is over when it returns its value: give it what it needs with a
/// [`TraceScope`](crate::TraceScope).
///
/// Nothing reaches the server before the root of the trace has closed.
///
/// ```
/// #[tracing::instrument(ret)]
/// async fn answer(session: &str, mail: String) -> String {
///     instructor_mlflow::update_current_trace()
///         .session_id(session)
///         .user("ann")
///         .tag("team", "growth")
///         .metadata("release", "2.4.1")
///         .apply();
///     // ... calls ...
///     mail
/// }
/// ```
pub fn update_current_trace() -> TraceUpdate {
    TraceUpdate {
        notes: TraceNotes::default(),
    }
}

/// What [`update_current_trace`] is to say; [`TraceUpdate::apply`] says it.
#[derive(Debug, Clone)]
#[must_use = "nothing is said before `.apply()`"]
pub struct TraceUpdate {
    notes: TraceNotes,
}

impl TraceUpdate {
    /// Sets a tag, which can be changed later. Servers keep 250 characters of the key and 4096 of the value.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.notes.tags.insert(key.into(), value.into());
        self
    }

    /// Sets several tags.
    pub fn tags<K: Into<String>, V: Into<String>>(
        mut self,
        tags: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let tags = tags.into_iter();
        self.notes
            .tags
            .extend(tags.map(|(key, value)| (key.into(), value.into())));
        self
    }

    /// Sets metadata, which cannot be changed once the trace is finished. Every store keeps 250 characters of a value;
    /// databases keep 8000, to which it is cut.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.notes.metadata.insert(key.into(), value.into());
        self
    }

    /// Puts the trace into a session: the traces of one conversation.
    pub fn session_id(mut self, session: impl Into<String>) -> Self {
        self.notes.session = Some(session.into());
        self
    }

    /// Names the user who caused the trace.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.notes.user = Some(user.into());
        self
    }

    /// Sets the id by which your own system knows the request.
    pub fn client_request_id(mut self, id: impl Into<String>) -> Self {
        self.notes.client_request_id = Some(id.into());
        self
    }

    /// Sets what the list of traces shows as the request; of 1000 characters or less.
    pub fn request_preview(mut self, text: impl Into<String>) -> Self {
        self.notes.request_preview = Some(text.into());
        self
    }

    /// Sets what the list of traces shows as the response; of 1000 characters or less.
    pub fn response_preview(mut self, text: impl Into<String>) -> Self {
        self.notes.response_preview = Some(text.into());
        self
    }

    /// Says how the trace ended, whatever its root says.
    pub fn state(mut self, state: TraceState) -> Self {
        self.notes.state = Some(state);
        self
    }

    /// Links the trace to a logged model, by its id (`m-...`).
    pub fn model_id(self, id: impl Into<String>) -> Self {
        self.metadata("mlflow.modelId", id)
    }

    /// Says it, and returns the id of the trace.
    ///
    /// `None` if there is nothing to say it of: no span is current, or its trace is not recorded because tracing is off
    /// or sampling left it out. That is no error, since a program must run the same without traces.
    pub fn apply(self) -> Option<TraceId> {
        with_span(&Span::current(), |span| {
            change_root(&span, |root| root.note(self.notes))
        })
    }
}

/// The id of the trace that the current `tracing` span belongs to. `None` outside of one, or if it is not recorded.
pub fn current_trace_id() -> Option<TraceId> {
    with_span(&Span::current(), |span| {
        nearest(&span, |open| open.trace_id())?.ok()
    })
}

/// The trace that was handed over last.
static LAST: Mutex<Option<TraceId>> = Mutex::new(None);

/// The id of the trace to which the call that finished last belongs, in the whole process; for example to give feedback
/// on the call just made. Where calls run at the same time, take [`current_trace_id`] inside of a span instead.
///
/// ```
/// // ... a call ...
/// if let Some(trace) = instructor_mlflow::last_trace_id() {
///     println!("see {trace}");
/// }
/// ```
pub fn last_trace_id() -> Option<TraceId> {
    *LAST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers the trace of a frame that is handed over.
pub(crate) fn set_last(id: TraceId) {
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
}
