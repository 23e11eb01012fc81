//! Calls whose answers are read as they arrive.

use std::convert::identity;

use serde::de::DeserializeOwned;

use super::Create;
use crate::model::ResponseModel;
use crate::stream::{self, ItemStream, Items, PartialStream};

#[cfg(doc)]
use super::Completion;
#[cfg(doc)]
use crate::error::Error;

impl<T: ResponseModel> Create<T> {
    /// Whether a stream stops as soon as some part of the answer is known to be wrong: the connection is dropped, and the answer is asked
    /// for again with what is there of it. Default: no. It saves the tokens that the rest would have cost
    /// ([`Completion::saved_tokens`]); what the provider charges for the part that came is not known, since it tells that at the end.
    /// A call with a budget of tokens or money is therefore not stopped.
    pub fn fail_fast(mut self, fail_fast: bool) -> Self {
        self.fail_fast = fail_fast;
        self
    }

    /// Asks for the value as it arrives. Nothing is sent until the stream is read.
    pub fn stream(self) -> PartialStream<T>
    where
        T::Partial: Send,
    {
        let leniency = self.leniency.unwrap_or_else(|| self.client.leniency());
        let context = self.context.clone();
        let has_budget = self.max_tokens_total.is_some() || self.max_cost.is_some();
        let fail_fast = self.fail_fast && !has_budget;
        let (watcher, shown) = stream::watched::<T>(context, leniency, fail_fast);
        PartialStream::new(self.run(Some(Box::new(watcher)), identity), shown)
    }
}

impl<T: ResponseModel + DeserializeOwned> Create<Vec<T>, Items> {
    /// Whether items that are wrong are asked for again, once the others are there. Default: no; each is an
    /// [`Error::Item`] at once.
    pub fn repair_items(mut self, repair: bool) -> Self {
        self.repair_items = repair;
        self
    }

    /// Asks for the items as they arrive. Nothing is sent until the stream is read.
    pub fn stream(mut self) -> ItemStream<T>
    where
        T: Send,
    {
        let leniency = self.leniency.unwrap_or_else(|| self.client.leniency());
        let context = self.context.clone();
        if !self.repair_items {
            self.max_retries = Some(0);
        }
        let (watcher, queue) = stream::watched_items::<T>(context, leniency, self.repair_items);
        ItemStream::new(self.run(Some(Box::new(watcher)), identity), queue)
    }
}
