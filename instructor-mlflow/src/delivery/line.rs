//! One place that frames go to, and what is on its way there.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::Destination;
use crate::delivery::backoff::next_try;
use crate::delivery::means::Means;
use crate::notice::Notice;
use crate::parcel::Parcel;
use crate::queue::{Due, Queue};
use crate::server::{Obstacle, Server};
use crate::shipment::Shipment;
use crate::spool::Limits;

/// How many tries in a row a server may leave without success before people are told.
const FAILURES: u32 = 5;

/// How much is tried beside those that were all refused with an internal error, to learn whether the server takes any; nothing
/// once there are so many of those.
const COMPANY: Limits = Limits {
    records: 8,
    bytes: 1024 * 1024,
};
const MOST_SUSPECTS: usize = 64;

/// An experiment on a server, and what goes there. What a person can mend stalls it and loses nothing; what is wrong with a
/// single frame is found out by sending ever smaller parts.
pub(super) struct Line {
    destination: Arc<Destination>,
    server: Option<Server>,
    batches: VecDeque<Batch>,
    /// Each got an internal error by itself, and nothing has arrived since: they may be at fault, or the server.
    suspects: Vec<Shipment>,
    /// Something has arrived since the work began.
    has_arrived: bool,
    /// The server was there once.
    has_answered: bool,
    /// Tries in a row that stalled it.
    failures: u32,
    /// People were told of that.
    is_said: bool,
    stall: Option<Stall>,
}

/// Shipments that are sent together.
struct Batch {
    shipments: Vec<Shipment>,
    internal_errors: u32,
    course: Course,
}

/// What follows an internal error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// A pause, as often as the destination says; then the parts.
    Repeat,
    /// The parts.
    Divide,
    /// Suspicion of all of them.
    Suspect,
}

/// Why and how long a line waits.
struct Stall {
    due: Due,
    /// What to tell those who wait in a flush; `None` if it is worth waiting for.
    reason: Option<String>,
    credentials_failed: bool,
}

impl Stall {
    /// One that is worth waiting for.
    fn short(due: Due) -> Stall {
        Stall {
            due,
            reason: None,
            credentials_failed: false,
        }
    }
}

impl Line {
    pub(super) fn new(destination: Arc<Destination>) -> Line {
        Line {
            destination,
            server: None,
            batches: VecDeque::new(),
            suspects: Vec::new(),
            has_arrived: false,
            has_answered: false,
            failures: 0,
            is_said: false,
            stall: None,
        }
    }

    pub(super) fn leads_to(&self, destination: &Destination) -> bool {
        self.destination.is_same_place(destination)
    }

    pub(super) fn is_stalled(&self) -> bool {
        self.stall.is_some()
    }

    /// What keeps everything here from the server.
    pub(super) fn obstacle(&self) -> Option<(Arc<Destination>, String)> {
        let reason = self.stall.as_ref()?.reason.clone()?;
        Some((self.destination.clone(), reason))
    }

    /// When there is something to do.
    pub(super) fn due(&self) -> Due {
        match &self.stall {
            Some(stall) => stall.due,
            None => {
                let held = self.server.as_ref().and_then(Server::due);
                Due {
                    at: held,
                    hurried: held,
                }
            }
        }
    }

    pub(super) fn is_ready(&self, is_hurried: bool) -> bool {
        match &self.stall {
            Some(stall) => stall.due.has_come(is_hurried),
            None => !self.batches.is_empty(),
        }
    }

    /// Whether something can be sent now.
    pub(super) fn has_work(&self) -> bool {
        !self.is_stalled() && !self.batches.is_empty()
    }

    pub(super) fn is_idle(&self) -> bool {
        !self.is_stalled() && self.due().at.is_none() && self.batches.is_empty()
    }

    /// About how many bytes of records it has.
    pub(super) fn weight(&self) -> usize {
        let batches = self.batches.iter().flat_map(|batch| &batch.shipments);
        let shipments = batches.chain(&self.suspects);
        shipments.map(Shipment::weight).sum()
    }

    pub(super) fn load(&mut self, parcels: Vec<Parcel>, means: &mut Means) {
        self.add(means.pack(parcels), Course::Repeat);
    }

    fn add(&mut self, shipments: Vec<Shipment>, course: Course) {
        if !shipments.is_empty() {
            self.batches.push_back(Batch {
                shipments,
                internal_errors: 0,
                course,
            });
        }
    }

    /// Sends on what has waited long enough for the rest of its trace; everything if `now` is `None`.
    pub(super) fn release(&mut self, now: Option<Instant>, queue: &Queue) {
        if let Some(server) = &mut self.server {
            let released = server.release(now, queue);
            self.add(released, Course::Repeat);
        }
    }

    /// Sends what there is, until nothing is left, something stalls it, or the queue is closed.
    pub(super) fn work(&mut self, means: &mut Means) {
        self.has_arrived = false;
        if let Some(stall) = self.stall.take()
            && stall.credentials_failed
            && let Some(server) = &mut self.server
        {
            server.renew_credentials();
        }
        if !self.suspects.is_empty() {
            let suspects = mem::take(&mut self.suspects);
            let destination = &self.destination;
            let mut company = Vec::new();
            if suspects.len() < MOST_SUSPECTS {
                let waiting = means
                    .queue
                    .take_waiting(COMPANY, |other| destination.is_same_place(other));
                let opened = means.open(waiting);
                company = means.pack(opened);
            }
            self.add(suspects, Course::Suspect);
            self.add(company, Course::Divide);
        }
        while !self.is_stalled() && !means.queue.is_closed() {
            match self.batches.pop_front() {
                Some(batch) => self.send(batch, means),
                None if self.suspects.is_empty() => return,
                None => self.judge(means),
            }
        }
    }

    fn send(&mut self, mut batch: Batch, means: &mut Means) {
        let mut server = match self.server.take() {
            Some(server) => server,
            None => match Server::new(self.destination.clone()) {
                Ok(server) => server,
                Err(obstacle) => return self.meet(obstacle, batch, means),
            },
        };
        let attempt = means.attempt(&mut server, &mut batch.shipments);
        self.has_answered |= attempt.has_answered;
        // That nothing stood in the way may mean that all of it waits for its roots.
        if !attempt.arrived.is_empty() {
            // Before those who wait in a flush go on, and perhaps end the program.
            self.recover(means);
        }
        for shipment in attempt.arrived {
            means.settle(&server, shipment);
        }
        means.queue.submit();
        self.server = Some(server);
        if let Err(obstacle) = attempt.outcome
            && !batch.shipments.is_empty()
        {
            self.meet(obstacle, batch, means);
        }
    }

    fn recover(&mut self, means: &Means) {
        self.has_arrived = true;
        self.failures = 0;
        if mem::take(&mut self.is_said) {
            let address = &self.destination.address;
            let waiting = means.queue.statistics().spooled;
            means.notices.recovered(address, waiting);
        }
    }

    /// Decides what follows an obstacle.
    fn meet(&mut self, obstacle: Obstacle, mut batch: Batch, means: &mut Means) {
        let is_single = batch.shipments.len() == 1;
        match &obstacle {
            // There is another route, and it is taken already.
            Obstacle::Missing(_) => self.batches.push_front(batch),
            Obstacle::Rejected(_) if is_single => self.salvage(&obstacle, batch, means),
            Obstacle::Rejected(_) => self.divide(batch),
            Obstacle::Internal(_)
                if batch.course == Course::Repeat
                    && batch.internal_errors < self.destination.max_retries =>
            {
                let due = next_try(batch.internal_errors, None, Instant::now());
                batch.internal_errors += 1;
                self.batches.push_front(batch);
                self.stall = Some(Stall::short(due));
            }
            Obstacle::Lost(losses) => {
                let due = next_try(*losses, None, Instant::now());
                self.batches.push_front(batch);
                self.stall = Some(Stall::short(due));
            }
            Obstacle::Internal(_) if batch.course == Course::Suspect => {
                self.suspects.append(&mut batch.shipments);
            }
            Obstacle::Internal(_) if !is_single => {
                batch.course = Course::Divide;
                self.divide(batch);
            }
            Obstacle::Internal(_) if self.has_arrived => self.salvage(&obstacle, batch, means),
            Obstacle::Internal(_) => self.suspects.append(&mut batch.shipments),
            _ => {
                self.batches.push_front(batch);
                self.stall(obstacle, means);
            }
        }
    }

    /// Sends both halves of a batch apart, by their size.
    fn divide(&mut self, batch: Batch) {
        let Batch {
            shipments: mut first,
            internal_errors,
            course,
        } = batch;
        let second = first.split_off(middle(&first));
        for shipments in [second, first] {
            self.batches.push_front(Batch {
                shipments,
                internal_errors,
                course,
            });
        }
    }

    /// Sends what the server takes of a single shipment.
    fn salvage(&mut self, refusal: &Obstacle, mut batch: Batch, means: &mut Means) {
        let (Some(server), Some(shipment)) = (&mut self.server, batch.shipments.first_mut()) else {
            return;
        };
        match means.salvage(server, shipment, refusal, self.has_arrived) {
            Ok(true) => {
                self.has_arrived = true;
                batch.course = Course::Divide;
                self.batches.push_front(batch);
            }
            Ok(false) => {
                for shipment in batch.shipments {
                    means.refuse(server, shipment, refusal.reason());
                }
            }
            Err(obstacle @ Obstacle::Internal(_)) => {
                self.suspects.append(&mut batch.shipments);
                self.stall(obstacle, means);
            }
            Err(obstacle) => {
                self.batches.push_front(batch);
                self.stall(obstacle, means);
            }
        }
    }

    /// Decides who is at fault for internal errors: if the server took anything meanwhile, not the server.
    fn judge(&mut self, means: &mut Means) {
        let shipments = mem::take(&mut self.suspects);
        let refusal = Obstacle::Internal("HTTP 500: an internal error".into());
        if self.has_arrived {
            self.add(shipments, Course::Divide);
        } else if shipments.len() == 1 {
            let batch = Batch {
                shipments,
                internal_errors: 0,
                course: Course::Divide,
            };
            self.salvage(&refusal, batch, means);
        } else {
            self.suspects = shipments;
            self.stall(refusal, means);
        }
    }

    /// Waits for somebody to mend what is wrong.
    fn stall(&mut self, obstacle: Obstacle, means: &mut Means) {
        let address = self.destination.address.clone();
        let reason = obstacle.reason();
        let credentials_failed = matches!(obstacle, Obstacle::Unauthorized(_));
        let mut asked: Option<Duration> = None;
        let due = |asked, failures| next_try(failures, asked, Instant::now());
        let notice = match obstacle {
            Obstacle::Unauthorized(status) => Some(Notice::Unauthorized {
                address,
                status: status.as_u16(),
            }),
            Obstacle::Unsupported(found) => Some(Notice::Unsupported { address, found }),
            Obstacle::Redirected(place) => Some(Notice::Redirected { address, place }),
            Obstacle::Experiment(reason) => Some(Notice::Experiment { address, reason }),
            Obstacle::Unavailable { retry_after, .. } if self.has_answered => {
                asked = retry_after;
                (self.failures + 1 >= FAILURES).then(|| Notice::Away {
                    address,
                    reason: reason.clone(),
                    waiting: means.queue.statistics().spooled,
                })
            }
            Obstacle::Unavailable { retry_after, .. } => {
                asked = retry_after;
                Some(Notice::Unreachable {
                    address,
                    reason: reason.clone(),
                })
            }
            _ => Some(Notice::Unreachable {
                address,
                reason: reason.clone(),
            }),
        };
        if let Some(notice) = notice {
            means.notices.say(&notice);
            self.is_said = true;
        }
        self.stall = Some(Stall {
            due: due(asked, self.failures),
            reason: Some(reason),
            credentials_failed,
        });
        self.failures = self.failures.saturating_add(1);
    }
}

/// Where to cut a batch so that both parts are about equally long and none is empty.
fn middle(shipments: &[Shipment]) -> usize {
    let total: usize = shipments.iter().map(Shipment::weight).sum();
    let mut before = 0;
    let position = shipments.iter().position(|shipment| {
        before += shipment.weight();
        before * 2 >= total
    });
    let most = shipments.len().saturating_sub(1).max(1);
    (position.unwrap_or_default() + 1).clamp(1, most)
}
