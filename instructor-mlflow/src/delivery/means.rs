//! What all lines work with.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, Either};
use tokio::runtime::Runtime;
use tracing::{Dispatch, dispatcher};

use crate::annotations::OpenTraces;
use crate::models::Links;
use crate::notice::{Notice, Notices};
use crate::parcel::{Packet, Parcel};
use crate::processor::Processors;
use crate::quarantine::{Quarantine, Withheld};
use crate::queue::{Queue, Settled};
use crate::record::Library;
use crate::server::{Obstacle, Server};
use crate::shipment::{Records, Shipment};

/// How often a request looks whether the exporter is still wanted.
const LOOK: Duration = Duration::from_millis(50);

pub(super) struct Means {
    pub(super) queue: Arc<Queue>,
    pub(super) notices: Notices,
    pub(super) processors: Arc<Processors>,
    pub(super) quarantine: Quarantine,
    pub(super) runtime: Runtime,
    pub(super) library: Library,
    pub(super) models: Links,
    pub(super) prompts: OpenTraces,
}

/// What came of a try.
pub(super) struct Attempt {
    pub(super) outcome: Result<(), Obstacle>,
    /// What arrived, and is to be [settled](Means::settle).
    pub(super) arrived: Vec<Shipment>,
    /// A server is there.
    pub(super) has_answered: bool,
}

impl Means {
    /// Reads what was written down. What is no record is kept for people.
    pub(super) fn open(&mut self, packets: Vec<Packet>) -> Vec<Parcel> {
        let mut is_any_lost = false;
        let opened = packets.into_iter().filter_map(|packet| {
            let error = match packet.open(&mut self.library) {
                Ok(parcel) => return Some(parcel),
                Err(error) => error,
            };
            let reason = error.to_string();
            self.quarantine.put(&Withheld {
                content: packet.bytes().to_vec(),
                reason: reason.clone(),
            });
            let address = packet.destination().address.clone();
            self.notices.say(&Notice::Rejected { address, reason });
            self.queue
                .settle(&packet.ticket(), None, Settled::Quarantined);
            is_any_lost = true;
            None
        });
        let opened = opened.collect();
        if is_any_lost {
            // Nothing else may follow that would make it known.
            self.queue.submit();
        }
        opened
    }

    pub(super) fn pack(&mut self, parcels: Vec<Parcel>) -> Vec<Shipment> {
        let shipments = parcels.into_iter().map(|parcel| {
            let model = self.models.of(&parcel);
            Shipment::new(parcel, model)
        });
        shipments.collect()
    }

    /// Sends what is still to be sent, and takes what has arrived out of the batch.
    pub(super) fn attempt(&mut self, server: &mut Server, batch: &mut Vec<Shipment>) -> Attempt {
        let mut records = Records {
            queue: &self.queue,
            processors: &self.processors,
            models: &mut self.models,
            prompts: &mut self.prompts,
        };
        let mut has_answered = false;
        let carry = async {
            let checked = server.check().await;
            if !matches!(checked, Err(Obstacle::Unavailable { .. })) {
                has_answered = true;
            }
            match checked {
                Ok(()) => {
                    self.queue.note_moving(server.destination());
                    server.carry(batch, &mut records).await
                }
                Err(obstacle) => (Vec::new(), Err(obstacle)),
            }
        };
        let carried = unless_closed(&self.runtime, &self.queue, carry);
        let (arrived, outcome) = carried.unwrap_or_else(|closed| (Vec::new(), Err(closed)));
        if let Err(Obstacle::Unavailable { .. }) = outcome {
            server.lost();
            self.models.server_lost();
        }
        self.models.tell(&self.notices);
        for remark in server.take_remarks() {
            self.notices.say(&remark);
        }
        let mut position = 0;
        let arrived = batch.extract_if(.., |_| {
            position += 1;
            arrived.contains(&(position - 1))
        });
        Attempt {
            outcome,
            arrived: arrived.collect(),
            has_answered,
        }
    }

    /// Sends what the server takes of a shipment that it refused; whether it is to be tried again.
    pub(super) fn salvage(
        &self,
        server: &mut Server,
        shipment: &mut Shipment,
        obstacle: &Obstacle,
        is_sound: bool,
    ) -> Result<bool, Obstacle> {
        let salvage = server.salvage(shipment, obstacle, is_sound);
        unless_closed(&self.runtime, &self.queue, salvage)?
    }

    /// Gives up on what is left of a shipment.
    pub(super) fn refuse(&self, server: &Server, mut shipment: Shipment, reason: String) {
        let content = shipment.content(&self.processors);
        shipment.withheld.push(Withheld { content, reason });
        self.settle(server, shipment);
        self.queue.submit();
    }

    /// Enters what became of a shipment that is done with.
    pub(super) fn settle(&self, server: &Server, shipment: Shipment) {
        let mut settled = Settled::Sent;
        for withheld in shipment.withheld {
            settled = Settled::Quarantined;
            self.quarantine.put(&withheld);
            self.notices.say(&Notice::Rejected {
                address: server.destination().address.clone(),
                reason: withheld.reason,
            });
        }
        for parcel in &shipment.parcels {
            self.queue
                .settle(&parcel.ticket, Some(&parcel.record), settled);
        }
    }
}

/// Runs `work`, but for no longer than the queue is open: a server that never answers keeps no thread and no connection.
fn unless_closed<T>(
    runtime: &Runtime,
    queue: &Queue,
    work: impl Future<Output = T>,
) -> Result<T, Obstacle> {
    let closed = async {
        while !queue.is_closed() {
            tokio::time::sleep(LOOK).await;
        }
    };
    let work = async {
        match future::select(pin!(work), pin!(closed)).await {
            Either::Left((outcome, _)) => Ok(outcome),
            Either::Right(_) => Err(Obstacle::Unavailable {
                reason: "the exporter has ended".into(),
                retry_after: None,
            }),
        }
    };
    // The spans and events of the HTTP client are nobody's business, least of all this exporter's own.
    dispatcher::with_default(&Dispatch::none(), || runtime.block_on(work))
}
