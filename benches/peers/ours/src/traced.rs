//! Tracing: into an instant sink, where what is left is what tracing costs the caller, and to a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use harness::CallError;
use instructor::mlflow::{self, Frame, Sink};

/// Counts calls and drops them.
#[derive(Debug, Default)]
struct Instant(AtomicU64);

impl Sink for Instant {
    fn accept(&self, frame: Frame) {
        self.0.fetch_add(1, Ordering::Relaxed);
        drop(frame);
    }
}

/// Traces every call from now on.
pub(crate) fn install() -> Result<(), CallError> {
    let guard = mlflow::autolog()
        .sink(Arc::new(Instant::default()))
        .init()?;
    // For the rest of the process: there is nothing to flush.
    std::mem::forget(guard);
    Ok(())
}

/// Sends the trace of every call from now on to the server and the experiment in the arguments.
pub(crate) fn send() -> Result<(), CallError> {
    let mut arguments = std::env::args().skip(3);
    let mut next = || {
        arguments
            .next()
            .ok_or("`--autolog` needs an address and an experiment")
    };
    let guard = mlflow::autolog()
        .tracking_uri(next()?)
        .experiment(next()?)
        .init()?;
    // For the rest of the process: what matters is flushed by order.
    std::mem::forget(guard);
    Ok(())
}

/// Waits until all traces are delivered.
pub(crate) fn flush() -> Result<(), CallError> {
    mlflow::flush(Duration::from_secs(300))?;
    Ok(())
}
