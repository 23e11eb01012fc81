//! Answers as they arrive: [`Create::stream`](crate::Create::stream) and [`Client::create_items`](crate::Client::create_items).
//!
//! A stream is an ordinary call that somebody watches. It runs only while its reader waits for the next update, so a slow reader slows the
//! connection down and nothing piles up; dropping the stream cancels the call and closes the connection.

mod baton;
mod items;
mod partials;
mod snapshots;

use std::fmt;
use std::ops::Deref;
use std::task::{Context, Poll};

use futures_core::future::BoxFuture;

use crate::create::Completion;
use crate::error::{Error, Result};
use crate::model::ResponseModel;
use crate::partial::Change;
use crate::validate::ValidationErrors;

use baton::Baton;
use partials::Shown;

pub use items::{ItemStream, ItemSummary};
pub(crate) use items::{Items, watched as watched_items};
pub(crate) use partials::watched;
pub use snapshots::Snapshots;

/// A `T` as it arrives. Made by [`Create::stream`](crate::Create::stream).
///
/// ```no_run
/// # use instructor_core::{Client, ResponseModel, Result};
/// # async fn example<Person: ResponseModel>(client: Client) -> Result<()>
/// # where
/// #     Person::Partial: Send,
/// # {
/// let mut stream = client.create::<Person>("Jason is 25 years old").stream();
/// while let Some(person) = stream.next().await? {
///     println!("{:?}", person.value());
/// }
/// let person = stream.finish().await?;
/// # let _ = person;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until the stream is read"]
pub struct PartialStream<T: ResponseModel> {
    call: Running<T>,
    /// Holds what is shown while the call goes on.
    baton: Baton<Box<Shown<T>>>,
    /// The same while it is lent.
    shown: Option<Box<Shown<T>>>,
}

/// A call and what came of it.
enum Running<T> {
    Going(BoxFuture<'static, Result<Completion<T>>>),
    Ended(Box<Completion<T>>),
    /// The error is still to be given.
    Failed(Box<Error>),
    /// What came of it was given away.
    Over,
}

impl<T: ResponseModel> PartialStream<T> {
    pub(crate) fn new(
        call: BoxFuture<'static, Result<Completion<T>>>,
        baton: Baton<Box<Shown<T>>>,
    ) -> Self {
        PartialStream {
            call: Running::Going(call),
            shown: baton.take(),
            baton,
        }
    }

    /// Waits for more of the answer, and lends what is there of it. `None` once the answer is whole and right.
    ///
    /// What came at once is one update. The value is changed in place: nothing is copied.
    ///
    /// # Errors
    ///
    /// Those of [`Create`](crate::Create): when a retry is sent instead, that is no error, but an update of the next
    /// [attempt](Update::attempt). [`PartialStream::partial`] still is what was there.
    pub async fn next(&mut self) -> Result<Option<Update<'_, T>>> {
        let has_more = std::future::poll_fn(|context| self.poll_update(context)).await?;
        let shown = self.shown.as_deref().filter(|_| has_more);
        Ok(shown.and_then(Update::of))
    }

    /// Whether there is an update, once that is known.
    fn poll_update(&mut self, context: &mut Context<'_>) -> Poll<Result<bool>> {
        let call = match &mut self.call {
            Running::Going(call) => call,
            Running::Failed(_) => {
                let failed = std::mem::replace(&mut self.call, Running::Over);
                let Running::Failed(error) = failed else {
                    return Poll::Ready(Ok(false));
                };
                return Poll::Ready(Err(*error));
            }
            Running::Ended(_) | Running::Over => return Poll::Ready(Ok(false)),
        };
        if let Some(seen) = self.shown.take() {
            self.baton.give_back(seen);
        }
        let outcome = call.as_mut().poll(context);
        self.shown = self.baton.take();
        match outcome {
            Poll::Ready(Ok(completion)) => {
                self.call = Running::Ended(Box::new(completion));
                Poll::Ready(Ok(false))
            }
            Poll::Ready(Err(error)) => {
                self.call = Running::Over;
                Poll::Ready(Err(error))
            }
            Poll::Pending if self.shown.as_ref().is_some_and(|shown| shown.is_waiting) => {
                Poll::Ready(Ok(true))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Gives the error next time.
    fn keep(&mut self, error: Error) {
        self.call = Running::Failed(Box::new(error));
    }

    /// Copies of what is there, as a [`futures` stream](futures_core::Stream): one for all that came since the last one was asked for.
    pub fn snapshots(&mut self) -> Snapshots<'_, T> {
        Snapshots::of(self)
    }

    /// What is there of the answer: that of the last update, also after an error.
    pub fn partial(&self) -> Option<&T::Partial> {
        self.shown.as_ref()?.answer.value()
    }

    /// Waits for the end, and gives the value, which has passed every check.
    ///
    /// # Errors
    ///
    /// Those of [`PartialStream::next`].
    pub async fn finish(&mut self) -> Result<T> {
        Ok(self.finish_with_completion().await?.value)
    }

    /// The same, along with the ledger.
    ///
    /// # Errors
    ///
    /// Those of [`PartialStream::next`].
    pub async fn finish_with_completion(&mut self) -> Result<Completion<T>> {
        while self.next().await?.is_some() {}
        match std::mem::replace(&mut self.call, Running::Over) {
            Running::Ended(completion) => Ok(*completion),
            Running::Failed(error) => Err(*error),
            Running::Going(_) | Running::Over => Err(given_away()),
        }
    }
}

fn given_away() -> Error {
    Error::Request("the stream has given its value or its error already".to_owned())
}

impl<T: ResponseModel> fmt::Debug for PartialStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartialStream")
            .field("partial", &self.partial())
            .finish_non_exhaustive()
    }
}

/// What is there of a `T`, and what of that is new. It derefs to the partial value.
pub struct Update<'a, T: ResponseModel> {
    shown: &'a Shown<T>,
    value: &'a T::Partial,
}

impl<'a, T: ResponseModel> Update<'a, T> {
    fn of(shown: &'a Shown<T>) -> Option<Self> {
        let value = shown.answer.value()?;
        Some(Update { shown, value })
    }

    /// What is there. Texts and lists may grow, and numbers too; see [`Update::changes`].
    pub fn value(&self) -> &'a T::Partial {
        self.value
    }

    /// The number of the attempt that the value is from, from 1. When it grows, the value begins anew; where only corrections are asked
    /// for ([`Reask`](crate::Reask)), it stays as it is until they are put in.
    pub fn attempt(&self) -> u32 {
        self.shown.attempt
    }

    /// What has changed since the last update, in the order in which it came.
    pub fn changes(&self) -> impl DoubleEndedIterator<Item = Change<'a>> {
        self.shown.answer.changes()
    }

    /// Where the last change is: `steps[2].owner`, or `$` for the whole answer.
    pub fn path(&self) -> &'a str {
        self.changes().next_back().map_or("$", |change| change.path)
    }

    /// What is wrong with the parts that are whole. The end may find more; see
    /// [`PartialAnswer::errors`](crate::partial::PartialAnswer::errors).
    pub fn errors(&self) -> &'a ValidationErrors {
        self.shown.answer.errors()
    }
}

impl<T: ResponseModel> Deref for Update<'_, T> {
    type Target = T::Partial;

    fn deref(&self) -> &T::Partial {
        self.value
    }
}

impl<T: ResponseModel> fmt::Debug for Update<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Update")
            .field("attempt", &self.attempt())
            .field("value", self.value)
            .finish_non_exhaustive()
    }
}
