//! Open spans, and the rule by which finished ones travel.
//!
//! A finished span moves into its parent, until it meets a span that is handed over:
//!
//! * A `create` outside any other call is handed over when it closes, with everything below it.
//! * A span of the user's is handed over when it closes, if a traced call was made inside; otherwise it moves on to its
//!   parent, and is forgotten at the root.
//! * A span that was started with `start_span` is wanted for its own sake: it is handed over when it closes, unless its
//!   parent is another one, with which it travels.
//!
//! So a long-lived span of the user's never holds the calls made inside it, and a trace without a call is never sent
//! unless somebody asked for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use instructor_core::Usage;
use instructor_core::trace::TARGET;
use tracing::Metadata;

use crate::fields::FieldValue;
use crate::notes::TraceNotes;
use crate::span::{Ancestor, Content, FinishedSpan, Frame, SpanId, TraceId, UserSpan};
use crate::start_span;
use crate::trace_context::TraceContext;

/// How many finished spans an open span of the user's keeps. Later ones without a call are forgotten; below a span that
/// was started with `start_span`, they are handed over first.
pub(crate) const MAX_WAITING_SPANS: usize = 256;

/// Who opened a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// This framework.
    Call,
    /// The user, for any `tracing` subscriber.
    User,
    /// The user, with `start_span`.
    Started,
}

impl Kind {
    pub(crate) fn of(metadata: &Metadata<'_>) -> Kind {
        match metadata.target() {
            TARGET => Kind::Call,
            start_span::TARGET => Kind::Started,
            _ => Kind::User,
        }
    }
}

/// What every span of a trace shares.
#[derive(Debug, Clone, Copy)]
struct Trace {
    id: TraceId,
    /// The two readings of one moment. All times of the trace are counted from it, so that a step of the wall clock
    /// cannot tear parent and child apart.
    opened_at: u64,
    opened: Instant,
}

impl Trace {
    fn begin(id: TraceId) -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Trace {
            id,
            opened_at: since_1970.as_nanos().try_into().unwrap_or(u64::MAX),
            opened: Instant::now(),
        }
    }

    fn now(&self) -> u64 {
        let passed = self.opened.elapsed().as_nanos();
        self.opened_at
            .saturating_add(passed.try_into().unwrap_or(u64::MAX))
    }
}

/// A span that is open. It lives in the extensions of the `tracing` span.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    trace: Trace,
    id: SpanId,
    parent: Option<SpanId>,
    started: u64,
    kind: Kind,
    /// Below a span of this framework: it waits for that one when it closes.
    in_call: bool,
    /// Its parent was started with `start_span`.
    in_started: bool,
    /// A traced call below was handed over already, or a span that is wanted for its own sake.
    has_calls: bool,
    has_children: AtomicBool,
    usage: Option<Usage>,
    finished: Vec<FinishedSpan>,
    /// What was said of the trace; of the first span only.
    notes: Option<Box<TraceNotes>>,
}

/// What becomes of a span that closes.
#[derive(Debug)]
pub(crate) enum Closed {
    /// It is complete: hand it over, and tell the parent with [`OpenSpan::note_call`].
    HandOver { frame: Frame, usage: Option<Usage> },
    /// It moves into its parent, by [`OpenSpan::adopt`].
    Wait {
        finished: Vec<FinishedSpan>,
        usage: Option<Usage>,
    },
}

impl OpenSpan {
    /// The root of the new trace `id`.
    pub(crate) fn root(kind: Kind, id: TraceId) -> Self {
        let trace = Trace::begin(id);
        OpenSpan {
            id: SpanId::random(),
            parent: None,
            started: trace.opened_at,
            trace,
            kind,
            in_call: false,
            in_started: false,
            has_calls: false,
            has_children: AtomicBool::new(false),
            usage: None,
            finished: Vec::new(),
            notes: None,
        }
    }

    /// The first span here of a trace that another program began.
    pub(crate) fn below(kind: Kind, context: &TraceContext) -> Self {
        let mut span = OpenSpan::root(kind, context.trace_id());
        span.continue_from(context);
        span
    }

    /// A span below this one.
    pub(crate) fn child(&self, kind: Kind) -> Self {
        self.has_children.store(true, Ordering::Relaxed);
        OpenSpan {
            trace: self.trace,
            id: SpanId::random(),
            parent: Some(self.id),
            started: self.trace.now(),
            kind,
            in_call: self.in_call || self.kind == Kind::Call,
            in_started: self.kind == Kind::Started,
            has_calls: false,
            has_children: AtomicBool::new(false),
            usage: None,
            finished: Vec::new(),
            notes: None,
        }
    }

    pub(crate) fn trace_id(&self) -> TraceId {
        self.trace.id
    }

    pub(crate) fn id(&self) -> SpanId {
        self.id
    }

    /// Nanoseconds since 1970, by the clock of the trace.
    pub(crate) fn now(&self) -> u64 {
        self.trace.now()
    }

    /// Whether the trace can still become part of another one: nothing else knows its id.
    pub(crate) fn can_be_adopted(&self) -> bool {
        self.parent.is_none() && !self.has_children.load(Ordering::Relaxed)
    }

    /// Becomes part of the trace that `context` names.
    pub(crate) fn continue_from(&mut self, context: &TraceContext) {
        self.trace.id = context.trace_id();
        self.parent = Some(context.parent());
    }

    /// Adds to what is known of the trace; `self` is its first span. Returns the id of the trace.
    pub(crate) fn note(&mut self, notes: TraceNotes) -> TraceId {
        self.notes.get_or_insert_default().update(notes);
        self.trace.id
    }

    /// What is known of the trace from its beginning.
    pub(crate) fn set_notes(&mut self, notes: Option<Box<TraceNotes>>) {
        self.notes = notes;
    }

    /// Whether the span is a whole call or a span of the user's, and not a step of a call.
    pub(crate) fn is_outermost(&self) -> bool {
        !self.in_call
    }

    /// The span, which is open, as frames below it have it. `user` is what else is known of it.
    pub(crate) fn as_ancestor(
        &self,
        metadata: &'static Metadata<'static>,
        user: Option<&UserSpan>,
    ) -> Ancestor {
        let details = user.and_then(|user| user.details.as_ref());
        Ancestor {
            id: self.id,
            parent: self.parent,
            started: self.started,
            name: match user.and_then(|user| user.fields.get(start_span::NAME)) {
                Some(FieldValue::Text(name)) => name.clone().into(),
                _ => metadata.name().into(),
            },
            metadata,
            place: details.and_then(|details| details.place),
            notes: self.notes.clone(),
        }
    }

    /// Closes the span. `usage` is what this span alone used; `content` what it learned, made from whether calls were
    /// seen.
    pub(crate) fn close(
        mut self,
        metadata: &'static Metadata<'static>,
        usage: Option<Usage>,
        content: impl FnOnce(bool) -> Content,
    ) -> Closed {
        add(&mut self.usage, usage);
        self.finished.push(FinishedSpan {
            id: self.id,
            parent: self.parent,
            started: self.started,
            ended: self.trace.now(),
            metadata,
            content: content(self.has_calls),
        });
        let is_wanted = self.has_calls
            || match self.kind {
                Kind::Call => true,
                Kind::Started => !self.in_started,
                Kind::User => false,
            };
        if self.in_call || !is_wanted {
            return Closed::Wait {
                finished: self.finished,
                usage: self.usage,
            };
        }
        Closed::HandOver {
            frame: Frame {
                trace_id: self.trace.id,
                usage: self.usage.filter(|_| self.parent.is_none()),
                spans: self.finished,
                notes: self.notes,
                ancestors: Vec::new(),
            },
            usage: self.usage,
        }
    }

    /// A child with a traced call was handed over.
    pub(crate) fn note_call(&mut self, usage: Option<Usage>) {
        self.has_calls = true;
        add(&mut self.usage, usage);
    }

    /// A child moved in. Within a call everything is kept, since a call ends; elsewhere [`MAX_WAITING_SPANS`] are. The
    /// frame is what must be handed over, because it is wanted and too much to keep.
    pub(crate) fn adopt(
        &mut self,
        mut finished: Vec<FinishedSpan>,
        usage: Option<Usage>,
    ) -> Option<Frame> {
        add(&mut self.usage, usage);
        if self.finished.is_empty() {
            self.finished = finished;
            return None;
        }
        let has_room =
            self.in_call || self.kind == Kind::Call || self.finished.len() < MAX_WAITING_SPANS;
        if has_room {
            self.finished.append(&mut finished);
            return None;
        }
        (self.kind == Kind::Started).then(|| Frame {
            trace_id: self.trace.id,
            spans: std::mem::replace(&mut self.finished, finished),
            usage: None,
            notes: None,
            ancestors: Vec::new(),
        })
    }
}

fn add(total: &mut Option<Usage>, usage: Option<Usage>) {
    if let Some(usage) = usage {
        *total = Some(total.unwrap_or_default() + usage);
    }
}

#[cfg(test)]
mod tests;
