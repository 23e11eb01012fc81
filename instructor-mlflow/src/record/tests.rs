//! What a record keeps, and what later versions can rely on.

use std::sync::Arc;

use tracing::{Metadata, info_span};

use super::*;
use crate::config::{Destination, Settings};

/// Where frames of tests go.
pub(crate) fn destination() -> Destination {
    Settings::default()
        .resolve(|_| None)
        .expect("the defaults are valid")
}

/// The frame as it is after it was written down and read again.
pub(crate) fn reread(frame: &Frame) -> Record<'static> {
    written(&Record::of(frame, &destination()))
}

/// The record as it is after it was written down and read again.
pub(crate) fn written(record: &Record<'_>) -> Record<'static> {
    let Encoded { bytes, definitions } = record.encoded();
    let definition = |key: DefinitionKey| {
        let found = definitions.iter().find(|known| known.key == key.0);
        found.map(|found| found.bytes.clone())
    };
    let record = Library::new().open(&bytes, definition);
    record.expect("what was written can be read")
}

pub(crate) use frame::frame as full_frame;

/// Written by the first version that wrote any; its trace has the id of sevens.
const FIRST: &[u8] = include_bytes!("tests/first.record");

/// A record as the first version wrote it.
pub(crate) fn first() -> Record<'static> {
    Record::decode(FIRST).expect("every version reads it")
}

/// The metadata of spans as core opens them.
pub(crate) fn metadata(name: &str) -> &'static Metadata<'static> {
    use instructor_core::trace::{CHAT, LLM_VALIDATE, TARGET, VALIDATE};
    let open = || match name {
        CREATE => info_span!(target: TARGET, "create"),
        CHAT => info_span!(target: TARGET, "chat"),
        VALIDATE => info_span!(target: TARGET, "validate"),
        LLM_VALIDATE => info_span!(target: TARGET, "llm_validate"),
        other => panic!("core has no span {other}"),
    };
    let span = tracing::subscriber::with_default(tracing_subscriber::registry(), open);
    span.metadata().expect("the span is enabled")
}

mod allocations;
mod ancestors;
mod definitions;
mod format;
pub(crate) mod frame;
mod survival;
