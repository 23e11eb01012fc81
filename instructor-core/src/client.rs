//! The client: one model of one provider, and how to reach it.

mod address;
mod bounds;
mod builder;
mod credentials;
mod environment;
mod validators;

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::Uri;
use serde::de::DeserializeOwned;

use crate::answer_cache::AnswerCache;
use crate::cost::Tariff;
use crate::create::Create;
use crate::error::{Error, Result};
use crate::hooks::Hooks;
use crate::leniency::Leniency;
use crate::message::Message;
use crate::model::ResponseModel;
use crate::provider::{self, Provider};
use crate::rate_limit::Gate;
use crate::request::Mode;
use crate::retry::{RetryBudget, RetryPolicy};
#[cfg(doc)]
use crate::stream::ItemStream;
use crate::stream::Items;
use crate::trace::Server;
use crate::transport::Transport;

pub(crate) use bounds::Bounds;
#[cfg(feature = "reqwest")]
pub(crate) use bounds::DEFAULT_CONNECT_TIMEOUT;
pub use builder::ClientBuilder;
use credentials::Credentials;
pub use validators::DEFAULT_VALIDATOR_CONCURRENCY;
pub(crate) use validators::Validators;

/// Validation retries of a call unless told otherwise: 4 requests at most.
pub const DEFAULT_MAX_RETRIES: u32 = 3;

/// A client for one model of one provider. Cheap to clone; clones share their connections.
///
/// Calls must be awaited in a `tokio` runtime with I/O and time enabled.
///
/// ```no_run
/// # #[cfg(feature = "openai")]
/// # fn main() -> instructor_core::Result<()> {
/// use instructor_core::Client;
///
/// let client = Client::from_provider("openai/gpt-4o")?;
/// assert_eq!(client.model(), "gpt-4o");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "openai"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    provider: Provider,
    model: Arc<str>,
    base_url: String,
    server: Server,
    /// The first path that was asked for, and its address.
    address: OnceLock<(String, Uri)>,
    credentials: Option<Credentials>,
    transport: Arc<dyn Transport>,
    retry_policy: RetryPolicy,
    bounds: Bounds,
    /// There if rate limits are kept.
    gate: Option<Gate>,
    /// There if repetitions are limited.
    retry_budget: Option<RetryBudget>,
    sends_idempotency_keys: bool,
    max_retries: u32,
    leniency: Leniency,
    validators: Validators,
    answer_cache: Option<AnswerCache>,
    tariff: Tariff,
    hooks: Hooks,
}

impl Client {
    /// A client for `provider/model`, for example `openai/gpt-4o`. The key comes from the provider's environment variable.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidModel`], [`Error::UnknownProvider`], and those of [`Client::new`].
    pub fn from_provider(provider_and_model: &str) -> Result<Self> {
        let (provider, model) = provider::lookup(provider_and_model)?;
        Client::new(provider.clone(), model)
    }

    /// A client for `model` of `provider`. The key comes from the provider's environment variable.
    ///
    /// # Errors
    ///
    /// [`Error::MissingApiKey`], [`Error::InvalidApiKey`], [`Error::InvalidBaseUrl`] if the environment overrides the address with
    /// something else, [`Error::Request`] if TLS cannot be set up.
    pub fn new(provider: Provider, model: impl Into<Arc<str>>) -> Result<Self> {
        Client::builder(provider, model).build()
    }

    /// A client with an address, a key or a transport of your own.
    pub fn builder(provider: Provider, model: impl Into<Arc<str>>) -> ClientBuilder {
        ClientBuilder::new(provider, model.into())
    }

    /// Asks for a `T`. Nothing is sent until the result is awaited.
    ///
    /// `prompt` is a text, or a [`Message`] of any role.
    pub fn create<T: ResponseModel>(&self, prompt: impl Into<Message>) -> Create<T> {
        Create::new(self.clone(), prompt.into())
    }

    /// Asks for any number of `T`, each of which is there as soon as the model has written it; see [`ItemStream`]. Nothing is sent until
    /// the [stream](Create::stream) is read.
    pub fn create_items<T: ResponseModel + DeserializeOwned>(
        &self,
        prompt: impl Into<Message>,
    ) -> Create<Vec<T>, Items> {
        Create::new(self.clone(), prompt.into())
    }

    /// The model, as the provider names it.
    pub fn model(&self) -> &str {
        &self.inner.model
    }

    /// The provider.
    pub fn provider(&self) -> &Provider {
        &self.inner.provider
    }

    pub(crate) fn shared_model(&self) -> Arc<str> {
        Arc::clone(&self.inner.model)
    }

    /// The mode of a call that does not say.
    pub(crate) fn default_mode(&self, model: &str) -> Mode {
        self.inner
            .provider
            .codec
            .modes(model)
            .first()
            .copied()
            .unwrap_or(Mode::Tools)
    }

    pub(crate) fn max_retries(&self) -> u32 {
        self.inner.max_retries
    }

    pub(crate) fn leniency(&self) -> Leniency {
        self.inner.leniency
    }

    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.inner.retry_policy
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.inner.bounds
    }

    pub(crate) fn retry_budget(&self) -> Option<&RetryBudget> {
        self.inner.retry_budget.as_ref()
    }

    pub(crate) fn sends_idempotency_keys(&self) -> bool {
        self.inner.sends_idempotency_keys
    }

    pub(crate) fn gate(&self) -> Option<&Gate> {
        self.inner.gate.as_ref()
    }

    pub(crate) fn answer_cache(&self) -> Option<&AnswerCache> {
        self.inner.answer_cache.as_ref()
    }

    pub(crate) fn validators(&self) -> &Validators {
        &self.inner.validators
    }

    /// Where its requests go.
    pub(crate) fn server(&self) -> &Server {
        &self.inner.server
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.inner.base_url
    }

    /// What its requests cost.
    pub(crate) fn tariff(&self) -> &Tariff {
        &self.inner.tariff
    }

    /// What is told of its calls.
    pub(crate) fn hooks(&self) -> &Hooks {
        &self.inner.hooks
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.inner.transport
    }

    /// The address of `path`. Dialects with one path, which are most, have it built once.
    pub(crate) fn address(&self, path: &str) -> Result<Uri> {
        let build = || {
            let text = [&self.inner.base_url, path].concat();
            Uri::try_from(text).map_err(|error| Error::Request(error.to_string()))
        };
        match self.inner.address.get() {
            Some((known, uri)) if known == path => Ok(uri.clone()),
            Some(_) => build(),
            None => {
                let uri = build()?;
                // If another call was faster, its address stays.
                let _ = self.inner.address.set((path.to_owned(), uri.clone()));
                Ok(uri)
            }
        }
    }

    /// How requests are signed; `None` if the service wants no key.
    pub(crate) fn credentials(&self) -> Option<&Credentials> {
        self.inner.credentials.as_ref()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("provider", &self.inner.provider.name)
            .field("model", &self.inner.model)
            .field("base_url", &self.inner.base_url)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "openai"))]
mod tests {
    use super::*;
    use crate::provider::openai::OPENAI;

    fn builder() -> ClientBuilder {
        Client::builder(OPENAI.clone(), "gpt-4o").api_key("sk-canary")
    }

    #[test]
    fn a_base_url_must_be_http_and_shows_no_password() {
        for (url, expected) in [
            ("ftp://example.org", "must start with http"),
            ("not a url", "the base URL `not a url`"),
            (
                "https://ann:canary@example.org/v1",
                "`https://example.org/v1`",
            ),
            ("https://example.org/v1?a=1", "must not have a query"),
            (
                "https://example.org/v1#a",
                "must not have a query or a fragment",
            ),
            ("ann:canary@example.org", "the base URL `example.org`"),
            ("", "the base URL ``"),
        ] {
            let error = builder().base_url(url).build().expect_err(url);
            assert!(matches!(error, Error::InvalidBaseUrl { .. }), "{error:?}");
            assert!(error.to_string().contains(expected), "{error}");
            assert!(
                !format!("{error} {error:#?}").contains("canary"),
                "{error:?}"
            );
        }
        assert_eq!(
            builder()
                .base_url("http://localhost:1/v1/")
                .build()
                .expect("valid")
                .address("/a")
                .expect("valid"),
            "http://localhost:1/v1/a"
        );
    }

    #[test]
    fn plain_http_reaches_this_machine_alone_unless_it_is_allowed() {
        for (url, is_here) in [
            ("http://localhost:1/v1", true),
            ("http://LocalHost.", true),
            ("http://api.localhost", true),
            ("http://127.0.0.1", true),
            ("http://127.9.9.9:80", true),
            ("http://[::1]", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://0.0.0.0", false),
            ("http://10.0.0.1", false),
            ("http://[::2]", false),
            ("http://127.0.0.1.example.org", false),
            ("http://localhost.example.org", false),
            ("http://notlocalhost", false),
            ("HTTP://api.openai.com/v1", false),
        ] {
            match builder().base_url(url).build() {
                Ok(_) => assert!(is_here, "{url}"),
                Err(error) => {
                    assert!(matches!(error, Error::PlainHttp { .. }), "{error}");
                    assert!(
                        !is_here && error.to_string().contains("allow_http"),
                        "{url}"
                    );
                }
            }
            let allowed = builder().base_url(url).allow_http(true).build();
            assert!(allowed.is_ok(), "{url}");
        }
    }

    #[test]
    fn the_server_is_host_and_port_without_brackets() {
        for (url, address, port) in [
            ("https://api.openai.com/v1", "api.openai.com", 443),
            ("http://localhost", "localhost", 80),
            ("http://[::1]:8080/v1", "::1", 8080),
        ] {
            let client = builder().base_url(url).build().expect("valid");
            assert_eq!(client.server(), &Server::new(address, port));
        }
    }

    #[test]
    fn the_key_is_nowhere_to_be_seen() {
        let building = builder().base_url("https://ann:canary@example.org");
        let shown = format!("{building:?} {:?}", builder().build().expect("valid"));
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_key_with_a_line_break_is_refused() {
        let error = builder()
            .api_key("sk\ncanary")
            .build()
            .expect_err("invalid");
        assert!(
            matches!(error, Error::InvalidApiKey { .. })
                && !format!("{error:#?}").contains("canary")
        );
    }

    #[test]
    fn provider_and_model_are_told_apart() {
        assert!(matches!(
            Client::from_provider("gpt-4o"),
            Err(Error::InvalidModel { .. })
        ));
        assert!(matches!(
            Client::from_provider("openai/"),
            Err(Error::InvalidModel { .. })
        ));
        let error = Client::from_provider("opnai/gpt-4o").expect_err("unknown");
        assert!(
            error.to_string().contains("`opnai`") && error.to_string().contains("`openai`"),
            "{error}"
        );
    }
}
