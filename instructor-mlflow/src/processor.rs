//! Functions of the user's that see each span before it is sent, to take out what nobody must see.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::{Dispatch, dispatcher};

use crate::notice::{Notice, Notices};
use crate::record;
use crate::span::TraceId;
use crate::span_draft::{SPAN_TYPE, SpanDraft};
use crate::trace_info::{Previews, WITHHELD};
use crate::wire::{KeyValue, Span};

/// A function of the user's.
pub(crate) type Processor = Arc<dyn Fn(&mut SpanDraft) + Send + Sync>;

/// The span processors, in the order in which they were given.
pub(crate) struct Processors {
    list: Vec<Processor>,
    notices: Notices,
    withheld: AtomicU64,
}

impl fmt::Debug for Processors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Processors")
            .field("count", &self.list.len())
            .field("withheld", &self.withheld())
            .finish_non_exhaustive()
    }
}

impl Processors {
    pub(crate) fn new(list: Vec<Processor>, notices: Notices) -> Self {
        Processors {
            list,
            notices,
            withheld: AtomicU64::new(0),
        }
    }

    /// The same, for another process.
    pub(crate) fn with_notices(&self, notices: Notices) -> Self {
        Processors::new(self.list.clone(), notices)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many spans were sent without their content.
    pub(crate) fn withheld(&self) -> u64 {
        self.withheld.load(Ordering::Relaxed)
    }

    /// Runs them on `span`, which stands for `source`. Whatever a processor that panics has left of the span is not sent:
    /// it may not have come to what it was to take out.
    pub(crate) fn run(
        &self,
        source: &record::Span<'_>,
        trace_id: TraceId,
        span: &mut Span,
        previews: &mut Previews,
    ) {
        if let Err(Panicked) = self.process(source, trace_id, span, previews) {
            self.withheld.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The same for a span that is still open, of which only the name and what was said of the trace is known. It is not sent now.
    pub(crate) fn run_on_open(
        &self,
        source: &record::Span<'_>,
        trace_id: TraceId,
        span: &mut Span,
        previews: &mut Previews,
    ) {
        let _ = self.process(source, trace_id, span, previews);
    }

    fn process(
        &self,
        source: &record::Span<'_>,
        trace_id: TraceId,
        span: &mut Span,
        previews: &mut Previews,
    ) -> Result<(), Panicked> {
        if self.list.is_empty() {
            return Ok(());
        }
        let mut draft = SpanDraft::new(source, trace_id, span, previews);
        let run = || {
            for processor in &self.list {
                processor(&mut draft);
            }
            draft
        };
        // A call or a span in a processor would be the next thing to process, and so on.
        let run = || dispatcher::with_default(&Dispatch::none(), run);
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(draft) => {
                draft.apply(span, previews);
                Ok(())
            }
            Err(_) => {
                self.notices.say(&Notice::Withheld);
                withhold(source, span, previews);
                Err(Panicked)
            }
        }
    }
}

/// A processor did, and the span is without its content.
struct Panicked;

/// Takes out everything that the program said.
fn withhold(source: &record::Span<'_>, span: &mut Span, previews: &mut Previews) {
    source.name.as_ref().clone_into(&mut span.name);
    span.attributes
        .retain(|attribute| attribute.key == SPAN_TYPE);
    let reason = "a span processor panicked";
    span.attributes.push(KeyValue::new(WITHHELD, reason));
    span.events.clear();
    if let Some(status) = &mut span.status {
        status.message.clear();
    }
    *previews = Previews::default();
}
