//! Readings of all clocks at one moment, and what went by between two of them.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

use crate::allocations;
use crate::order::Figures;

/// The moment a round began.
pub(crate) struct Reading {
    wall: Instant,
    process_cpu: Duration,
    thread_cpu: Duration,
    allocations: (u64, u64),
}

impl Reading {
    pub(crate) fn now() -> Self {
        Reading {
            allocations: allocations::so_far(),
            process_cpu: processor_time(ClockId::CLOCK_PROCESS_CPUTIME_ID),
            thread_cpu: processor_time(ClockId::CLOCK_THREAD_CPUTIME_ID),
            wall: Instant::now(),
        }
    }

    /// What went by since, for `count` calls or reads with these latencies.
    pub(crate) fn elapsed(&self, count: u64, latencies: &mut [Duration]) -> Figures {
        let wall = self.wall.elapsed();
        let now = Reading::now();
        latencies.sort_unstable();
        Figures {
            count,
            wall: nanoseconds(wall),
            median: at(latencies, latencies.len() / 2),
            p99: at(latencies, latencies.len() * 99 / 100),
            process_cpu: nanoseconds(now.process_cpu - self.process_cpu),
            thread_cpu: nanoseconds(now.thread_cpu - self.thread_cpu),
            allocations: now.allocations.0 - self.allocations.0,
            allocated: now.allocations.1 - self.allocations.1,
        }
    }
}

fn at(latencies: &[Duration], index: usize) -> u64 {
    latencies.get(index).copied().map_or(0, nanoseconds)
}

fn processor_time(clock: ClockId) -> Duration {
    // These two clocks exist on every system that the benchmark runs on.
    clock_gettime(clock).map_or(Duration::ZERO, Duration::from)
}

fn nanoseconds(duration: Duration) -> u64 {
    duration.as_nanos().try_into().unwrap_or(u64::MAX)
}
