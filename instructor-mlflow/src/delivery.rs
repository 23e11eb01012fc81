//! The exporter's thread: takes frames from the queue and gets them to the server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use tokio::runtime::{Builder, Runtime};
use tracing::{Dispatch, dispatcher};

use crate::annotations::{Annotations, OpenTraces};
use crate::convert::Converted;
use crate::models::{Link, Links};
use crate::notice::{Notice, Notices};
use crate::processor::Processors;
use crate::queue::{Parcel, Queue, Settled};
use crate::server::{CONCURRENT_INFOS, Obstacle, Server};
use crate::trace_info::TraceInfo;

/// How many frames travel in one request. The server needs about 7 ms for each in a batch of this size, and 50 ms alone.
const BATCH: usize = 50;

/// The pauses between two tries: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The longest pause that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// A frame on its way.
struct Delivery {
    parcel: Parcel,
    /// Encoded.
    spans: Vec<Bytes>,
    info: Option<TraceInfo>,
    /// The logged model of the trace.
    model: Option<Link>,
    annotations: Annotations,
    spans_sent: bool,
}

impl Delivery {
    fn new(
        parcel: Parcel,
        processors: &Processors,
        models: &mut Links,
        open: &mut OpenTraces,
    ) -> Self {
        let model = models.of(&parcel);
        let capture_content = parcel.destination.capture_content;
        let Converted { spans, mut info } =
            Converted::from_frame(&parcel.frame, processors, capture_content);
        let annotations = Annotations::new(&parcel, processors, info.as_mut(), open);
        Delivery {
            parcel,
            spans,
            info,
            model,
            annotations,
            spans_sent: false,
        }
    }
}

/// Delivers frames until the queue is closed.
pub(crate) struct Courier {
    queue: Arc<Queue>,
    notices: Notices,
    processors: Arc<Processors>,
    runtime: Runtime,
    server: Option<Server>,
    models: Links,
    open: OpenTraces,
    /// Batches in a row that the server refused whatever they held.
    refused: u32,
}

impl Courier {
    pub(crate) fn new(
        queue: Arc<Queue>,
        notices: Notices,
        processors: Arc<Processors>,
    ) -> std::io::Result<Self> {
        Ok(Courier {
            queue,
            models: Links::new(),
            notices,
            processors,
            runtime: Builder::new_current_thread().enable_all().build()?,
            server: None,
            open: OpenTraces::default(),
            refused: 0,
        })
    }

    pub(crate) fn run(mut self) {
        while let Some(parcels) = self.queue.take(BATCH) {
            let (processors, models) = (&self.processors, &mut self.models);
            let open = &mut self.open;
            let batch = parcels
                .into_iter()
                .map(|parcel| Delivery::new(parcel, processors, models, open));
            let batch = batch.collect();
            self.deliver(batch);
        }
    }

    /// Gets a batch delivered, or settles why not. Returns early only if the queue is closed.
    fn deliver(&mut self, mut batch: Vec<Delivery>) {
        let mut tries = 0;
        // Counted apart: an outage, however long, uses up none of them.
        let mut internal_errors = 0;
        while !self.queue.is_closed() {
            let Err(obstacle) = self.attempt(&mut batch) else {
                self.refused = 0;
                self.notices.recovered();
                return;
            };
            let Some(destination) = batch.first().map(|first| first.parcel.destination.clone())
            else {
                return;
            };
            let address = destination.address.clone();
            match obstacle {
                Obstacle::Unavailable {
                    reason,
                    retry_after,
                } => {
                    self.queue.note_unreachable(reason.clone());
                    self.notices.say(&Notice::Unreachable { address, reason });
                    let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
                    self.queue.pause(asked.max(backoff(tries)));
                }
                Obstacle::Internal(_) if internal_errors < destination.max_retries => {
                    internal_errors += 1;
                    self.queue.pause(backoff(tries));
                }
                Obstacle::Internal(reason) | Obstacle::Rejected(reason) => {
                    if batch.len() > 1 {
                        // One bad trace must not take the others with it.
                        for single in batch {
                            self.deliver(vec![single]);
                        }
                        return;
                    }
                    return self.refuse(&batch, &Notice::Rejected { address, reason });
                }
                Obstacle::Unauthorized(status) => {
                    let status = status.as_u16();
                    return self.refuse_all(&batch, &Notice::Unauthorized { address, status });
                }
                Obstacle::Unsupported(found) => {
                    return self.refuse_all(&batch, &Notice::Unsupported { address, found });
                }
                Obstacle::Experiment(reason) => {
                    return self.refuse_all(&batch, &Notice::Experiment { address, reason });
                }
            }
            tries += 1;
        }
    }

    /// Sends what is still to be sent, and takes what has arrived out of the batch.
    fn attempt(&mut self, batch: &mut Vec<Delivery>) -> Result<(), Obstacle> {
        let Some(destination) = batch.first().map(|first| &first.parcel.destination) else {
            return Ok(());
        };
        let known = self.server.take();
        let mut server = match known {
            Some(server) if Arc::ptr_eq(server.destination(), destination) => server,
            _ => Server::new(destination.clone())?,
        };
        // The spans and events of the HTTP client are nobody's business, least of all this exporter's own.
        let outcome = dispatcher::with_default(&Dispatch::none(), || {
            self.runtime.block_on(async {
                let checked = server.check().await;
                if !matches!(checked, Err(Obstacle::Unavailable { .. })) {
                    self.queue.note_reachable();
                }
                match checked {
                    Ok(()) => send(&mut server, &mut self.models, batch, &self.notices).await,
                    Err(obstacle) => (Vec::new(), Err(obstacle)),
                }
            })
        });
        self.models.tell(&self.notices);
        if let (_, Err(Obstacle::Unavailable { .. })) = outcome {
            server.lost();
            self.models.server_lost();
        }
        self.server = Some(server);
        let (arrived, outcome) = outcome;
        let mut position = 0;
        batch.retain(|delivery| {
            let has_arrived = arrived.contains(&position);
            position += 1;
            if has_arrived {
                self.queue.settle(&delivery.parcel, Settled::Sent);
            }
            !has_arrived
        });
        outcome
    }

    fn refuse(&self, batch: &[Delivery], notice: &Notice) {
        self.notices.say(notice);
        for delivery in batch {
            self.queue.settle(&delivery.parcel, Settled::Failed);
        }
    }

    /// The server will refuse the next batch as well: wait before asking again.
    fn refuse_all(&mut self, batch: &[Delivery], notice: &Notice) {
        self.refuse(batch, notice);
        self.queue.pause(backoff(self.refused));
        self.refused += 1;
    }
}

/// Spans first, then what completes the trace: the other way round some servers count tokens twice. The positions of
/// those that arrived whole, and what stopped the rest.
async fn send(
    server: &mut Server,
    models: &mut Links,
    batch: &mut [Delivery],
    notices: &Notices,
) -> (Vec<usize>, Result<(), Obstacle>) {
    let spans: Vec<Bytes> = batch
        .iter()
        .filter(|delivery| !delivery.spans_sent)
        .flat_map(|delivery| delivery.spans.iter().cloned())
        .collect();
    if !spans.is_empty()
        && let Err(obstacle) = server.send_spans(spans).await
    {
        return (Vec::new(), Err(obstacle));
    }
    for delivery in batch.iter_mut() {
        delivery.spans_sent = true;
    }
    let (with_info, mut arrived): (Vec<usize>, Vec<usize>) =
        (0..batch.len()).partition(|index| batch.get(*index).is_some_and(|one| one.info.is_some()));
    let of_models = batch.iter_mut().filter_map(|delivery| {
        let model = delivery.model.as_ref()?;
        Some((model, delivery.info.as_mut()?))
    });
    if let Err(obstacle) = models.write(server, of_models).await {
        return (without_annotations(batch, arrived), Err(obstacle));
    }
    let infos = batch
        .iter_mut()
        .filter_map(|delivery| delivery.info.as_mut())
        .collect();
    let answers = match server.finish_traces(infos).await {
        Ok(answers) => answers,
        Err(obstacle) => return (without_annotations(batch, arrived), Err(obstacle)),
    };
    let mut outcome = Ok(());
    for (index, answer) in with_info.into_iter().zip(answers) {
        match answer {
            Ok(()) => arrived.push(index),
            Err(obstacle) => outcome = Err(obstacle),
        }
    }
    for (index, obstacle) in annotate(server, batch, &arrived, notices).await {
        arrived.retain(|position| *position != index);
        outcome = Err(obstacle);
    }
    (arrived, outcome)
}

/// Those of which nothing is left to say.
fn without_annotations(batch: &[Delivery], mut arrived: Vec<usize>) -> Vec<usize> {
    let is_told = |index: &usize| {
        let delivery = batch.get(*index);
        delivery.is_some_and(|one| one.annotations.is_empty())
    };
    arrived.retain(is_told);
    arrived
}

/// Says what is known of the traces that `arrived`; the positions of those of which it is to be said again, and why.
async fn annotate(
    server: &Server,
    batch: &mut [Delivery],
    arrived: &[usize],
    notices: &Notices,
) -> Vec<(usize, Obstacle)> {
    // One after the other for each trace: a server that hears two things of one trace at once refuses one of them.
    let mut traces: BTreeMap<[u8; 16], Vec<(usize, &mut Annotations)>> = BTreeMap::new();
    for (index, delivery) in batch.iter_mut().enumerate() {
        if arrived.contains(&index) && !delivery.annotations.is_empty() {
            let trace = delivery.parcel.frame.trace_id.to_bytes();
            let annotations = &mut delivery.annotations;
            traces.entry(trace).or_default().push((index, annotations));
        }
    }
    let address = &server.destination().address;
    let requests = traces.into_values().map(|of_trace| async move {
        let mut failed = Vec::new();
        for (index, annotations) in of_trace {
            match server.annotate(annotations).await {
                Ok(()) => {}
                Err(obstacle @ Obstacle::Unavailable { .. }) => failed.push((index, obstacle)),
                Err(obstacle @ Obstacle::Internal(_)) if annotations.may_try_again() => {
                    failed.push((index, obstacle));
                }
                Err(obstacle) => {
                    annotations.clear();
                    notices.say(&Notice::Incomplete {
                        address: address.clone(),
                        reason: obstacle.reason(),
                    });
                }
            }
        }
        failed
    });
    let failed: Vec<_> = stream::iter(requests)
        .buffered(CONCURRENT_INFOS)
        .collect()
        .await;
    failed.into_iter().flatten().collect()
}

/// Doubles with every try, with up to half of it added by chance, so that many clients do not return at once.
fn backoff(tries: u32) -> Duration {
    let pause = FIRST_PAUSE
        .saturating_mul(2u32.saturating_pow(tries))
        .min(LONGEST_PAUSE);
    pause.mul_f64(1.0 + rand::random::<f64>() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        for (tries, least) in [
            (0, 500),
            (1, 1000),
            (3, 4000),
            (40, 30_000),
            (u32::MAX, 30_000),
        ] {
            let pause = backoff(tries).as_millis();
            assert!((least..=least * 3 / 2).contains(&pause), "{tries}: {pause}");
        }
    }
}
