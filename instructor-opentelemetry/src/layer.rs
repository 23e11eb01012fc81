//! The `tracing` layer: from closed spans to numbers.

use std::time::Instant;

use instructor_core::trace::{CHAT, CREATE, Recording, TARGET, VALIDATE};
use opentelemetry::InstrumentationScope;
use opentelemetry::metrics::MeterProvider;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, Filtered};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::instruments::Instruments;

/// The layer together with its filter: what [`layer`] gives. The filter lets pass the spans of calls and nothing else, so that other
/// layers see what they saw before.
///
/// `S` is the subscriber below it; the compiler finds it out.
pub type MetricsLayer<S> = Filtered<CallMetrics, FilterFn<fn(&Metadata<'_>) -> bool>, S>;

/// A `tracing` layer that records the metrics of every call with a meter of `provider`.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// // Or that of an SDK, which is lent without the asterisk.
/// let provider = opentelemetry::global::meter_provider();
/// let subscriber = tracing_subscriber::registry().with(instructor_opentelemetry::layer(&*provider));
/// # let _ = subscriber;
/// ```
///
/// The global provider must have been set before. Any number of such layers, and that of MLflow, can be there at the same time.
pub fn layer<S>(provider: &dyn MeterProvider) -> MetricsLayer<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let scope = InstrumentationScope::builder("instructor")
        .with_version(env!("CARGO_PKG_VERSION"))
        .build();
    let layer = CallMetrics {
        instruments: Instruments::new(&provider.meter_with_scope(scope)),
    };
    let filter = FilterFn::new(is_call as fn(&Metadata<'_>) -> bool);
    layer.with_filter(filter.with_max_level_hint(LevelFilter::INFO))
}

fn is_call(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == TARGET
}

/// Records metrics when spans of calls close. Made by [`layer`].
#[derive(Debug)]
pub struct CallMetrics {
    instruments: Instruments,
}

/// When a span was opened. It stands in the span's extensions.
struct Opened(Instant);

impl<S> Layer<S> for CallMetrics
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, _attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut extensions = span.extensions_mut();
            Recording::ask(&mut extensions);
            extensions.replace(Opened(Instant::now()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        // Cloned, since nobody may hold the extensions while an SDK runs, which may use `tracing` itself.
        let extensions = span.extensions();
        let (Some(recording), Some(opened)) = (
            extensions.get::<Recording>().cloned(),
            extensions.get::<Opened>(),
        ) else {
            return;
        };
        let took = opened.0.elapsed();
        drop(extensions);

        match span.metadata().name() {
            CHAT => self.instruments.request(&recording, took),
            CREATE => self.instruments.call(&recording, took),
            VALIDATE if recording.errors.is_some() => {
                // The call that it is a step of knows who was asked for what.
                let call = span
                    .parent()
                    .and_then(|call| call.extensions().get::<Recording>().cloned());
                self.instruments.wrong_answer(&call.unwrap_or_default());
            }
            _ => {}
        }
    }
}
