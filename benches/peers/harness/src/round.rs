//! The rounds themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::clock::Reading;
use crate::order::{Calls, Figures};
use crate::{CallError, Peer};

/// Makes the calls that are ordered.
pub(crate) async fn calls<P: Peer>(peer: &P, calls: &Calls) -> Result<Figures, CallError> {
    match calls.concurrency {
        0 | 1 => one_by_one(peer, calls).await,
        _ => together(peer, calls).await,
    }
}

async fn one_by_one<P: Peer>(peer: &P, calls: &Calls) -> Result<Figures, CallError> {
    // Allocated before the clocks are read, as nothing else here allocates.
    let mut latencies = Vec::with_capacity(usize::try_from(calls.count)?);
    let interval = Duration::from_micros(calls.interval);
    let mut next = tokio::time::Instant::now();
    let began = Reading::now();
    for _ in 0..calls.count {
        if !interval.is_zero() {
            tokio::time::sleep_until(next).await;
            next += interval;
        }
        let started = Instant::now();
        peer.call().await?;
        latencies.push(started.elapsed());
    }
    Ok(began.elapsed(calls.count, &mut latencies))
}

/// As many tasks as calls at a time, each of which takes the next call as soon as it is done with one.
async fn together<P: Peer>(peer: &P, calls: &Calls) -> Result<Figures, CallError> {
    let taken = Arc::new(AtomicU64::new(0));
    let count = calls.count;
    let mut latencies = Vec::with_capacity(usize::try_from(count)?);
    let began = Reading::now();
    let tasks: Vec<_> = (0..calls.concurrency)
        .map(|_| {
            let (peer, taken) = (peer.clone(), Arc::clone(&taken));
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while taken.fetch_add(1, Ordering::Relaxed) < count {
                    let started = Instant::now();
                    peer.call().await?;
                    latencies.push(started.elapsed());
                }
                Ok::<_, CallError>(latencies)
            })
        })
        .collect();
    for task in tasks {
        latencies.append(&mut task.await??);
    }
    Ok(began.elapsed(count, &mut latencies))
}

/// Gets at the schema again and again.
pub(crate) fn schema(read: fn(), reads: u64) -> Figures {
    let began = Reading::now();
    for _ in 0..reads {
        read();
    }
    began.elapsed(reads, &mut [])
}

/// Waits until all traces are delivered.
pub(crate) fn flush(flush: fn() -> Result<(), CallError>) -> Result<Figures, CallError> {
    let began = Reading::now();
    flush()?;
    Ok(began.elapsed(0, &mut []))
}
