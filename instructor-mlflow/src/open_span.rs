//! From a `tracing` span to what this crate keeps in its extensions.

use tracing::Span;
use tracing_subscriber::Registry;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::tree::OpenSpan;

/// In the extensions of a span that is not traced, though it could be: nothing below it is traced either.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Untraced;

/// Beside [`Untraced`], in the extensions of a root that sampling left out: another sampler may know better.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SampledOut;

/// Calls `look` with the span in the registry, if `span` is in one.
///
/// `look` must not lock the extensions of the span and then run code of the user's, who may use the same extensions.
pub(crate) fn with_span<R>(
    span: &Span,
    look: impl FnOnce(SpanRef<'_, Registry>) -> Option<R>,
) -> Option<R> {
    span.with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<Registry>()?;
        look(registry.span(id)?)
    })
    .flatten()
}

/// Whether the nearest span that could be traced is; `None` if there is none.
pub(crate) fn nearest<R>(
    span: &SpanRef<'_, Registry>,
    look: impl FnOnce(&OpenSpan) -> R,
) -> Option<Result<R, Untraced>> {
    for span in span.scope() {
        let extensions = span.extensions();
        if let Some(open) = extensions.get::<OpenSpan>() {
            return Some(Ok(look(open)));
        }
        if let Some(untraced) = extensions.get::<Untraced>() {
            return Some(Err(*untraced));
        }
    }
    None
}

/// Changes the first span of the trace in this process. It is open as long as any span below it.
pub(crate) fn change_root<R>(
    span: &SpanRef<'_, Registry>,
    change: impl FnOnce(&mut OpenSpan) -> R,
) -> Option<R> {
    let root = span
        .scope()
        .filter(|span| span.extensions().get::<OpenSpan>().is_some())
        .last()?;
    let mut extensions = root.extensions_mut();
    extensions.get_mut::<OpenSpan>().map(change)
}
