//! The builder that users send.

use std::any::Any;
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::driver::Driver;
use super::stream::{ItemStream, PartialStream};
use crate::create::{Completion, Validator, Whole};
use crate::error::Result;
use crate::hooks::{
    ErrorEvent, FinishEvent, Hooks, ParseErrorEvent, RequestEvent, ResponseEvent, RetryEvent,
    UsageEvent,
};
use crate::leniency::Leniency;
use crate::llm_rule::ValidatorCache;
use crate::message::Message;
use crate::model::ResponseModel;
use crate::repair::Reask;
use crate::request::Mode;
use crate::stream::Items;

/// A question for a `T`, to be sent. Made by [`Client::create`](super::Client::create); what can be said of it is what
/// [`Create`](crate::Create) knows.
#[must_use = "nothing is sent until `send` is called"]
pub struct Create<T, K = Whole> {
    create: crate::Create<T, K>,
    driver: Arc<Driver>,
}

macro_rules! said {
    ($($name:ident($value:ident: $type:ty);)*) => {
        $(
            #[doc = concat!("As [`Create::", stringify!($name), "`](crate::Create::", stringify!($name), ").")]
            pub fn $name(mut self, $value: $type) -> Self {
                self.create = self.create.$name($value);
                self
            }
        )*
    };
}

impl<T: ResponseModel, K> Create<T, K> {
    pub(super) fn new(create: crate::Create<T, K>, driver: Arc<Driver>) -> Self {
        Create { create, driver }
    }

    said! {
        messages(earlier: impl IntoIterator<Item = Message>);
        system(instructions: impl Into<String>);
        model(model: impl Into<Arc<str>>);
        mode(mode: Mode);
        temperature(temperature: f64);
        max_tokens(max_tokens: u32);
        max_retries(max_retries: u32);
        leniency(leniency: Leniency);
        reask(reask: Reask);
        timeout(timeout: Duration);
        idle_timeout(timeout: Duration);
        max_tokens_total(tokens: u64);
        max_cost(dollars: f64);
        deadline(deadline: Instant);
        validator(validator: impl Into<Validator>);
        validator_cache(cache: ValidatorCache);
        context(value: impl Serialize + Any + Send + Sync);
        extension(value: impl Any + Send + Sync);
        hooks(hooks: Hooks);
        on_request(hook: impl Fn(&RequestEvent<'_>) + Send + Sync + 'static);
        on_response(hook: impl Fn(&ResponseEvent<'_>) + Send + Sync + 'static);
        on_usage(hook: impl Fn(&UsageEvent<'_>) + Send + Sync + 'static);
        on_parse_error(hook: impl Fn(&ParseErrorEvent<'_>) + Send + Sync + 'static);
        on_retry(hook: impl Fn(&RetryEvent<'_>) + Send + Sync + 'static);
        on_error(hook: impl Fn(&ErrorEvent<'_>) + Send + Sync + 'static);
        on_finish(hook: impl Fn(&FinishEvent<'_>) + Send + Sync + 'static);
    }
}

impl<T: ResponseModel> Create<T> {
    said! {
        fail_fast(fail_fast: bool);
    }

    /// Sends it, and waits for the value.
    ///
    /// # Errors
    ///
    /// Those of [`Create`](crate::Create).
    pub fn send(self) -> Result<T> {
        self.driver.wait(self.create.into_future())
    }

    /// The same, along with the ledger.
    ///
    /// # Errors
    ///
    /// Those of [`Create`](crate::Create).
    pub fn send_with_completion(self) -> Result<Completion<T>> {
        let call = self.create.with_completion();
        self.driver.wait(call.into_future())
    }

    /// Asks for the value as it arrives. Nothing is sent until the stream is read.
    pub fn stream(self) -> PartialStream<T>
    where
        T::Partial: Send,
    {
        PartialStream::new(self.create.stream(), self.driver)
    }
}

impl<T: ResponseModel + DeserializeOwned> Create<Vec<T>, Items> {
    said! {
        repair_items(repair: bool);
    }

    /// Asks for the items as they arrive. Nothing is sent until the stream is read.
    pub fn stream(self) -> ItemStream<T>
    where
        T: Send,
    {
        ItemStream::new(self.create.stream(), self.driver)
    }
}

impl<T, K> fmt::Debug for Create<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.create.fmt(f)
    }
}
