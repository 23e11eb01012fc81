//! Copies of what is there of an answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::PartialStream;
use crate::error::Result;
use crate::model::ResponseModel;

/// Copies of what is there of a `T`, made by [`PartialStream::snapshots`].
///
/// A reader that is slower than the model gets fewer of them, never old ones.
#[must_use = "a stream does nothing until it is polled"]
#[derive(Debug)]
pub struct Snapshots<'a, T: ResponseModel> {
    stream: &'a mut PartialStream<T>,
}

impl<'a, T: ResponseModel> Snapshots<'a, T> {
    pub(super) fn of(stream: &'a mut PartialStream<T>) -> Self {
        Snapshots { stream }
    }
}

impl<T: ResponseModel> Stream for Snapshots<'_, T> {
    type Item = Result<T::Partial>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut has_news = false;
        loop {
            match self.stream.poll_update(context) {
                Poll::Ready(Ok(true)) => has_news = true,
                outcome => {
                    // What is there may have been taken back meanwhile.
                    let copy = self.stream.partial().filter(|_| has_news).cloned();
                    return match (outcome, copy) {
                        (Poll::Ready(Err(error)), Some(copy)) => {
                            self.stream.keep(error);
                            Poll::Ready(Some(Ok(copy)))
                        }
                        (_, Some(copy)) => Poll::Ready(Some(Ok(copy))),
                        (Poll::Ready(Err(error)), None) => Poll::Ready(Some(Err(error))),
                        (Poll::Ready(Ok(_)), None) => Poll::Ready(None),
                        (Poll::Pending, None) => Poll::Pending,
                    };
                }
            }
        }
    }
}
