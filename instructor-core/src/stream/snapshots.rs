//! Copies of what is there of an answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::PartialStream;
use crate::error::{Error, Result};
use crate::model::ResponseModel;

/// Copies of what is there of a `T`, made by [`PartialStream::snapshots`].
///
/// A reader that is slower than the model gets fewer of them, never old ones.
#[must_use = "a stream does nothing until it is polled"]
#[derive(Debug)]
pub struct Snapshots<'a, T: ResponseModel> {
    stream: &'a mut PartialStream<T>,
    /// What comes after the last copy.
    error: Option<Error>,
}

impl<'a, T: ResponseModel> Snapshots<'a, T> {
    pub(super) fn of(stream: &'a mut PartialStream<T>) -> Self {
        Snapshots {
            stream,
            error: None,
        }
    }
}

impl<T: ResponseModel> Stream for Snapshots<'_, T> {
    type Item = Result<T::Partial>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let mut has_news = false;
        loop {
            match self.stream.poll_update(context) {
                Poll::Ready(Ok(true)) => has_news = true,
                Poll::Ready(Err(error)) if !has_news => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Err(error)) => {
                    self.error = Some(error);
                    return Poll::Ready(self.stream.partial().cloned().map(Ok));
                }
                Poll::Ready(Ok(false)) if !has_news => return Poll::Ready(None),
                Poll::Pending if !has_news => return Poll::Pending,
                Poll::Ready(Ok(false)) | Poll::Pending => {
                    return Poll::Ready(self.stream.partial().cloned().map(Ok));
                }
            }
        }
    }
}
