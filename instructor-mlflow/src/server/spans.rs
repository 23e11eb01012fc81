//! The route of spans: OpenTelemetry first, and then what completes each trace. The other way round some servers count
//! tokens twice.

use std::collections::HashMap;
use std::io::Write;
use std::mem;

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
use crate::quarantine::Withheld;
use crate::record::{Content, Record};
use crate::server::connection::Connection;
use crate::server::obstacle::Obstacle;
use crate::server::trace_v3;
use crate::server::transmission::{Outcome, send_each};
use crate::shipment::{Package, Shipment};
use crate::span::TraceId;
use crate::span_sizes::SpanSizes;
use crate::trace_info::TraceInfo;
use crate::wire::{
    ExportTraceServiceRequest, InstrumentationScope, KeyValue, Resource, ResourceSpans, ScopeSpans,
};

/// How many traces are completed at the same time.
pub(super) const CONCURRENT_TRACES: usize = 8;

/// How many requests with spans travel at the same time: while the server thinks about one, another is on its way.
const CONCURRENT_REQUESTS: usize = 2;

/// How many frames travel in one request. The server needs about 7 ms for each in a request of this size, and 50 ms alone.
const FRAMES: usize = 50;

/// How often spans are sent again that a server took and does not have.
const MOST_LOSSES: u32 = 3;

/// Compressing less than this saves nothing.
const LEAST_COMPRESSED: usize = 2048;

/// Spans as OpenTelemetry encodes them, and what completes their trace.
#[derive(Debug)]
pub(crate) struct PackedSpans {
    trace_id: TraceId,
    /// What has not been sent.
    pub(super) unsent: Vec<Bytes>,
    /// What has been sent, and must prove to be there.
    unverified: Vec<Bytes>,
    /// How often the server has lost them.
    losses: u32,
    /// For the frame that holds the root of its trace.
    info: Option<TraceInfo>,
    /// Nothing that the program said is in the info.
    is_bare: bool,
}

impl PackedSpans {
    pub(crate) fn of(parcel: &Parcel, processors: &Processors) -> PackedSpans {
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

    pub(super) fn are_sent(&self) -> bool {
        self.unsent.is_empty()
    }

    /// Takes out of the info what the program said, and returns it as it was; `None` if there is nothing to take out.
    pub(super) fn withhold_info(&mut self, reason: &str) -> Option<Withheld> {
        if self.is_bare {
            return None;
        }
        let info = self.info.as_mut()?;
        let withheld = Withheld {
            // Serializing structs of strings to memory cannot fail.
            content: serde_json::to_vec(info).unwrap_or_default(),
            reason: reason.to_owned(),
        };
        info.withhold(reason);
        self.is_bare = true;
        Some(withheld)
    }

    /// What has not been sent: spans as the request that carries them, or else the info.
    pub(crate) fn content(&self) -> Vec<u8> {
        match self.are_sent() {
            true => serde_json::to_vec(&self.info).unwrap_or_default(),
            false => export_request(self.unsent.clone()).encode_to_vec(),
        }
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
            trace_id: record.trace_id,
            unsent: encoded,
            unverified: Vec::new(),
            losses: 0,
            info,
            is_bare: false,
        }
    }

    /// What must prove to be there is sent again, and that so many times; or given up, if that was often enough.
    fn lose(&mut self) -> Result<u32, Withheld> {
        let lost = mem::take(&mut self.unverified);
        if self.losses < MOST_LOSSES {
            self.unsent = lost;
            self.losses += 1;
            return Ok(self.losses);
        }
        Err(Withheld {
            content: export_request(lost).encode_to_vec(),
            reason: Obstacle::Lost(self.losses).reason(),
        })
    }

    fn length(&self) -> usize {
        self.unsent.iter().map(Bytes::len).sum()
    }
}

/// The way of spans to a server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wire<'a> {
    pub(super) connection: &'a Connection,
    pub(super) experiment_id: &'a str,
    pub(super) compressed: bool,
}

/// Sends the spans of a batch that were not sent, in requests of which two travel at the same time. Where one fails, its
/// length in bytes is told too, if it carried several frames.
pub(super) async fn send_all(
    wire: Wire<'_>,
    longest_body: usize,
    batch: &mut [Shipment],
) -> Vec<Result<(), (Obstacle, usize)>> {
    let loads = loads(batch, longest_body);
    let requests = loads.into_iter().map(|mut load| async move {
        let spans = load.iter().flat_map(|packed| packed.unsent.iter().cloned());
        let answer = wire.send(spans.collect()).await;
        let length = match load.len() {
            1 => usize::MAX,
            _ => load.iter().map(|packed| packed.length()).sum(),
        };
        answer.map_err(|obstacle| (obstacle, length))?;
        for packed in &mut load {
            packed.unverified = mem::take(&mut packed.unsent);
        }
        Ok(())
    });
    stream::iter(requests)
        .buffered(CONCURRENT_REQUESTS)
        .collect()
        .await
}

/// Asks for the traces whose spans were sent, and has those that are missing sent again.
pub(super) async fn verify(wire: Wire<'_>, batch: &mut [Shipment]) -> Result<(), Obstacle> {
    let traces: Vec<String> = packages(batch)
        .filter(|(_, packed)| !packed.unverified.is_empty())
        .map(|(_, packed)| packed.trace_id.to_string())
        .collect();
    if traces.is_empty() {
        return Ok(());
    }
    let found = trace_v3::find_all(wire.connection, &traces).await?;
    let mut losses = 0;
    for shipment in batch {
        let Package::Spans(packed) = &mut shipment.package else {
            continue;
        };
        if found.contains(&packed.trace_id.to_string()) {
            packed.unverified.clear();
        } else if !packed.unverified.is_empty() {
            match packed.lose() {
                Ok(times) => losses = losses.max(times),
                Err(withheld) => shipment.withheld.push(withheld),
            }
        }
    }
    match losses {
        0 => Ok(()),
        _ => Err(Obstacle::Lost(losses)),
    }
}

/// What travels together. All of one trace is in one load, so that it arrives in its order.
fn loads(batch: &mut [Shipment], longest_body: usize) -> Vec<Vec<&mut PackedSpans>> {
    let mut loads: Vec<Vec<&mut PackedSpans>> = Vec::new();
    let mut of_traces = HashMap::new();
    let mut length = 0;
    for (_, packed) in packages(batch).filter(|(_, packed)| !packed.are_sent()) {
        let known = of_traces.get(&packed.trace_id).copied();
        if let Some(load) = known.and_then(|position: usize| loads.get_mut(position)) {
            length += packed.length();
            load.push(packed);
            continue;
        }
        let is_full =
            |load: &Vec<_>| load.len() >= FRAMES || length + packed.length() > longest_body;
        if loads.last().is_none_or(is_full) {
            loads.push(Vec::new());
            length = 0;
        }
        length += packed.length();
        of_traces.insert(packed.trace_id, loads.len() - 1);
        if let Some(load) = loads.last_mut() {
            load.push(packed);
        }
    }
    loads
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
    send_each(requests, arrived).await
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
    let wire = Wire {
        connection,
        experiment_id,
        compressed: false,
    };
    let takes_spans = match wire.send(packed.unsent.clone()).await {
        Ok(()) => true,
        Err(Obstacle::Missing(_)) => false,
        Err(obstacle) => return Err(obstacle),
    };
    let Some(info) = &mut packed.info else {
        return Ok(takes_spans);
    };
    // 3.4 and 3.5 take spans and say nothing of them here; 3.6 speaks of them even if it got none.
    let started = trace_v3::start(connection, experiment_id, info).await?;
    let are_sent = takes_spans && started.stores_spans();
    if are_sent {
        packed.unsent.clear();
    }
    Ok(are_sent)
}

impl Wire<'_> {
    /// Sends encoded spans of any number of traces. The server takes all or none.
    pub(super) async fn send(self, spans: Vec<Bytes>) -> Result<(), Obstacle> {
        let body = export_request(spans).encode_to_vec();
        let mut request = self
            .connection
            .request(Method::POST, "v1/traces")
            .header(CONTENT_TYPE, "application/x-protobuf")
            .header("x-mlflow-experiment-id", self.experiment_id);
        let is_compressed = self.compressed && body.len() >= LEAST_COMPRESSED;
        if is_compressed {
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        let body = if is_compressed { compress(&body) } else { body };
        // The body of a success is not protobuf on every version, and says nothing.
        let answer = self.connection.send(request.body(body)).await;
        answer.map(drop).map_err(Obstacle::or_missing)
    }
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
