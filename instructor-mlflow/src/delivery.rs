//! The exporter's thread: takes frames from the queue and gets them to the server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tracing::{Dispatch, dispatcher};

use crate::annotations::OpenTraces;
use crate::config::Destination;
use crate::models::Links;
use crate::notice::{Notice, Notices};
use crate::parcel::{Packet, Parcel};
use crate::processor::Processors;
use crate::queue::{Queue, Settled};
use crate::record::Library;
use crate::server::{Obstacle, Server};
use crate::shipment::{Records, Shipment};

/// How many frames travel in one request. The server needs about 7 ms for each in a batch of this size, and 50 ms alone.
const BATCH: usize = 50;

/// The pauses between two tries: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The longest pause that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// Delivers frames until the queue is closed.
pub(crate) struct Courier {
    queue: Arc<Queue>,
    notices: Notices,
    processors: Arc<Processors>,
    runtime: Runtime,
    server: Option<Server>,
    library: Library,
    models: Links,
    prompts: OpenTraces,
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
            notices,
            processors,
            runtime: Builder::new_current_thread().enable_all().build()?,
            server: None,
            library: Library::new(),
            models: Links::new(),
            prompts: OpenTraces::default(),
            refused: 0,
        })
    }

    pub(crate) fn run(mut self) {
        while let Some(packets) = self.queue.take(BATCH, self.due()) {
            let destination = packets.first().map(|packet| packet.destination.clone());
            if destination.is_some_and(|destination| !self.is_at(&destination)) {
                // What is held for the server before must not be left behind.
                self.deliver_held(None);
            }
            let batch = packets.into_iter().filter_map(|packet| self.open(packet));
            let batch = batch.collect();
            self.deliver(batch);
            self.deliver_held(Some(Instant::now()));
        }
    }

    /// Reads what was written down.
    fn open(&mut self, packet: Packet) -> Option<Shipment> {
        let weight = packet.weight();
        let address = packet.destination.address.clone();
        match packet.open(&mut self.library) {
            Ok(parcel) => {
                let model = self.models.of(&parcel);
                Some(Shipment::new(parcel, model))
            }
            Err(error) => {
                let reason = error.to_string();
                self.notices.say(&Notice::Rejected { address, reason });
                self.queue.settle(weight, Settled::Failed);
                None
            }
        }
    }

    /// When something that is held has to travel.
    fn due(&self) -> Option<Instant> {
        self.server.as_ref().and_then(Server::due)
    }

    fn is_at(&self, destination: &Arc<Destination>) -> bool {
        let server = self.server.as_ref();
        server.is_some_and(|server| Arc::ptr_eq(server.destination(), destination))
    }

    /// Delivers what has waited long enough for the rest of its trace: everything if `now` is `None`, or if somebody
    /// waits for it.
    fn deliver_held(&mut self, now: Option<Instant>) {
        let now = now.filter(|_| !self.queue.wants_held());
        if let Some(server) = &mut self.server {
            let held = server.release(now, &self.queue);
            self.deliver(held);
        }
    }

    /// Gets a batch delivered, or settles why not. Returns early only if the queue is closed.
    fn deliver(&mut self, mut batch: Vec<Shipment>) {
        let mut tries = 0;
        // Counted apart: an outage, however long, uses up none of them.
        let mut internal_errors = 0;
        while !self.queue.is_closed() {
            let Err(obstacle) = self.attempt(&mut batch) else {
                self.refused = 0;
                self.notices.recovered();
                return;
            };
            let Some(destination) = destination(&batch).cloned() else {
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
                // There is another route, and it is taken already.
                Obstacle::Missing(_) => continue,
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
    fn attempt(&mut self, batch: &mut Vec<Shipment>) -> Result<(), Obstacle> {
        let Some(destination) = destination(batch) else {
            return Ok(());
        };
        let known = self.server.take();
        let mut server = match known {
            Some(server) if Arc::ptr_eq(server.destination(), destination) => server,
            _ => Server::new(destination.clone())?,
        };
        let mut records = Records {
            queue: &self.queue,
            processors: &self.processors,
            models: &mut self.models,
            prompts: &mut self.prompts,
        };
        // The spans and events of the HTTP client are nobody's business, least of all this exporter's own.
        let (arrived, outcome) = dispatcher::with_default(&Dispatch::none(), || {
            self.runtime.block_on(async {
                let checked = server.check().await;
                if !matches!(checked, Err(Obstacle::Unavailable { .. })) {
                    self.queue.note_reachable();
                }
                match checked {
                    Ok(()) => server.carry(batch, &mut records).await,
                    Err(obstacle) => (Vec::new(), Err(obstacle)),
                }
            })
        });
        if let Err(Obstacle::Unavailable { .. }) = outcome {
            server.lost();
            self.models.server_lost();
        }
        self.models.tell(&self.notices);
        for remark in server.take_remarks() {
            self.notices.say(&remark);
        }
        self.server = Some(server);
        let mut position = 0;
        batch.retain(|shipment| {
            let has_arrived = arrived.contains(&position);
            position += 1;
            if has_arrived {
                self.settle(shipment, Settled::Sent);
            }
            !has_arrived
        });
        outcome
    }

    fn settle(&self, shipment: &Shipment, settled: Settled) {
        for parcel in &shipment.parcels {
            self.queue.settle(parcel.weight, settled);
        }
    }

    fn refuse(&self, batch: &[Shipment], notice: &Notice) {
        self.notices.say(notice);
        for shipment in batch {
            self.settle(shipment, Settled::Failed);
        }
    }

    /// The server will refuse the next batch as well: wait before asking again.
    fn refuse_all(&mut self, batch: &[Shipment], notice: &Notice) {
        self.refuse(batch, notice);
        self.queue.pause(backoff(self.refused));
        self.refused += 1;
    }
}

/// All of a batch go to the same place.
fn destination(batch: &[Shipment]) -> Option<&Arc<Destination>> {
    let parcel: Option<&Parcel> = batch.first().and_then(|first| first.parcels.first());
    parcel.map(|parcel| &parcel.destination)
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
