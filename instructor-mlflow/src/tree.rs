//! Open spans, and the rule by which finished ones travel.
//!
//! A finished span moves into its parent, until it meets a span that is handed over:
//!
//! * A `create` outside any other call is handed over when it closes, with everything below it.
//! * A span of the user's is handed over when it closes, if a traced call was made inside; otherwise it moves on to its
//!   parent, and is forgotten at the root.
//!
//! So a long-lived span of the user's never holds the calls made inside it, and a trace without a call is never sent.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use instructor_core::Usage;
use tracing::Metadata;

use crate::span::{Content, FinishedSpan, Frame, SpanId, TraceId};

/// How many finished spans without a call an open span of the user's keeps; later ones are forgotten.
pub(crate) const MAX_WAITING_SPANS: usize = 256;

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
    fn begin() -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Trace {
            id: TraceId::random(),
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
    /// A span of this framework, not of the user's.
    is_call: bool,
    /// Below a span of this framework: it waits for that one when it closes.
    in_call: bool,
    /// A traced call below was handed over already.
    has_calls: bool,
    usage: Option<Usage>,
    finished: Vec<FinishedSpan>,
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
    /// The root of a new trace; `is_call` for a span of this framework.
    pub(crate) fn root(is_call: bool) -> Self {
        let trace = Trace::begin();
        OpenSpan {
            id: SpanId::random(),
            parent: None,
            started: trace.opened_at,
            trace,
            is_call,
            in_call: false,
            has_calls: false,
            usage: None,
            finished: Vec::new(),
        }
    }

    /// A span below this one; `is_call` for a span of this framework.
    pub(crate) fn child(&self, is_call: bool) -> Self {
        OpenSpan {
            trace: self.trace,
            id: SpanId::random(),
            parent: Some(self.id),
            started: self.trace.now(),
            is_call,
            in_call: self.in_call || self.is_call,
            has_calls: false,
            usage: None,
            finished: Vec::new(),
        }
    }

    /// Whether the span is a whole call or a span of the user's, and not a step of a call.
    pub(crate) fn is_outermost(&self) -> bool {
        !self.in_call
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
        if self.in_call || !(self.is_call || self.has_calls) {
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
            },
            usage: self.usage,
        }
    }

    /// A child with a traced call was handed over.
    pub(crate) fn note_call(&mut self, usage: Option<Usage>) {
        self.has_calls = true;
        add(&mut self.usage, usage);
    }

    /// A child moved in. Within a call everything is kept, since a call ends; elsewhere [`MAX_WAITING_SPANS`] are.
    pub(crate) fn adopt(&mut self, mut finished: Vec<FinishedSpan>, usage: Option<Usage>) {
        add(&mut self.usage, usage);
        if self.finished.is_empty() {
            self.finished = finished;
            return;
        }
        if self.in_call || self.is_call || self.finished.len() < MAX_WAITING_SPANS {
            self.finished.append(&mut finished);
        }
    }
}

fn add(total: &mut Option<Usage>, usage: Option<Usage>) {
    if let Some(usage) = usage {
        *total = Some(total.unwrap_or_default() + usage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::UserSpan;

    fn metadata() -> &'static Metadata<'static> {
        crate::filter::probe_metadata()
    }

    fn close(span: OpenSpan, usage: Option<Usage>) -> Closed {
        span.close(metadata(), usage, |_| Content::User(UserSpan::default()))
    }

    /// Closes `child` into `parent` as the layer does; the frame, if there is one.
    fn close_into(child: OpenSpan, usage: Option<Usage>, parent: &mut OpenSpan) -> Option<Frame> {
        match close(child, usage) {
            Closed::HandOver { frame, usage } => {
                parent.note_call(usage);
                Some(frame)
            }
            Closed::Wait { finished, usage } => {
                parent.adopt(finished, usage);
                None
            }
        }
    }

    #[test]
    fn a_call_is_handed_over_whole_when_it_closes() {
        let mut create = OpenSpan::root(true);
        for _ in 0..2 {
            let chat = create.child(true);
            assert!(close_into(chat, Some(Usage::new(10, 2)), &mut create).is_none());
        }
        let Closed::HandOver { frame, .. } = close(create, None) else {
            panic!("a call is complete when it closes");
        };
        assert_eq!(frame.spans.len(), 3);
        assert_eq!(frame.usage, Some(Usage::new(20, 4)));
        let root = frame.root().expect("the call is the root");
        assert!(
            frame
                .spans
                .iter()
                .take(2)
                .all(|chat| chat.parent == Some(root.id))
        );
    }

    #[test]
    fn a_call_under_an_open_span_of_the_users_does_not_wait_for_it() {
        let mut main = OpenSpan::root(false);
        let mut create = main.child(true);
        let chat = create.child(true);
        close_into(chat, Some(Usage::new(10, 2)), &mut create);
        let call = close_into(create, None, &mut main).expect("handed over at once");
        assert!(call.root().is_none());
        assert_eq!(call.usage, None, "only the root knows what the trace used");

        let Closed::HandOver { frame, .. } = close(main, None) else {
            panic!("the root follows when it closes");
        };
        assert_eq!(frame.trace_id, call.trace_id);
        assert_eq!(frame.spans.len(), 1);
        assert_eq!(frame.usage, Some(Usage::new(10, 2)));
    }

    #[test]
    fn a_trace_without_a_call_is_never_handed_over() {
        let mut main = OpenSpan::root(false);
        let query = main.child(false);
        assert!(close_into(query, None, &mut main).is_none());
        assert!(matches!(close(main, None), Closed::Wait { .. }));
    }

    #[test]
    fn a_span_between_root_and_call_is_handed_over_with_its_siblings_kept() {
        let mut main = OpenSpan::root(false);
        let query = main.child(false);
        close_into(query, None, &mut main);
        let mut extract = main.child(false);
        let create = extract.child(true);
        close_into(create, None, &mut extract);
        assert!(close_into(extract, None, &mut main).is_some());
        let Closed::HandOver { frame, .. } = close(main, None) else {
            panic!("a call was made inside");
        };
        assert_eq!(frame.spans.len(), 2, "the query and the root");
    }

    #[test]
    fn an_open_root_keeps_a_bounded_number_of_spans() {
        let mut main = OpenSpan::root(false);
        for _ in 0..MAX_WAITING_SPANS * 4 {
            let query = main.child(false);
            close_into(query, None, &mut main);
        }
        assert_eq!(main.finished.len(), MAX_WAITING_SPANS);
    }
}
