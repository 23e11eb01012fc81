//! The API key: sent in one header, and taken out of whatever a server echoes.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use memchr::memmem;
use secrecy::{ExposeSecret, SecretString};

use super::environment;
use crate::error::{Error, Result};
use crate::provider::{Auth, Provider};

const REDACTED: &[u8] = b"[redacted]";

/// A key, and the header that carries it.
pub(crate) struct Credentials {
    key: SecretString,
    name: HeaderName,
    /// Marked sensitive, so that nobody prints it.
    value: HeaderValue,
}

impl Credentials {
    /// The given key, or the one in the provider's environment variable; `None` if the provider wants no key.
    pub(super) fn of(provider: &Provider, given: Option<SecretString>) -> Result<Option<Self>> {
        let name = match provider.auth {
            Auth::None => return Ok(None),
            Auth::Bearer => http::header::AUTHORIZATION,
            Auth::Header(name) => HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Error::Request(format!("`{name}` is not the name of a header")))?,
        };
        let key = key(provider, given)?;
        let prefix = match provider.auth {
            Auth::Bearer => "Bearer ",
            Auth::Header(_) | Auth::None => "",
        };
        let mut value =
            HeaderValue::from_str(&[prefix, key.expose_secret()].concat()).map_err(|_| {
                Error::InvalidApiKey {
                    provider: provider.name.to_string(),
                }
            })?;
        value.set_sensitive(true);
        Ok(Some(Credentials { key, name, value }))
    }

    /// The header that signs a request.
    pub(crate) fn header(&self) -> (HeaderName, HeaderValue) {
        (self.name.clone(), self.value.clone())
    }

    /// `body` without the key, should a server have echoed it. A body without it, which is every usual one, is not copied.
    pub(crate) fn redact(&self, body: Bytes) -> Bytes {
        let key = self.key.expose_secret().as_bytes();
        let finder = memmem::Finder::new(key);
        let mut redacted = Vec::new();
        let mut kept = 0;
        for found in finder.find_iter(&body) {
            redacted.extend_from_slice(body.get(kept..found).unwrap_or_default());
            redacted.extend_from_slice(REDACTED);
            kept = found + key.len();
        }
        if kept == 0 {
            return body;
        }
        redacted.extend_from_slice(body.get(kept..).unwrap_or_default());
        redacted.into()
    }
}

/// The key without white space around it, which files and shells leave behind.
fn key(provider: &Provider, given: Option<SecretString>) -> Result<SecretString> {
    let trimmed = |key: &str| {
        Some(key.trim())
            .filter(|key| !key.is_empty())
            .map(SecretString::from)
    };
    given
        .and_then(|key| trimmed(key.expose_secret()))
        .or_else(|| trimmed(&environment::variable(provider.api_key_variable?)?))
        .ok_or_else(|| Error::MissingApiKey {
            provider: provider.name.to_string(),
            variable: provider.api_key_variable,
        })
}

#[cfg(all(test, feature = "openai"))]
mod tests {
    use super::*;
    use crate::provider::openai::OPENAI;

    #[test]
    fn an_echoed_key_is_taken_out_wherever_it_stands() {
        let given = SecretString::from(" sk-canary\n");
        let credentials = Credentials::of(&OPENAI, Some(given))
            .expect("valid")
            .expect("a key");
        assert_eq!(credentials.header().1, "Bearer sk-canary");
        for (body, expected) in [
            ("nothing", "nothing"),
            ("", ""),
            ("sk-canary", "[redacted]"),
            ("a sk-canary b sk-canary", "a [redacted] b [redacted]"),
        ] {
            assert_eq!(
                credentials.redact(Bytes::from_static(body.as_bytes())),
                expected
            );
        }
    }
}
