//! How long a stream may be silent.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// A limit of the silence between pieces, of which thousands come in a second: they share one timer, which is set again only when it
/// goes off.
pub(super) struct Idle {
    pub(super) timeout: Duration,
    timer: Pin<Box<Sleep>>,
    /// When it became silent.
    since: Option<Instant>,
}

impl Idle {
    pub(super) fn new(timeout: Duration) -> Self {
        Idle {
            timeout,
            timer: Box::pin(tokio::time::sleep(timeout)),
            since: None,
        }
    }

    /// What `piece` comes to; `None` if it is silent for too long.
    pub(super) async fn wait<T>(&mut self, piece: impl Future<Output = T>) -> Option<T> {
        self.since = None;
        let mut piece = std::pin::pin!(piece);
        std::future::poll_fn(|context| match piece.as_mut().poll(context) {
            Poll::Ready(piece) => Poll::Ready(Some(piece)),
            Poll::Pending => self.poll(context).map(|()| None),
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let Some(end) = since.checked_add(self.timeout) else {
            return Poll::Pending;
        };
        while self.timer.as_mut().poll(context).is_ready() {
            if Instant::now() >= end {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(end);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_silence_counts() {
        let second = Duration::from_secs(1);
        let mut idle = Idle::new(2 * second);
        for _ in 0..5 {
            let piece = tokio::time::sleep(second);
            assert_eq!(idle.wait(piece).await, Some(()));
        }
        // The time between two waits is the reader's.
        tokio::time::sleep(9 * second).await;
        assert_eq!(idle.wait(ready(1)).await, Some(1));
        let start = Instant::now();
        assert_eq!(idle.wait(pending::<()>()).await, None);
        assert_eq!(start.elapsed().as_secs(), 2);
        let mut forever = Idle::new(Duration::MAX);
        assert_eq!(forever.wait(tokio::time::sleep(second)).await, Some(()));
    }
}
