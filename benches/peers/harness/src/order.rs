//! What xtask asks of a client, and what it gets. `xtask/src/bench/order.rs` is the other side.

use serde::{Deserialize, Serialize};

/// One round.
#[derive(Debug, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Order {
    /// Calls to the server.
    Calls(Calls),
    /// Getting at the schema, `reads` times.
    Schema {
        /// How often.
        reads: u64,
    },
    /// Calls that are all in flight at once, to a server that holds them.
    Hold(Hold),
    /// Waiting until the traces of all calls so far are delivered.
    Flush,
}

/// Calls to the server.
#[derive(Debug, Deserialize)]
pub struct Calls {
    /// How many in this round.
    pub count: u64,
    /// How many at a time.
    pub concurrency: u64,
    /// From the start of one call to the start of the next, in microseconds; 0: as fast as they go. Only with a concurrency
    /// of 1.
    pub interval: u64,
}

/// Calls that are all in flight at once.
#[derive(Debug, Deserialize)]
pub struct Hold {
    /// How many.
    pub count: u64,
    /// Whether they are dropped then, and not answered.
    pub drop: bool,
}

/// What calls that were all in flight took, and what was left of them.
#[derive(Debug, Serialize)]
pub struct Held {
    /// How many there were.
    pub count: u64,
    /// Before the first.
    pub before: Footprint,
    /// While all were in flight.
    pub during: Footprint,
    /// When all were answered or dropped.
    pub after: Footprint,
}

/// What the process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Footprint {
    /// Memory in bytes: the resident set.
    pub memory: u64,
    /// Tasks of the runtime.
    pub tasks: u64,
    /// Open sockets.
    pub sockets: u64,
}

/// What one round cost.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Calls made, or schemas read.
    pub count: u64,
    /// From the start of the first to the end of the last, in nanoseconds.
    pub wall: u64,
    /// The median latency of a call in nanoseconds; 0 for reads.
    pub median: u64,
    /// The latency in nanoseconds that one call in a hundred exceeds; 0 for reads.
    pub p99: u64,
    /// Processor time of the whole process in nanoseconds.
    pub process_cpu: u64,
    /// Processor time of the thread that calls in nanoseconds.
    pub thread_cpu: u64,
    /// Allocations and reallocations of that thread.
    pub allocations: u64,
    /// What they asked for, in bytes.
    pub allocated: u64,
}
