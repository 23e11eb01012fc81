//! Traces whose root is open, for servers that keep all spans of a trace in one file.
//!
//! A call under a function that is still running arrives before the rest of its trace. Over OpenTelemetry it goes on at
//! once; here the file would have to be written again with each call. So calls wait up to [`PATIENCE`] for their root,
//! or until somebody flushes, and then the file is written as it is, for a trace in progress. What was written is kept, and
//! is part of the file when it is written again.
//!
//! What is kept is bounded. A trace that has become too large, or is in the way, is left as it was written, and
//! what else comes of it becomes a trace of its own.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::annotations::Annotations;
use crate::parcel::Parcel;
use crate::server::trace_file::TraceFile;
use crate::shipment::{Package, Shipment};
use crate::span::TraceId;

/// How long a call waits for its root.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest file that is written again, or grows further: in calls, and in bytes.
const MOST_CALLS: usize = 256;
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// How much is kept of all traces that were written.
const MOST_TRACES: usize = 1024;
const MOST_BYTES_OF_ALL: usize = 32 * 1024 * 1024;

/// How many traces are known that were left as they are. Each is forgotten when its root closes.
const MOST_LEFT: usize = 65_536;

#[derive(Debug, Default)]
pub(super) struct OpenTraces {
    traces: HashMap<TraceId, OpenTrace>,
    /// Of those traces that were left as they are, what goes on in their place.
    left: HashMap<TraceId, TraceId>,
}

#[derive(Debug)]
struct OpenTrace {
    file: TraceFile,
    /// What is in the file and has not been written.
    waiting: Vec<Parcel>,
    annotations: Vec<Annotations>,
    /// Since when something waits, or else since when nothing does.
    since: Instant,
}

impl OpenTraces {
    /// A newly packed file: goes on with what was kept of its trace if it holds the root; waits otherwise.
    pub(super) fn admit(
        &mut self,
        mut file: TraceFile,
        mut shipment: Shipment,
        now: Instant,
    ) -> Option<Shipment> {
        let trace_id = file.trace_id;
        let is_finished = file.info.is_finished();
        let mut since = now;
        if let Some(mut open) = self.traces.remove(&trace_id) {
            if !open.waiting.is_empty() {
                since = open.since;
            }
            open.file.append(file);
            file = open.file;
            open.waiting.append(&mut shipment.parcels);
            shipment.parcels = open.waiting;
            open.annotations.append(&mut shipment.annotations);
            shipment.annotations = open.annotations;
        } else if let Some(document) = self.left.get(&trace_id) {
            file.continue_as(*document);
        }
        if is_finished {
            self.left.remove(&trace_id);
        } else if is_full(&file) {
            // Another file takes what comes next.
            self.leave(trace_id);
        } else {
            let open = OpenTrace {
                file,
                waiting: shipment.parcels,
                annotations: shipment.annotations,
                since,
            };
            self.traces.insert(trace_id, open);
            return None;
        }
        shipment.package = Package::File(Box::new(file));
        Some(shipment)
    }

    /// When the next trace has waited long enough.
    pub(super) fn due(&self) -> Option<Instant> {
        let waiting = self.traces.values().filter(|open| !open.waiting.is_empty());
        waiting.map(|open| open.since + PATIENCE).min()
    }

    /// What has waited long enough at `now`; everything if that is `None`.
    pub(super) fn release(&mut self, now: Option<Instant>) -> Vec<Shipment> {
        let released = self.traces.extract_if(|_, open| {
            !open.waiting.is_empty() && now.is_none_or(|now| open.since + PATIENCE <= now)
        });
        released
            .map(|(_, open)| Shipment {
                parcels: open.waiting,
                package: Package::File(Box::new(open.file)),
                model: None,
                annotations: open.annotations,
                withheld: Vec::new(),
            })
            .collect()
    }

    /// Keeps what was written of a trace in progress.
    pub(super) fn keep(&mut self, file: TraceFile, now: Instant) {
        if is_full(&file) {
            return;
        }
        let trace_id = file.trace_id;
        let open = OpenTrace {
            file,
            waiting: Vec::new(),
            annotations: Vec::new(),
            since: now,
        };
        self.traces.insert(trace_id, open);
        self.make_room();
    }

    fn make_room(&mut self) {
        let kept = |traces: &HashMap<TraceId, OpenTrace>| -> usize {
            traces.values().map(|open| open.file.bytes()).sum()
        };
        while self.traces.len() > MOST_TRACES || kept(&self.traces) > MOST_BYTES_OF_ALL {
            let written = self
                .traces
                .iter()
                .filter(|(_, open)| open.waiting.is_empty());
            let oldest = written.min_by_key(|(_, open)| open.since);
            // What waits is bounded by the queue.
            let Some(oldest) = oldest.map(|(id, _)| *id) else {
                return;
            };
            self.traces.remove(&oldest);
            self.leave(oldest);
        }
    }

    fn leave(&mut self, trace_id: TraceId) {
        if self.left.len() >= MOST_LEFT {
            self.left.clear();
        }
        self.left.insert(trace_id, TraceId::random());
    }
}

fn is_full(file: &TraceFile) -> bool {
    file.frames() >= MOST_CALLS || file.bytes() >= MOST_BYTES
}
