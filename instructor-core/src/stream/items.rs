//! The items of a list, each as it closes.

mod finder;
mod queue;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll};

use futures_core::Stream;
use futures_core::future::BoxFuture;

use super::given_away;
use crate::attempt::Attempt;
use crate::cost::Cost;
use crate::create::Completion;
use crate::error::{Error, Result};
use crate::response::Usage;

use queue::Queue;
pub(crate) use queue::watched;

/// What a [`Create`](crate::Create) asks for that is made by [`Client::create_items`](crate::Client::create_items): not the list, but
/// its items.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "it has no value, and never will")]
pub enum Items {}

/// The items of a list as they close, each checked. Made by `stream` of [`Client::create_items`](crate::Client::create_items).
///
/// It is a [`futures` stream](futures_core::Stream), too. An [`Error::Item`] is about one item, and others follow; any other error
/// is the last thing that comes.
///
/// ```no_run
/// # use instructor_core::{Client, ResponseModel, Result};
/// # async fn example<Person: ResponseModel + serde::de::DeserializeOwned + Send + std::fmt::Debug>(client: Client) -> Result<()> {
/// let mut people = client.create_items::<Person>("Jason is 25, Ann is 34.").stream();
/// while let Some(person) = people.next().await {
///     match person {
///         Ok(person) => println!("{person:?}"),
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// let summary = people.finish().await?;
/// println!("{} people, {} tokens", summary.valid, summary.usage().total_tokens());
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until the stream is read"]
pub struct ItemStream<T> {
    call: Option<BoxFuture<'static, Result<Completion<Vec<T>>>>>,
    queue: Arc<Mutex<Queue<T>>>,
    /// What is left to be given once the call has ended.
    rest: VecDeque<Result<T>>,
    summary: Option<ItemSummary>,
}

/// What came of a list whose items were streamed.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ItemSummary {
    /// Items that were right, repaired ones included.
    pub valid: usize,
    /// Items that stayed wrong.
    pub invalid: usize,
    /// Every attempt.
    pub attempts: Vec<Attempt>,
}

impl ItemSummary {
    /// Tokens of all attempts, LLM validators included.
    pub fn usage(&self) -> Usage {
        self.attempts.iter().map(Attempt::usage).sum()
    }

    /// What all attempts cost, LLM validators included; `None` as in [`Attempt::cost`].
    pub fn cost(&self) -> Option<Cost> {
        self.attempts.iter().map(Attempt::cost).sum()
    }
}

impl<T> ItemStream<T> {
    pub(crate) fn new(
        call: BoxFuture<'static, Result<Completion<Vec<T>>>>,
        queue: Arc<Mutex<Queue<T>>>,
    ) -> Self {
        ItemStream {
            call: Some(call),
            queue,
            rest: VecDeque::new(),
            summary: None,
        }
    }

    /// Waits for the next item. `None` once there are no more.
    ///
    /// # Errors
    ///
    /// [`Error::Item`] for an item that is wrong, after which others may follow; else those of [`Create`](crate::Create), after which
    /// nothing does.
    pub async fn next(&mut self) -> Option<Result<T>> {
        std::future::poll_fn(|context| self.poll_item(context)).await
    }

    fn poll_item(&mut self, context: &mut TaskContext<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(item) = self.queued() {
                return Poll::Ready(Some(item));
            }
            let Some(call) = &mut self.call else {
                return Poll::Ready(self.rest.pop_front());
            };
            match call.as_mut().poll(context) {
                Poll::Ready(outcome) => {
                    self.call = None;
                    self.ended(outcome);
                }
                // Items that have closed while the call went on.
                Poll::Pending => {
                    return match self.queued() {
                        Some(item) => Poll::Ready(Some(item)),
                        None => Poll::Pending,
                    };
                }
            }
        }
    }

    fn queued(&self) -> Option<Result<T>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.pop()
    }

    fn ended(&mut self, outcome: Result<Completion<Vec<T>>>) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        (self.rest, self.summary) = queue.ended(outcome);
    }

    /// Waits for the end, and gives what came of the list. Items that nobody has asked for are lost.
    ///
    /// # Errors
    ///
    /// Those of [`Create`](crate::Create), if [`ItemStream::next`] has not given it.
    pub async fn finish(&mut self) -> Result<ItemSummary> {
        while let Some(item) = self.next().await {
            if let Err(error) = item
                && !matches!(error, Error::Item { .. })
            {
                return Err(error);
            }
        }
        self.summary.take().ok_or_else(given_away)
    }
}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<Self::Item>> {
        self.poll_item(context)
    }
}

/// Nothing in it is pinned.
impl<T> Unpin for ItemStream<T> {}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemStream")
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}
