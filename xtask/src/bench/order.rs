//! What a client is asked to do, and what it says of it. `benches/peers/harness/src/order.rs` is the other side.

use serde::{Deserialize, Serialize};

/// One round.
#[derive(Clone, Copy, Serialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub(crate) enum Order {
    /// Calls to the server.
    Calls {
        /// How many in this round.
        count: u64,
        /// How many at a time.
        concurrency: u64,
        /// From the start of one call to the start of the next, in microseconds; 0: as fast as they go.
        interval: u64,
    },
    /// Getting at the schema, `reads` times.
    Schema { reads: u64 },
    /// Calls that are all in flight at once, to a server that holds them; then they are answered, or dropped.
    Hold { count: u64, drop: bool },
    /// Waiting until the traces of all calls so far are delivered.
    Flush,
}

/// What one round cost. Times are in nanoseconds, and all but `median` are of the whole round.
#[derive(Deserialize)]
pub(crate) struct Figures {
    /// Calls made, or schemas read.
    count: f64,
    wall: f64,
    /// Of the latencies.
    median: f64,
    /// That one call in a hundred exceeds.
    #[serde(default)]
    p99: f64,
    process_cpu: f64,
    thread_cpu: f64,
    allocations: f64,
    /// Bytes.
    allocated: f64,
}

/// What calls that were all in flight took, and what was left of them.
#[derive(Deserialize)]
pub(crate) struct Held {
    pub(crate) before: Footprint,
    pub(crate) during: Footprint,
    pub(crate) after: Footprint,
}

/// What a client has.
#[derive(Deserialize)]
pub(crate) struct Footprint {
    /// Bytes.
    pub(crate) memory: u64,
    pub(crate) tasks: u64,
    pub(crate) sockets: u64,
}

impl Figures {
    /// Microseconds.
    pub(crate) fn latency(&self) -> f64 {
        self.median / 1e3
    }

    /// The same, with the processor time of the delivery after it.
    pub(crate) fn and_delivery(mut self, delivery: &Figures) -> Self {
        self.process_cpu += delivery.process_cpu;
        self
    }

    /// Microseconds that one call in a hundred exceeds.
    pub(crate) fn slowest(&self) -> f64 {
        self.p99 / 1e3
    }

    /// Seconds of the whole round.
    pub(crate) fn seconds(&self) -> f64 {
        self.wall / 1e9
    }

    /// Calls in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.count * 1e9 / self.wall
    }

    /// Nanoseconds for each read.
    pub(crate) fn time(&self) -> f64 {
        self.wall / self.count
    }

    /// Microseconds of the whole process for each call.
    pub(crate) fn process_cpu(&self) -> f64 {
        self.process_cpu / self.count / 1e3
    }

    /// Microseconds of the calling thread for each call.
    pub(crate) fn thread_cpu(&self) -> f64 {
        self.thread_cpu / self.count / 1e3
    }

    /// Allocations for each call or read.
    pub(crate) fn allocations(&self) -> f64 {
        self.allocations / self.count
    }

    /// Bytes allocated for each call or read.
    pub(crate) fn allocated(&self) -> f64 {
        self.allocated / self.count
    }
}
