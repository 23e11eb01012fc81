//! The `tracing` layer: from open spans to frames.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use instructor_core::trace::{CHAT, Recording, TARGET};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::fields::{Fields, Outcome};
use crate::filter::{CallFilter, spans_are_enabled};
use crate::notice::Notice;
use crate::process::Pipeline;
use crate::span::{Content, UserSpan};
use crate::tree::{Closed, OpenSpan};

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
        let is_call = is_call(attributes.metadata());
        let open = span
            .parent()
            .and_then(|parent| {
                let extensions = parent.extensions();
                Some(extensions.get::<OpenSpan>()?.child(is_call))
            })
            .unwrap_or_else(|| OpenSpan::root(is_call));
        if is_call {
            let mut extensions = span.extensions_mut();
            extensions.replace(open);
            // The slot that core fills.
            extensions.replace(Recording::default());
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
            // Cloned, since another layer may read the slot as well.
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
                self.pipeline.sink.accept(frame);
            }
            Closed::Wait { finished, usage } => {
                with_parent(&span, |parent| parent.adopt(finished, usage));
            }
        }
    }
}

fn with_parent<'lookup, R: LookupSpan<'lookup>>(
    span: &tracing_subscriber::registry::SpanRef<'lookup, R>,
    change: impl FnOnce(&mut OpenSpan),
) {
    if let Some(parent) = span.parent()
        && let Some(open) = parent.extensions_mut().get_mut::<OpenSpan>()
    {
        change(open);
    }
}
