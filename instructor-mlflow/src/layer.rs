//! The `tracing` layer: from open spans to frames.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use instructor_core::trace::{CHAT, Recording, TARGET};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{Extensions, LookupSpan, SpanRef};

use crate::fields::{Fields, Outcome};
use crate::filter::{CallFilter, spans_are_enabled};
use crate::notice::Notice;
use crate::open_span::{SampledOut, Untraced};
use crate::process::Pipeline;
use crate::scope::Beginning;
use crate::span::{Ancestor, Content, Frame, TraceId, UserSpan};
use crate::tree::{Closed, Kind, OpenSpan};
use crate::{current, sampling, scope};

/// The layer together with the filter it brings along: what [`LayerBuilder::build`](crate::LayerBuilder::build) gives.
///
/// `S` is the subscriber below it; the compiler finds it out.
pub type MlflowLayer<S> = Filtered<CallLayer, CallFilter, S>;

/// Collects the spans of calls and of the user's functions around them, and hands finished calls to a
/// [`Sink`](crate::Sink).
#[derive(Debug)]
pub struct CallLayer {
    pipeline: Arc<Pipeline>,
}

impl CallLayer {
    pub(crate) fn new(pipeline: Arc<Pipeline>) -> Self {
        CallLayer { pipeline }
    }

    /// A span below the one with these `extensions`, which may be none of a trace.
    fn open_below(&self, kind: Kind, parent: &Extensions<'_>) -> Result<OpenSpan, LeftOut> {
        match parent.get::<OpenSpan>() {
            Some(parent) => Ok(parent.child(kind)),
            None if parent.get::<Untraced>().is_some() => Err(LeftOut::Parent),
            None => self.begin(kind),
        }
    }

    /// The first span of a trace, in this process at least.
    fn begin(&self, kind: Kind) -> Result<OpenSpan, LeftOut> {
        if !sampling::is_enabled() {
            return Err(LeftOut::Disabled);
        }
        let Beginning { notes, remote } = scope::beginning();
        let mut open = match remote {
            Some(context) if context.is_sampled() => OpenSpan::below(kind, &context),
            Some(_) => return Err(LeftOut::Elsewhere),
            None => {
                let id = TraceId::random();
                if !self.pipeline.sampler.keeps(id) {
                    return Err(LeftOut::Sampling);
                }
                OpenSpan::root(kind, id)
            }
        };
        open.set_notes(notes);
        Ok(open)
    }

    /// Hands over a frame whose last span is below `parent`.
    fn hand_over<'lookup, R: LookupSpan<'lookup>>(
        &self,
        mut frame: Frame,
        parent: Option<&SpanRef<'lookup, R>>,
    ) {
        frame.ancestors = parent.map(ancestors).unwrap_or_default();
        current::set_last(frame.trace_id);
        self.pipeline.sink.accept(frame);
    }
}

/// Why a span is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LeftOut {
    /// The one above it is not.
    Parent,
    /// A [`TraceScope`](crate::TraceScope) says so.
    Scope,
    /// [`disable`](crate::disable) said so.
    Disabled,
    /// The program that began the trace does not record it.
    Elsewhere,
    /// The trace is not in the sample.
    Sampling,
}

fn is_call(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET
}

/// Fields are recorded before the extensions of a span are locked: recording runs the `Debug` of the user, who may use
/// the same extensions.
impl<S> tracing_subscriber::Layer<S> for CallLayer
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        self.pipeline.registered.store(true, Ordering::Release);
        if !spans_are_enabled(subscriber) {
            self.pipeline.notices.say(&Notice::Hidden);
        }
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let kind = Kind::of(attributes.metadata());
        let open = match span.parent() {
            _ if scope::is_off() => Err(LeftOut::Scope),
            Some(parent) => self.open_below(kind, &parent.extensions()),
            None => self.begin(kind),
        };
        let open = match open {
            Ok(open) => open,
            Err(reason) => {
                let mut extensions = span.extensions_mut();
                extensions.replace(Untraced);
                if reason == LeftOut::Sampling {
                    extensions.replace(SampledOut);
                }
                return;
            }
        };
        if kind == Kind::Call {
            let mut extensions = span.extensions_mut();
            extensions.replace(open);
            Recording::ask(&mut extensions);
            return;
        }
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let mut extensions = span.extensions_mut();
        extensions.replace(open);
        extensions.replace(UserSpan {
            fields,
            ..UserSpan::default()
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id).filter(|span| !is_call(span.metadata())) else {
            return;
        };
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(user) = span.extensions_mut().get_mut::<UserSpan>() {
            user.fields.update(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let span = context.event_span(event);
        let Some(span) = span.filter(|span| !is_call(span.metadata())) else {
            return;
        };
        let mut outcome = Outcome::default();
        event.record(&mut outcome);
        if let Some(user) = span.extensions_mut().get_mut::<UserSpan>() {
            user.output = outcome.output.or(user.output.take());
            user.error = outcome.error.or(user.error.take());
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let metadata = span.metadata();
        let mut extensions = span.extensions_mut();
        let Some(open) = extensions.remove::<OpenSpan>() else {
            return;
        };
        let closed = if is_call(metadata) {
            // Cloned, since another layer may read it as well.
            let Some(recording) = extensions.get_mut::<Recording>().map(|slot| slot.clone()) else {
                return;
            };
            if open.is_outermost() && !self.pipeline.providers.trace(&recording) {
                return;
            }
            // Of a call the sum is known too, but only what single requests used adds up.
            let usage = recording.usage.filter(|_| metadata.name() == CHAT);
            open.close(metadata, usage, |_| Content::Call(Box::new(recording)))
        } else {
            let user = extensions.remove::<UserSpan>().unwrap_or_default();
            open.close(metadata, None, |has_calls| {
                Content::User(UserSpan { has_calls, ..user })
            })
        };
        drop(extensions);

        match closed {
            Closed::HandOver { frame, usage } => {
                with_parent(&span, |parent| parent.note_call(usage));
                self.hand_over(frame, span.parent().as_ref());
            }
            Closed::Wait { finished, usage } => {
                let frame = with_parent(&span, |parent| parent.adopt(finished, usage));
                if let Some(frame) = frame.flatten() {
                    self.hand_over(frame, span.parent().as_ref());
                }
            }
        }
    }
}

/// How many open spans are told of with a frame below them. Functions that call themselves may have any number.
const MAX_ANCESTORS: usize = 64;

/// A span and those around it, as far as they are part of the trace; of too many only the innermost and the outermost.
fn ancestors<'lookup, R: LookupSpan<'lookup>>(innermost: &SpanRef<'lookup, R>) -> Vec<Ancestor> {
    let ancestor = |span: SpanRef<'lookup, R>| {
        let extensions = span.extensions();
        let open = extensions.get::<OpenSpan>()?;
        Some(open.as_ancestor(span.metadata(), extensions.get::<UserSpan>()))
    };
    let mut around = innermost.scope().map_while(ancestor);
    let mut ancestors: Vec<Ancestor> = around.by_ref().take(MAX_ANCESTORS - 1).collect();
    ancestors.extend(around.last());
    ancestors
}

fn with_parent<'lookup, R: LookupSpan<'lookup>, T>(
    span: &SpanRef<'lookup, R>,
    change: impl FnOnce(&mut OpenSpan) -> T,
) -> Option<T> {
    let parent = span.parent()?;
    let mut extensions = parent.extensions_mut();
    extensions.get_mut::<OpenSpan>().map(change)
}
