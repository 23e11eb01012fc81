//! The builder that users await.

mod completion;
mod hooks;
mod stream;
mod validator;

use std::any::Any;
use std::convert::identity;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_core::future::BoxFuture;
use serde::Serialize;

use crate::budget::Limits;
use crate::call::{Call, Terms};
use crate::client::Client;
use crate::context::Context;
use crate::cost::Dollars;
use crate::error::{Error, Result};
use crate::hooks::{CallHooks, Hooks};
use crate::leniency::Leniency;
use crate::llm_rule::{Judge, Panel, ValidatorCache};
use crate::message::Message;
use crate::model::ResponseModel;
use crate::repair::Reask;
use crate::request::{Mode, Request};
use crate::trace;
use crate::watcher::{Watch, Watcher};

pub use completion::Completion;
pub use validator::Validator;

/// A question for a `T`, to be awaited. Made by [`Client::create`].
///
/// ```no_run
/// # use instructor_core::{Client, ResponseModel, Result};
/// # async fn example<Person: ResponseModel>(client: Client) -> Result<()> {
/// let person: Person = client
///     .create("Jason is 25 years old")
///     .system("Extract the person.")
///     .temperature(0.0)
///     .max_retries(1)
///     .await?;
/// # let _ = person;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until this is awaited"]
pub struct Create<T, K = Whole> {
    client: Client,
    messages: Vec<Message>,
    system: Option<String>,
    model: Option<Arc<str>>,
    mode: Option<Mode>,
    temperature: Option<f64>,
    max_tokens: Option<u32>,
    max_retries: Option<u32>,
    leniency: Option<Leniency>,
    timeout: Option<Duration>,
    validator: Option<Validator>,
    validator_cache: Option<ValidatorCache>,
    context: Context,
    reask: Reask,
    hooks: Hooks,
    max_tokens_total: Option<u64>,
    max_cost: Option<f64>,
    deadline: Option<Instant>,
    idle_timeout: Option<Duration>,
    fail_fast: bool,
    repair_items: bool,
    answer: PhantomData<fn() -> (T, K)>,
}

/// What a [`Create`] asks for that is made by [`Client::create`]: the whole value.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "it has no value, and never will")]
pub enum Whole {}

impl<T: ResponseModel, K> Create<T, K> {
    pub(crate) fn new(client: Client, prompt: Message) -> Self {
        Create {
            client,
            messages: vec![prompt],
            system: None,
            model: None,
            mode: None,
            temperature: None,
            max_tokens: None,
            max_retries: None,
            leniency: None,
            timeout: None,
            validator: None,
            validator_cache: None,
            context: Context::new(),
            reask: Reask::default(),
            hooks: Hooks::new(),
            max_tokens_total: None,
            max_cost: None,
            deadline: None,
            idle_timeout: None,
            fail_fast: false,
            repair_items: false,
            answer: PhantomData,
        }
    }

    /// Earlier turns of the conversation. They are put before the prompt, in order.
    pub fn messages(mut self, earlier: impl IntoIterator<Item = Message>) -> Self {
        let prompt = self.messages.len().saturating_sub(1);
        self.messages.splice(prompt..prompt, earlier);
        self
    }

    /// Instructions, put before everything else. Calling it again replaces them.
    pub fn system(mut self, instructions: impl Into<String>) -> Self {
        self.system = Some(instructions.into());
        self
    }

    /// Another model of the same provider. Default: the client's.
    pub fn model(mut self, model: impl Into<Arc<str>>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// How the model is made to follow the schema. Default: the provider's best.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Sampling temperature. Default: none is sent, so the provider's own holds.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// The most tokens the answer may have. Default: none is sent; the Anthropic API demands one and gets 4096.
    pub fn max_tokens(mut self, max_tokens: u32) -> Self {
        self.max_tokens = Some(max_tokens);
        self
    }

    /// How often a wrong answer is asked for again, with what was wrong. Default: the client's, which is 3; 0 means one request.
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = Some(max_retries);
        self
    }

    /// How far the answer may be from what was asked for. Default: the client's, which is [`Leniency::Default`].
    pub fn leniency(mut self, leniency: Leniency) -> Self {
        self.leniency = Some(leniency);
        self
    }

    /// How a wrong answer is asked for again. Default: [`Reask::Auto`].
    pub fn reask(mut self, reask: Reask) -> Self {
        self.reask = reask;
        self
    }

    /// How long the whole call may take, retries and validators included. Default: no limit besides that of each request.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How many tokens the whole call may use, prompts, retries and validators included: once it has used them, no retry is sent and it
    /// ends with [`Error::BudgetExceeded`]. Default: no limit.
    pub fn max_tokens_total(mut self, tokens: u64) -> Self {
        self.max_tokens_total = Some(tokens);
        self
    }

    /// How many dollars the whole call may cost, retries and validators included: once it has cost that much, no retry is sent and it
    /// ends with [`Error::BudgetExceeded`]. Default: no limit.
    ///
    /// If the model, or the judge of its LLM rules, has no [price](crate::cost), the call ends with [`Error::BudgetUnknown`] before
    /// anything is sent.
    pub fn max_cost(mut self, dollars: f64) -> Self {
        self.max_cost = Some(dollars);
        self
    }

    /// When the whole call must have ended: at that instant it ends with [`Error::BudgetExceeded`], also in the middle of a request.
    /// Default: never. A limit that counts from the start of the call is [`Create::timeout`].
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Who judges `#[llm_validate]` rules: a [`Client`], or the name of a model of the same provider. Default: the model that is
    /// asked. A rule's own `model = "..."` goes before.
    pub fn validator(mut self, validator: impl Into<Validator>) -> Self {
        self.validator = Some(validator.into());
        self
    }

    /// Where the verdicts of LLM validators are kept between calls. Default: the client's, which is nowhere.
    pub fn validator_cache(mut self, cache: ValidatorCache) -> Self {
        self.validator_cache = Some(cache);
        self
    }

    /// A value that custom rules find by its type, and templates by the names of its fields. A value of the same type that was
    /// given before is replaced. Templates are filled in once, when the call is made: by `.await`, `.into_future()` or `.stream()`.
    pub fn context<C: Serialize + Any + Send + Sync>(mut self, value: C) -> Self {
        self.context = self.context.with(value);
        self
    }

    /// A value that custom rules find by its type, and templates do not see: a database, for example.
    pub fn extension<C: Any + Send + Sync>(mut self, value: C) -> Self {
        self.context = self.context.with_extension(value);
        self
    }

    /// How long the provider may be silent in the middle of a stream. Default: the client's, which is 60 seconds; models that think
    /// may say nothing for longer.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// What the caller has said, without the room that it took to say it.
    fn prepare(self, watcher: Option<Box<dyn Watcher>>) -> Result<Prepared> {
        let client = self.client;
        let model = self.model.unwrap_or_else(|| client.shared_model());
        let mode = mode(&client, &model, self.mode)?;
        if self
            .temperature
            .is_some_and(|temperature| !temperature.is_finite())
        {
            return Err(Error::Request("the temperature is not a number".to_owned()));
        }
        let limits = Limits {
            tokens: self.max_tokens_total,
            cost: self.max_cost.map(Dollars::try_from).transpose()?,
            deadline: self.deadline,
        };
        let mut messages = self.messages;
        if let Some(system) = self.system {
            messages.insert(0, Message::system(system));
        }
        let max_retries = self.max_retries.unwrap_or_else(|| client.max_retries());
        let panel = if T::SCHEMA.has_llm_rules() {
            let judge = match self.validator {
                // Another client has its own ways; a judge of this one is asked like the model it judges.
                Some(Validator::Client(other)) => Judge::of(&other),
                judging => Judge {
                    client: client.clone(),
                    model: match judging {
                        Some(Validator::Model(name)) => name,
                        _ => Arc::clone(&model),
                    },
                    mode,
                    max_retries,
                },
            };
            let cache = self.validator_cache;
            Some(Panel::new(
                T::SCHEMA,
                &judge,
                &client,
                &self.context,
                cache,
            )?)
        } else {
            None
        };
        let idle_timeout = self
            .idle_timeout
            .unwrap_or_else(|| client.bounds().idle_timeout);
        let call = Call {
            request: Arc::new(Request {
                temperature: self.temperature,
                max_tokens: self.max_tokens,
                is_streamed: watcher.is_some(),
                ..Request::new(model, messages, T::SCHEMA, mode)
            }),
            max_retries,
            leniency: self.leniency.unwrap_or_else(|| client.leniency()),
            client,
            panel,
            context: self.context,
            reask: self.reask,
            timeout: self.timeout,
        };
        Ok(Prepared {
            call,
            hooks: self.hooks,
            limits,
            watcher,
            idle_timeout,
        })
    }

    /// The future that users await, of what `give` makes of the outcome.
    fn run<R: 'static>(
        self,
        watcher: Option<Box<dyn Watcher>>,
        give: fn(Completion<T>) -> R,
    ) -> BoxFuture<'static, Result<R>> {
        match self.prepare(watcher) {
            Ok(mut prepared) => Box::pin(async move { prepared.run().await.map(give) }),
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }
}

/// A call with all that it needs.
struct Prepared {
    call: Call,
    hooks: Hooks,
    limits: Limits,
    watcher: Option<Box<dyn Watcher>>,
    idle_timeout: Duration,
}

impl Prepared {
    async fn run<T: ResponseModel>(&mut self) -> Result<Completion<T>> {
        let call = &self.call;
        let span = trace::create_span(
            T::SCHEMA.name,
            &call.request.model,
            &call.client.provider().name,
            call.max_retries,
        );
        // Most answers are accepted at once.
        let mut attempts = Vec::with_capacity(1);
        let terms = Terms {
            hooks: CallHooks::new(call.client.hooks(), &self.hooks),
            limits: self.limits,
            is_own: true,
            end: call.end(self.limits),
        };
        let idle_timeout = self.idle_timeout;
        let watch = self.watcher.as_deref_mut().map(|watcher| Watch {
            watcher,
            idle_timeout,
        });
        let value = call.run_on::<T>(&terms, watch, span, &mut attempts).await?;
        Ok(Completion { value, attempts })
    }
}

impl<T: ResponseModel> Create<T> {
    /// Gives the ledger along with the value.
    pub fn with_completion(self) -> CreateWithCompletion<T> {
        CreateWithCompletion(self)
    }
}

/// The mode to use, if the provider has it.
fn mode(client: &Client, model: &str, asked: Option<Mode>) -> Result<Mode> {
    let offered = client.provider().codec.modes(model);
    match asked {
        None => Ok(client.default_mode(model)),
        Some(mode) if offered.contains(&mode) => Ok(mode),
        Some(mode) => {
            let offered: Vec<&str> = offered.iter().map(|mode| mode.as_str()).collect();
            let provider = client.provider().name.to_string();
            Err(Error::UnsupportedMode {
                provider,
                mode,
                offered: offered.join(", "),
            })
        }
    }
}

impl<T: ResponseModel> IntoFuture for Create<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.run(None, |completion| completion.value)
    }
}

impl<T, K> fmt::Debug for Create<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Create")
            .field("client", &self.client)
            .field("messages", &self.messages)
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

/// A [`Create`] that gives the ledger along with the value. Made by [`Create::with_completion`].
#[must_use = "nothing is sent until this is awaited"]
#[derive(Debug)]
pub struct CreateWithCompletion<T>(Create<T>);

impl<T: ResponseModel> IntoFuture for CreateWithCompletion<T> {
    type Output = Result<Completion<T>>;
    type IntoFuture = BoxFuture<'static, Result<Completion<T>>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0.run(None, identity)
    }
}
