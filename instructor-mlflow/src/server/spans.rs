//! The route of spans: OpenTelemetry first, and then what completes each trace. The other way round some servers count
//! tokens twice.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::{self, StreamExt};
use prost::Message;
use reqwest::Method;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::convert::Converted;
use crate::parcel::Parcel;
use crate::processor::Processors;
use crate::record::{Content, Record};
use crate::server::Outcome;
use crate::server::connection::Connection;
use crate::server::obstacle::Obstacle;
use crate::server::trace_v3;
use crate::shipment::{Package, Shipment};
use crate::span_sizes::SpanSizes;
use crate::trace_info::TraceInfo;
use crate::wire::{
    ExportTraceServiceRequest, InstrumentationScope, KeyValue, Resource, ResourceSpans, ScopeSpans,
};

/// How many traces are completed at the same time.
pub(super) const CONCURRENT_TRACES: usize = 8;

/// Compressing less than this saves nothing.
const LEAST_COMPRESSED: usize = 2048;

/// Spans as OpenTelemetry encodes them, and what completes their trace.
#[derive(Debug)]
pub(crate) struct PackedSpans {
    encoded: Vec<Bytes>,
    /// For the frame that holds the root of its trace.
    info: Option<TraceInfo>,
    are_sent: bool,
}

impl PackedSpans {
    pub(super) fn of(parcel: &Parcel, processors: &Processors) -> PackedSpans {
        let mut converted = Converted::of_parcel(parcel, processors);
        let info = converted.info.take();
        PackedSpans::pack(&parcel.record, &converted, info)
    }

    /// The same, but with what is known of a trace in progress as well.
    pub(super) fn with_any_info(parcel: &Parcel, processors: &Processors) -> PackedSpans {
        let mut converted = Converted::of_parcel(parcel, processors);
        let info = converted.take_info(&parcel.record);
        PackedSpans::pack(&parcel.record, &converted, info)
    }

    pub(crate) fn info_mut(&mut self) -> Option<&mut TraceInfo> {
        self.info.as_mut()
    }

    fn pack(
        record: &Record<'_>,
        converted: &Converted,
        mut info: Option<TraceInfo>,
    ) -> PackedSpans {
        let spans = converted.spans.iter();
        let encoded: Vec<Bytes> = spans.map(|span| span.encode_to_vec().into()).collect();
        // Below a root of the user's there are spans in other records, so the sums would be wrong.
        let is_whole =
            matches!(record.root(), Some(root) if matches!(root.content, Content::Call(_)));
        if let Some(info) = info.as_mut().filter(|_| is_whole) {
            info.set_sizes(&SpanSizes::of(&encoded));
            info.set_spending(&converted.spending);
        }
        PackedSpans {
            encoded,
            info,
            are_sent: false,
        }
    }
}

/// Sends the spans of a batch that were not sent.
pub(super) async fn send_all(
    connection: &Connection,
    experiment_id: &str,
    compressed: bool,
    batch: &mut [Shipment],
) -> Result<(), Obstacle> {
    let mut unsent: Vec<&mut PackedSpans> = packages(batch)
        .map(|(_, packed)| packed)
        .filter(|packed| !packed.are_sent)
        .collect();
    let spans: Vec<Bytes> = unsent
        .iter()
        .flat_map(|packed| packed.encoded.iter().cloned())
        .collect();
    if !spans.is_empty() {
        send(connection, experiment_id, compressed, spans).await?;
    }
    for packed in &mut unsent {
        packed.are_sent = true;
    }
    Ok(())
}

/// Completes the traces of a batch whose spans were sent.
pub(super) async fn complete(
    connection: &Connection,
    experiment_id: &str,
    batch: &mut [Shipment],
) -> Outcome {
    let mut arrived = Vec::with_capacity(batch.len());
    let mut unfinished = Vec::new();
    for (position, packed) in packages(batch) {
        match packed.info.as_mut() {
            Some(info) => unfinished.push((position, info)),
            None => arrived.push(position),
        }
    }
    let requests = unfinished.into_iter().map(|(position, info)| async move {
        let answer = trace_v3::start(connection, experiment_id, info).await;
        (position, answer.map(drop))
    });
    let answers: Vec<_> = stream::iter(requests)
        .buffered(CONCURRENT_TRACES)
        .collect()
        .await;
    let mut outcome = Ok(());
    for (position, answer) in answers {
        match answer {
            Ok(()) => arrived.push(position),
            Err(obstacle) => outcome = Err(obstacle),
        }
    }
    (arrived, outcome)
}

fn packages(batch: &mut [Shipment]) -> impl Iterator<Item = (usize, &mut PackedSpans)> {
    let numbered = batch.iter_mut().enumerate();
    numbered.filter_map(|(position, shipment)| match &mut shipment.package {
        Package::Spans(packed) => Some((position, &mut **packed)),
        _ => None,
    })
}

/// Sends one shipment to a server of unknown version: whether it stores spans where they are found again.
pub(super) async fn probe(
    connection: &Connection,
    experiment_id: &str,
    packed: &mut PackedSpans,
) -> Result<bool, Obstacle> {
    let takes_spans = match send(connection, experiment_id, false, packed.encoded.clone()).await {
        Ok(()) => true,
        Err(Obstacle::Missing(_)) => false,
        Err(obstacle) => return Err(obstacle),
    };
    let Some(info) = &mut packed.info else {
        return Ok(takes_spans);
    };
    // 3.4 and 3.5 take spans and say nothing of them here; 3.6 speaks of them even if it got none.
    let started = trace_v3::start(connection, experiment_id, info).await?;
    packed.are_sent = takes_spans && started.stores_spans();
    Ok(packed.are_sent)
}

/// Sends encoded spans of any number of traces. The server takes all or none.
async fn send(
    connection: &Connection,
    experiment_id: &str,
    compressed: bool,
    spans: Vec<Bytes>,
) -> Result<(), Obstacle> {
    let body = export_request(spans).encode_to_vec();
    let mut request = connection
        .request(Method::POST, "v1/traces")
        .header(CONTENT_TYPE, "application/x-protobuf")
        .header("x-mlflow-experiment-id", experiment_id);
    let is_compressed = compressed && body.len() >= LEAST_COMPRESSED;
    if is_compressed {
        request = request.header(CONTENT_ENCODING, "gzip");
    }
    let body = if is_compressed { compress(&body) } else { body };
    // The body of a success is not protobuf on every version, and says nothing.
    let answer = connection.send(request.body(body)).await;
    answer.map(drop).map_err(Obstacle::or_missing)
}

fn compress(body: &[u8]) -> Vec<u8> {
    // Prompts and schemas repeat themselves: the fastest level finds that as well.
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// The request that carries these encoded spans.
pub(crate) fn export_request(spans: Vec<Bytes>) -> ExportTraceServiceRequest {
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
