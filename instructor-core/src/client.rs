//! The client: one model of one provider, and how to reach it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::{HeaderName, HeaderValue, Uri};
use secrecy::{ExposeSecret, SecretString};

use crate::create::Create;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::model::ResponseModel;
use crate::provider::{self, Auth, Provider};
use crate::request::Mode;
use crate::retry::RetryPolicy;
use crate::transport::{HttpClient, Transport};

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
    /// The first path that was asked for, and its address.
    address: OnceLock<(String, Uri)>,
    /// The header the service is signed with; its value is marked sensitive.
    authorization: Option<(HeaderName, HeaderValue)>,
    /// The key again, to take it out of texts that a server echoes.
    api_key: Option<SecretString>,
    transport: Arc<dyn Transport>,
    retry_policy: RetryPolicy,
    max_retries: u32,
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
        ClientBuilder {
            provider,
            model: model.into(),
            base_url: None,
            api_key: None,
            transport: None,
            retry_policy: RetryPolicy::default(),
            max_retries: DEFAULT_MAX_RETRIES,
        }
    }

    /// Asks for a `T`. Nothing is sent until the result is awaited.
    ///
    /// `prompt` is a text, or a [`Message`] of any role.
    pub fn create<T: ResponseModel>(&self, prompt: impl Into<Message>) -> Create<T> {
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

    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.inner.retry_policy
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

    pub(crate) fn authorization(&self) -> Option<&(HeaderName, HeaderValue)> {
        self.inner.authorization.as_ref()
    }

    /// `text` without the key, should a server have echoed it.
    pub(crate) fn redact(&self, text: &mut String) {
        if let Some(key) = &self.inner.api_key {
            let key = key.expose_secret();
            if text.contains(key) {
                *text = text.replace(key, "[redacted]");
            }
        }
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
    transport: Option<Arc<dyn Transport>>,
    retry_policy: RetryPolicy,
    max_retries: u32,
}

impl ClientBuilder {
    /// The address the dialect's paths are put behind. Default: the provider's own, or its environment variable.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The API key. Default: the provider's environment variable.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = Some(SecretString::from(api_key.into()));
        self
    }

    /// How requests are sent. Default: [`HttpClient::new`].
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// What is done when the network or the provider fails. Default: two retries with growing pauses.
    pub fn retry_policy(mut self, retry_policy: RetryPolicy) -> Self {
        self.retry_policy = retry_policy;
        self
    }

    /// How often a wrong answer is asked for again, for calls that do not say. Default: 3, so 4 requests at most.
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = max_retries;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`Error::MissingApiKey`], [`Error::InvalidApiKey`], [`Error::InvalidBaseUrl`], [`Error::InvalidModel`] if the model is
    /// empty, [`Error::Request`] if TLS cannot be set up.
    pub fn build(self) -> Result<Client> {
        if self.model.trim().is_empty() {
            return Err(Error::InvalidModel {
                given: format!("{}/", self.provider.name),
            });
        }
        let given = self
            .base_url
            .or_else(|| environment(self.provider.base_url_variable?));
        let base_url = base_url(given.unwrap_or_else(|| self.provider.base_url.to_string()))?;
        let api_key = match self.provider.auth {
            Auth::None => None,
            Auth::Bearer | Auth::Header(_) => Some(api_key(&self.provider, self.api_key)?),
        };
        let authorization = match &api_key {
            Some(key) => authorization(&self.provider, key.expose_secret())?,
            None => None,
        };
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpClient::new()?),
        };
        Ok(Client {
            inner: Arc::new(Inner {
                provider: self.provider,
                model: self.model,
                base_url,
                address: OnceLock::new(),
                authorization,
                api_key,
                transport,
                retry_policy: self.retry_policy,
                max_retries: self.max_retries,
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

/// The value of an environment variable; an empty one counts as not set.
fn environment(variable: &str) -> Option<String> {
    std::env::var(variable)
        .ok()
        .filter(|value| !value.trim().is_empty())
}

fn api_key(provider: &Provider, given: Option<SecretString>) -> Result<SecretString> {
    let given = given.filter(|key| !key.expose_secret().trim().is_empty());
    given
        .or_else(|| environment(provider.api_key_variable?).map(SecretString::from))
        .ok_or_else(|| Error::MissingApiKey {
            provider: provider.name.to_string(),
            variable: provider.api_key_variable,
        })
}

fn authorization(provider: &Provider, key: &str) -> Result<Option<(HeaderName, HeaderValue)>> {
    let (name, text) = match provider.auth {
        Auth::None => return Ok(None),
        Auth::Bearer => (
            http::header::AUTHORIZATION,
            format!("Bearer {}", key.trim()),
        ),
        Auth::Header(name) => {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Error::Request(format!("`{name}` is not the name of a header")))?;
            (name, key.trim().to_owned())
        }
    };
    let mut value = HeaderValue::from_str(&text).map_err(|_| Error::InvalidApiKey {
        provider: provider.name.to_string(),
    })?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

/// `text` without the slash at its end, if requests can be sent there.
fn base_url(mut text: String) -> Result<String> {
    text.truncate(text.trim_end_matches('/').len());
    let reason = match text.parse::<Uri>() {
        Err(error) => error.to_string(),
        Ok(uri) if !matches!(uri.scheme_str(), Some("http" | "https")) => {
            "it must start with http:// or https://".to_owned()
        }
        Ok(uri) if uri.query().is_some() => "it must not have a query".to_owned(),
        Ok(uri)
            if uri
                .authority()
                .is_some_and(|authority| authority.as_str().contains('@')) =>
        {
            "it must not contain a user name or password; use `api_key`".to_owned()
        }
        Ok(_) => return Ok(text),
    };
    Err(Error::InvalidBaseUrl {
        url: without_credentials(&text),
        reason,
    })
}

fn without_credentials(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            let (before, after) = (url.get(..scheme + 3), url.get(at + 1..));
            format!(
                "{}{}",
                before.unwrap_or_default(),
                after.unwrap_or_default()
            )
        }
        _ => url.to_owned(),
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
