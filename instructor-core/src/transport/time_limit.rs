//! How long a request may take.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep};

use crate::error::{TransportError, TransportErrorKind};

/// The time that a request has, its whole answer included.
///
/// The timer is looked at only while nothing comes: of an answer that arrives in thousands of pieces, most are there when they are asked
/// for.
#[derive(Debug)]
pub(crate) struct TimeLimit {
    timeout: Duration,
    timer: Pin<Box<Sleep>>,
}

impl TimeLimit {
    /// The time begins now.
    ///
    /// # Errors
    ///
    /// Outside of a runtime, where a timer would panic.
    pub(crate) fn new(timeout: Duration) -> Result<Self, TransportError> {
        Handle::try_current()
            .map_err(|error| TransportError::new(TransportErrorKind::Request, error))?;
        Ok(TimeLimit {
            timeout,
            timer: Box::pin(tokio::time::sleep(timeout)),
        })
    }

    /// What is left of it is so long at most.
    pub(crate) fn shorten(&mut self, left: Duration) {
        if let Some(end) = Instant::now().checked_add(left)
            && end < self.timer.deadline()
        {
            self.timer.as_mut().reset(end);
        }
    }

    /// What `action` comes to, if it does in time.
    pub(crate) async fn wait<T>(
        &mut self,
        action: impl Future<Output = T>,
    ) -> Result<T, TransportError> {
        let mut action = std::pin::pin!(action);
        std::future::poll_fn(|context| match action.as_mut().poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Ok(outcome)),
            Poll::Pending => self.poll(context).map(Err),
        })
        .await
    }

    /// The error, once the time is over.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<TransportError> {
        self.timer.as_mut().poll(context).map(|()| {
            let message = format!("the request took longer than {:?}", self.timeout);
            TransportError::new(TransportErrorKind::Timeout, message)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_left_is_shortened_and_never_lengthened() {
        let second = Duration::from_secs(1);
        for (left, expected) in [(3 * second, 2), (second, 1), (Duration::MAX, 2)] {
            let start = Instant::now();
            let mut limit = TimeLimit::new(2 * second).expect("a runtime");
            limit.shorten(left);
            limit.wait(pending::<()>()).await.expect_err("too late");
            assert_eq!(start.elapsed(), expected * second);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_that_is_waited_for_has_it_together() {
        let second = Duration::from_secs(1);
        let mut limit = TimeLimit::new(3 * second).expect("a runtime");
        for _ in 0..2 {
            let slow = tokio::time::sleep(second);
            limit.wait(slow).await.expect("in time");
        }
        let start = tokio::time::Instant::now();
        let error = limit.wait(pending::<()>()).await.expect_err("too late");
        assert_eq!(start.elapsed(), second);
        assert_eq!(error.kind, TransportErrorKind::Timeout);
        assert!(error.to_string().contains("longer than 3s"), "{error}");
        let there = limit.wait(async { 1 }).await;
        assert_eq!(there.expect("what is there is no longer waited for"), 1);
    }
}
