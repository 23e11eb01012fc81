//! How a client is built.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use secrecy::SecretString;

use super::credentials::Credentials;
use super::{Bounds, Client, DEFAULT_MAX_RETRIES, Inner, Validators, address, environment};
use crate::answer_cache::AnswerCache;
use crate::cost::{Price, Tariff};
use crate::error::{Error, Result};
use crate::hooks::Hooks;
use crate::leniency::Leniency;
use crate::llm_rule::ValidatorCache;
use crate::provider::Provider;
use crate::rate_limit::Gate;
use crate::retry::{RetryBudget, RetryPolicy};
use crate::trace::Server;
use crate::transport::Transport;

/// Builds a [`Client`].
///
/// ```
/// # #[cfg(feature = "openai")]
/// # fn main() -> instructor_core::Result<()> {
/// use instructor_core::{Client, provider::openai};
///
/// let client = Client::builder(openai::OPENAI.clone(), "llama3.2")
///     .base_url("http://127.0.0.1:11434/v1")
///     .api_key("unused")
///     .build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "openai"))]
/// # fn main() {}
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    provider: Provider,
    model: Arc<str>,
    base_url: Option<String>,
    api_key: Option<SecretString>,
    pub(super) transport: Option<Arc<dyn Transport>>,
    retry_policy: RetryPolicy,
    bounds: Bounds,
    allows_http: bool,
    respects_rate_limits: bool,
    has_retry_budget: bool,
    sends_idempotency_keys: bool,
    max_retries: u32,
    leniency: Leniency,
    validators: Validators,
    answer_cache: Option<AnswerCache>,
    prices: Vec<(String, Price)>,
    hooks: Hooks,
}

impl ClientBuilder {
    pub(super) fn new(provider: Provider, model: Arc<str>) -> Self {
        ClientBuilder {
            provider,
            model,
            base_url: None,
            api_key: None,
            transport: None,
            retry_policy: RetryPolicy::default(),
            bounds: Bounds::default(),
            allows_http: false,
            respects_rate_limits: false,
            has_retry_budget: false,
            sends_idempotency_keys: false,
            max_retries: DEFAULT_MAX_RETRIES,
            leniency: Leniency::default(),
            validators: Validators::default(),
            answer_cache: None,
            prices: Vec::new(),
            hooks: Hooks::new(),
        }
    }

    /// The address the dialect's paths are put behind. Default: the provider's own, or its environment variable.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The API key. Default: the provider's environment variable. A provider that wants none ([`Auth::None`](crate::Auth::None))
    /// is not sent one.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = Some(SecretString::from(api_key.into()));
        self
    }

    /// How requests are sent. Default: the `HttpClient` of the feature `reqwest`; without that feature there is none.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// What is done when the network or the provider fails. Default: two retries with growing pauses.
    pub fn retry_policy(mut self, retry_policy: RetryPolicy) -> Self {
        self.retry_policy = retry_policy;
        self
    }

    /// Whether requests may go over plain http to another machine, where everyone on the way can read key, prompts and answers.
    /// Default: no; what listens on this machine (`localhost`, 127.0.0.0/8, `::1`) may be asked so.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allows_http = allow;
        self
    }

    /// How long making a connection may take, TLS included. Default: 5 seconds. A [transport](Self::transport) of your own has
    /// its own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.connect_timeout = timeout;
        self
    }

    /// How long one request may take, from connecting to the last byte of its answer; repetitions have it each. Default: 10 minutes,
    /// since long answers of large models take minutes. It is looked at while nothing comes.
    ///
    /// A limit of the whole call is [`Create::timeout`](crate::Create::timeout).
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.request_timeout = timeout;
        self
    }

    /// How long the provider may be silent in the middle of a stream, for calls that do not say. Default: 60 seconds. Raise it for
    /// models that think for minutes without a word. An answer that is not a stream arrives at once, so it has no such limit; the
    /// body of an error has, with what is said here.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.idle_timeout = timeout;
        self
    }

    /// The longest answer that is read, in bytes, whole or as a stream; a longer one is an error of kind
    /// [`TooLarge`](crate::TransportErrorKind::TooLarge). Default: 32 MiB ([`MAX_BODY_BYTES`](crate::transport::MAX_BODY_BYTES)).
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.bounds.body_bytes = bytes;
        self
    }

    /// The most that is read of the body of an HTTP error, in bytes; the rest is not waited for. Default: 64 KiB.
    pub fn max_error_bytes(mut self, bytes: usize) -> Self {
        self.bounds.error_bytes = bytes;
        self
    }

    /// Whether requests wait once the provider says that its limit is used up (nothing remains in the headers of an answer, or a 429
    /// asks for a pause): until it is there again, and all calls of this client and its clones do. Default: no; they are sent,
    /// and refused with a 429.
    ///
    /// A request is not kept back for longer than [`RetryPolicy::max_retry_after`], nor if its call would end meanwhile: then it
    /// is sent, and the provider decides. How long it waited is in [`Attempt::rate_limit_wait`](crate::Attempt::rate_limit_wait).
    pub fn respect_rate_limits(mut self, respect: bool) -> Self {
        self.respects_rate_limits = respect;
        self
    }

    /// Whether all calls of this client and its clones share one budget of repetitions: 100 at first and at most, of which each takes
    /// one, and five requests bring one. So in an outage a provider gets 1.2 requests for each call, and not 3. A 429 with
    /// `Retry-After` takes none: there the provider sets the pace. A request that had to be given up says so with
    /// [`RetryStop::Budget`](crate::RetryStop::Budget).
    ///
    /// Default: no. A moment's failure that hits a thousand calls at once is survived without it, and ends most of them with it:
    /// turn it on where many calls at once are common, and another caller can wait.
    pub fn retry_budget(mut self, limit: bool) -> Self {
        self.has_retry_budget = limit;
        self
    }

    /// Whether each request of a call is sent with a random `Idempotency-Key`, the same in all its repetitions, so that a provider or a
    /// gateway that knows the header does not answer, and charge, twice. Default: no, since neither OpenAI nor Anthropic documents
    /// it; their own clients make such keys and send none.
    ///
    /// What LLM rules ask has none: equal questions are asked once already, and their verdicts may be shared between calls.
    pub fn idempotency_keys(mut self, send: bool) -> Self {
        self.sends_idempotency_keys = send;
        self
    }

    /// How often a wrong answer is asked for again, for calls that do not say. Default: 3, so 4 requests at most.
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = max_retries;
        self
    }

    /// A client that judges the `#[llm_validate]` and `#[moderate]` rules with `model = "name"`, with its own model and in its own
    /// mode. A name of the form `provider/model` needs this only if its client is to differ from
    /// [`Client::from_provider`]'s. Of two clients of one name the later one judges.
    ///
    /// ```
    /// # #[cfg(feature = "openai")]
    /// # fn main() -> instructor_core::Result<()> {
    /// use instructor_core::{Client, provider::openai};
    ///
    /// let strict = Client::builder(openai::OPENAI.clone(), "gpt-4o").api_key("unused").build()?;
    /// let client = Client::builder(openai::OPENAI.clone(), "gpt-4o-mini")
    ///     .api_key("unused")
    ///     .validator("strict", strict)
    ///     .build()?;
    /// # let _ = client;
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "openai"))]
    /// # fn main() {}
    /// ```
    pub fn validator(mut self, name: impl Into<String>, client: Client) -> Self {
        self.validators.registered.insert(name.into(), client);
        self
    }

    /// How many values of an answer are judged at the same time. Default: 8; at least 1.
    pub fn validator_concurrency(mut self, concurrency: usize) -> Self {
        self.validators.concurrency = concurrency;
        self
    }

    /// Where the verdicts of LLM validators are kept between calls. Default: nowhere.
    pub fn validator_cache(mut self, cache: ValidatorCache) -> Self {
        self.validators.cache = Some(cache);
        self
    }

    /// What the model charges. Default: what the [table](crate::cost) says.
    pub fn price(self, price: Price) -> Self {
        let model = self.model.to_string();
        self.prices([(model, price)])
    }

    /// Where answers are kept, so that a call that sends the same again gets them at once and for nothing. Default: nowhere.
    pub fn answer_cache(mut self, cache: AnswerCache) -> Self {
        self.answer_cache = Some(cache);
        self
    }

    /// What models charge that calls may name, or that LLM rules do. Default: what the [table](crate::cost) says.
    ///
    /// A name is one that a request asks for or that a response answers with; the latter comes first.
    pub fn prices<N: Into<String>>(mut self, prices: impl IntoIterator<Item = (N, Price)>) -> Self {
        let prices = prices.into_iter();
        self.prices
            .extend(prices.map(|(model, price)| (model.into(), price)));
        self
    }

    /// Functions that are told what the client's calls do; see [`hooks`](crate::hooks). Calling it again adds to them.
    pub fn hooks(mut self, hooks: Hooks) -> Self {
        self.hooks = self.hooks.and(hooks);
        self
    }

    /// How far an answer may be from what was asked for, for calls that do not say. Default: [`Leniency::Default`].
    pub fn leniency(mut self, leniency: Leniency) -> Self {
        self.leniency = leniency;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`Error::MissingApiKey`], [`Error::InvalidApiKey`], [`Error::InvalidBaseUrl`], [`Error::PlainHttp`] if the base URL is plain http
    /// to another machine, [`Error::InvalidModel`] if the model is empty, [`Error::Request`] if TLS cannot be set up.
    pub fn build(self) -> Result<Client> {
        if self.model.trim().is_empty() {
            return Err(Error::InvalidModel {
                given: format!("{}/", self.provider.name),
            });
        }
        let address = self
            .base_url
            .or_else(|| environment::variable(self.provider.base_url_variable?))
            .unwrap_or_else(|| self.provider.base_url.to_string());
        let (base_url, server) = address::checked(address, self.allows_http)?;
        let credentials = Credentials::of(&self.provider, self.api_key)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(self.bounds, &server)?,
        };
        let tariff = Tariff::new(&self.provider.name, self.prices);
        Ok(Client {
            inner: Arc::new(Inner {
                provider: self.provider,
                model: self.model,
                base_url,
                server,
                address: OnceLock::new(),
                credentials,
                transport,
                retry_policy: self.retry_policy,
                bounds: self.bounds,
                gate: self.respects_rate_limits.then(Gate::default),
                retry_budget: self.has_retry_budget.then(RetryBudget::default),
                sends_idempotency_keys: self.sends_idempotency_keys,
                max_retries: self.max_retries,
                leniency: self.leniency,
                validators: self.validators,
                answer_cache: self.answer_cache,
                tariff,
                hooks: self.hooks,
            }),
        })
    }
}

impl fmt::Debug for ClientBuilder {
    /// Without the address, which may hold a password until `build` refuses it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("provider", &self.provider.name)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "reqwest")]
fn default_transport(bounds: Bounds, server: &Server) -> Result<Arc<dyn Transport>> {
    use crate::transport::HttpClient;

    let build = match address::is_loopback(&server.address) {
        // Through a proxy the key would leave this machine in plain http.
        true => HttpClient::direct,
        false => HttpClient::with_connect_timeout,
    };
    let transport = build(bounds.connect_timeout)?;
    Ok(Arc::new(transport))
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(_: Bounds, _: &Server) -> Result<Arc<dyn Transport>> {
    Err(Error::NoTransport)
}
