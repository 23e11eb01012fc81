//! What the layer listens to, and how it finds out that a global filter hides it.

use instructor_core::trace::TARGET;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Dispatch, Level, Metadata};
use tracing_core::callsite::Callsite;
use tracing_core::{Kind, metadata};
use tracing_subscriber::layer::{Context, Filter};

use crate::fields::Outcome;

/// The filter that the layer brings along: spans of level INFO and above, and the events of
/// `#[tracing::instrument(ret, err)]`.
///
/// It is a per-layer filter: other layers see what they saw before, and what nobody wants, for example the TRACE spans
/// of `hyper`, stays switched off.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct CallFilter;

impl CallFilter {
    fn wants(metadata: &Metadata<'_>) -> bool {
        if *metadata.level() > Level::INFO {
            return false;
        }
        // `instrument` reports with exactly one field, which tells its events from `error!(error, "message")`.
        let mut fields = metadata.fields().iter();
        let is_outcome = |name: &str| name == Outcome::RETURN || name == Outcome::ERROR;
        metadata.is_span()
            || fields.next().is_some_and(|field| is_outcome(field.name()))
                && fields.next().is_none()
    }
}

impl<S> Filter<S> for CallFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        CallFilter::wants(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if CallFilter::wants(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }
}

/// Whether `subscriber` lets the spans of this framework through. A global filter such as `RUST_LOG=warn` does not, and
/// then no layer ever sees them.
pub(crate) fn spans_are_enabled(subscriber: &Dispatch) -> bool {
    subscriber.enabled(probe_metadata())
}

/// The metadata of a span like those of this framework.
pub(crate) fn probe_metadata() -> &'static Metadata<'static> {
    PROBE.metadata()
}

/// A span that is never opened.
struct Probe;

static PROBE: Probe = Probe;

static PROBE_METADATA: Metadata<'static> = metadata! {
    name: "create",
    target: TARGET,
    level: Level::INFO,
    fields: &[],
    callsite: &PROBE,
    kind: Kind::SPAN,
};

impl Callsite for Probe {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &PROBE_METADATA
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::EnvFilter;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn lets_through(directives: &str) -> bool {
        let filter = EnvFilter::new(directives);
        let subscriber = tracing_subscriber::registry().with(filter);
        spans_are_enabled(&Dispatch::new(subscriber))
    }

    #[test]
    fn a_global_filter_that_hides_the_spans_is_found() {
        assert!(!lets_through("warn"));
        assert!(!lets_through("info,instructor=off"));
        assert!(lets_through("warn,instructor=info"));
        assert!(lets_through("info"));
    }
}
