//! Spans in the envelope of OpenTelemetry.

use bytes::Bytes;

use crate::wire::{
    ExportTraceServiceRequest, InstrumentationScope, KeyValue, Resource, ResourceSpans, ScopeSpans,
};

/// The request that carries these encoded spans.
pub(super) fn export_request(spans: Vec<Bytes>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            // Whatever else stands here becomes a tag of every trace.
            resource: Some(Resource {
                attributes: vec![
                    KeyValue::new("telemetry.sdk.name", env!("CARGO_PKG_NAME")),
                    KeyValue::new("telemetry.sdk.language", "rust"),
                    KeyValue::new("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
                ],
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: env!("CARGO_PKG_NAME").into(),
                    version: env!("CARGO_PKG_VERSION").into(),
                }),
                spans,
            }],
        }],
    }
}
