//! Providers: services that speak a dialect.

#[cfg(feature = "anthropic")]
pub mod anthropic;
#[cfg(feature = "openai")]
pub mod openai;
#[cfg(feature = "openai")]
pub mod openai_responses;

use std::borrow::Cow;

use crate::codec::Codec;
use crate::error::{Error, Result};

/// A service: where to send, how to sign, which dialect to speak. Plain data, so that anyone can describe another one.
///
/// ```
/// # #[cfg(feature = "openai")] {
/// use instructor_core::provider::{Auth, Provider, openai};
///
/// let local = Provider::new("local", "http://127.0.0.1:8080/v1", &openai::STANDARD).with_auth(Auth::None);
/// assert_eq!(local.name, "local");
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Provider {
    /// The name before the `/` of `openai/gpt-4o`.
    pub name: Cow<'static, str>,
    /// The address that the dialect's paths are put behind, without a slash at its end.
    pub base_url: Cow<'static, str>,
    /// The environment variable that overrides `base_url`.
    pub base_url_variable: Option<&'static str>,
    /// The environment variable with the API key.
    pub api_key_variable: Option<&'static str>,
    /// How the key is sent.
    pub auth: Auth,
    /// The dialect.
    pub codec: &'static dyn Codec,
}

/// How a request is signed with the API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// Not at all.
    None,
    /// `authorization: Bearer KEY`
    Bearer,
    /// The key as the value of this header, named in lower case.
    Header(&'static str),
}

impl Provider {
    /// A service that takes its key from `Authorization: Bearer`.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        base_url: impl Into<Cow<'static, str>>,
        codec: &'static dyn Codec,
    ) -> Self {
        Provider {
            name: name.into(),
            base_url: base_url.into(),
            base_url_variable: None,
            api_key_variable: None,
            auth: Auth::Bearer,
            codec,
        }
    }

    /// The same service, signed with `auth`.
    #[must_use]
    pub fn with_auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// The same service, its address overridden by the environment variable `variable`.
    #[must_use]
    pub fn with_base_url_variable(mut self, variable: &'static str) -> Self {
        self.base_url_variable = Some(variable);
        self
    }

    /// The same service with its key in the environment variable `variable`.
    #[must_use]
    pub fn with_api_key_variable(mut self, variable: &'static str) -> Self {
        self.api_key_variable = Some(variable);
        self
    }
}

/// The providers this build knows: one word for each.
pub(crate) static ALL: &[&Provider] = &[
    #[cfg(feature = "openai")]
    &openai::OPENAI,
    #[cfg(feature = "openai")]
    &openai_responses::OPENAI_RESPONSES,
    #[cfg(feature = "anthropic")]
    &anthropic::ANTHROPIC,
];

/// The provider and the model of `provider/model`.
pub(crate) fn lookup(text: &str) -> Result<(&'static Provider, &str)> {
    let Some((name, model)) = text
        .split_once('/')
        .filter(|(name, model)| !name.is_empty() && !model.is_empty())
    else {
        return Err(Error::InvalidModel {
            given: text.to_owned(),
        });
    };
    match ALL.iter().find(|provider| provider.name == name) {
        Some(provider) => Ok((provider, model)),
        None => {
            let known: Vec<String> = ALL
                .iter()
                .map(|provider| format!("`{}`", provider.name))
                .collect();
            Err(Error::UnknownProvider {
                name: name.to_owned(),
                given: text.to_owned(),
                known: known.join(", "),
            })
        }
    }
}
