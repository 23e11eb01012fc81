//! Answers as they arrive, in a thread that waits for them.

use std::fmt;
use std::sync::Arc;

use futures_util::StreamExt;

use super::driver::Driver;
use crate::create::Completion;
use crate::error::Result;
use crate::model::ResponseModel;
use crate::stream::{ItemSummary, Update};

/// A `T` as it arrives: a [`PartialStream`](crate::PartialStream) that blocks.
#[must_use = "nothing is sent until the stream is read"]
pub struct PartialStream<T: ResponseModel> {
    stream: crate::PartialStream<T>,
    driver: Arc<Driver>,
}

impl<T: ResponseModel> PartialStream<T> {
    pub(super) fn new(stream: crate::PartialStream<T>, driver: Arc<Driver>) -> Self {
        PartialStream { stream, driver }
    }

    /// As [`PartialStream::next`](crate::PartialStream::next): it comes back as soon as more of the answer is there.
    ///
    /// # Errors
    ///
    /// The same.
    #[allow(
        clippy::should_implement_trait,
        reason = "an iterator cannot lend what it gives"
    )]
    pub fn next(&mut self) -> Result<Option<Update<'_, T>>> {
        self.driver.wait(self.stream.next())
    }

    /// As [`PartialStream::snapshots`](crate::PartialStream::snapshots), but an iterator.
    pub fn snapshots(&mut self) -> Snapshots<'_, T> {
        Snapshots {
            snapshots: self.stream.snapshots(),
            driver: &self.driver,
        }
    }

    /// As [`PartialStream::partial`](crate::PartialStream::partial).
    pub fn partial(&self) -> Option<&T::Partial> {
        self.stream.partial()
    }

    /// As [`PartialStream::finish`](crate::PartialStream::finish).
    ///
    /// # Errors
    ///
    /// The same.
    pub fn finish(&mut self) -> Result<T> {
        self.driver.wait(self.stream.finish())
    }

    /// As [`PartialStream::finish_with_completion`](crate::PartialStream::finish_with_completion).
    ///
    /// # Errors
    ///
    /// The same.
    pub fn finish_with_completion(&mut self) -> Result<Completion<T>> {
        self.driver.wait(self.stream.finish_with_completion())
    }
}

impl<T: ResponseModel> fmt::Debug for PartialStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

/// Copies of what is there of a `T`, made by [`PartialStream::snapshots`]: a [`Snapshots`](crate::stream::Snapshots) that blocks. It is an
/// iterator, and a reader that is slower than the model gets fewer of them, never old ones.
#[must_use = "nothing is sent until it is read"]
#[derive(Debug)]
pub struct Snapshots<'a, T: ResponseModel> {
    snapshots: crate::stream::Snapshots<'a, T>,
    driver: &'a Driver,
}

impl<T: ResponseModel> Iterator for Snapshots<'_, T> {
    type Item = Result<T::Partial>;

    fn next(&mut self) -> Option<Result<T::Partial>> {
        self.driver.wait(self.snapshots.next())
    }
}

/// The items of a list as they close: an [`ItemStream`](crate::ItemStream) that blocks. It is an iterator.
#[must_use = "nothing is sent until the stream is read"]
pub struct ItemStream<T> {
    stream: crate::ItemStream<T>,
    driver: Arc<Driver>,
}

impl<T> ItemStream<T> {
    pub(super) fn new(stream: crate::ItemStream<T>, driver: Arc<Driver>) -> Self {
        ItemStream { stream, driver }
    }

    /// As [`ItemStream::finish`](crate::ItemStream::finish).
    ///
    /// # Errors
    ///
    /// The same.
    pub fn finish(&mut self) -> Result<ItemSummary> {
        self.driver.wait(self.stream.finish())
    }
}

impl<T> Iterator for ItemStream<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        self.driver.wait(self.stream.next())
    }
}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}
