//! The seam between the layer and delivery.

use std::fmt;
use std::time::Duration;

use crate::span::Frame;

/// Takes finished calls.
///
/// The layer calls [`accept`](Sink::accept) on the caller's thread, when a call closes and before `create` returns. So
/// it must neither block nor do input or output that may stall. The built-in sink writes the frame down in a form that survives
/// the process, and waits for the disk for a tenth of a second at most.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use instructor_mlflow::{Frame, Sink};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// /// Counts calls, and sends them nowhere.
/// #[derive(Debug, Default)]
/// struct Count(AtomicUsize);
///
/// impl Sink for Count {
///     fn accept(&self, _: Frame) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
/// }
///
/// let count = Arc::new(Count::default());
/// let (layer, _guard) = instructor_mlflow::layer().sink(count.clone()).build()?;
/// let subscriber = tracing_subscriber::registry().with(layer);
/// # drop(subscriber);
/// # Ok::<(), instructor_mlflow::InitError>(())
/// ```
pub trait Sink: fmt::Debug + Send + Sync + 'static {
    /// Takes a frame.
    fn accept(&self, frame: Frame);

    /// Waits at most `timeout` until every frame accepted before has been delivered, or is known to be lost.
    ///
    /// A sink that delivers at once need not implement it.
    ///
    /// # Errors
    ///
    /// If frames are still waiting.
    fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        let _ = timeout;
        Ok(())
    }

    /// What became of the frames so far. A sink that does not count says zero.
    fn statistics(&self) -> Statistics {
        Statistics::default()
    }
}

/// What became of the frames: one for each call, one for each span of the user's around calls, and one for each that
/// was started with [`start_span`](crate::start_span) outside of another one.
///
/// `emitted = sent + spooled + dropped + quarantined` holds at every moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Frames that the layer handed over, and those that were adopted.
    pub emitted: u64,
    /// Of these, those of processes that have ended, for this one to send.
    pub adopted: u64,
    /// Frames that the server has taken as they are.
    pub sent: u64,
    /// Frames that wait for delivery, or are being delivered.
    pub spooled: u64,
    /// Of the spooled, those in memory alone: they end with the process. There are some where nothing is to be written down, and as
    /// long as the disk does not take them.
    pub in_memory: u64,
    /// Frames for which there was no room.
    pub dropped: u64,
    /// Frames that the server refused, whole or in part. Of a part, the rest was sent: where it was a span, with one in its place that
    /// says so.
    pub quarantined: u64,
    /// How many bytes of disk and memory the frames take that wait.
    pub bytes: u64,
    /// How long the oldest frame that waits has waited.
    pub oldest: Option<Duration>,
    /// Spans, not frames, that were sent without their content, because a span processor panicked.
    pub withheld: u64,
}

impl Statistics {
    /// Frames that have not reached the server as they are: spooled, dropped and quarantined ones.
    pub fn undelivered(&self) -> u64 {
        self.emitted.saturating_sub(self.sent)
    }
}

/// Traces are still waiting to be delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} of {} traces have not reached MLflow{}", .statistics.undelivered(), .statistics.emitted, .reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default())]
#[non_exhaustive]
pub struct FlushError {
    /// What became of the frames until now.
    pub statistics: Statistics,
    /// What keeps them from the server, if that is known.
    pub reason: Option<String>,
}

impl FlushError {
    /// Frames are waiting, for `reason`.
    pub fn new(statistics: Statistics, reason: Option<String>) -> Self {
        FlushError { statistics, reason }
    }
}
