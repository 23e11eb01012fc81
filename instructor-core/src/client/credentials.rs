//! The API key: sent in one header, and taken out of whatever a server echoes.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use memchr::memmem;
use secrecy::{ExposeSecret, SecretString};

use super::environment;
use crate::error::{Error, Result};
use crate::provider::{Auth, Provider};

const REDACTED: &[u8] = b"[redacted]";
/// A shorter key is none: what stands for one with a local server is found in any text.
const SHORTEST_SECRET: usize = 8;

/// A key, and the header that carries it.
pub(crate) struct Credentials {
    /// Knows the key, if it is a secret.
    finder: Option<memmem::Finder<'static>>,
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
        let secret = Some(key.expose_secret()).filter(|key| key.len() >= SHORTEST_SECRET);
        let finder = secret.map(|key| memmem::Finder::new(key).into_owned());
        Ok(Some(Credentials {
            finder,
            name,
            value,
        }))
    }

    /// The header that signs a request.
    pub(crate) fn header(&self) -> (HeaderName, HeaderValue) {
        (self.name.clone(), self.value.clone())
    }

    /// `body` without the key, should a server have echoed it. A body without it, which is every usual one, is not copied.
    pub(crate) fn redact(&self, body: Bytes) -> Bytes {
        match self.redacted(&body) {
            Some(redacted) => redacted.into(),
            None => body,
        }
    }

    /// The same for a text.
    pub(crate) fn redact_text(&self, text: &mut String) {
        if let Some(redacted) = self.redacted(text.as_bytes()) {
            *text = String::from_utf8_lossy(&redacted).into_owned();
        }
    }

    /// The bytes without the key; `None` if it is not among them.
    fn redacted(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let finder = self.finder.as_ref()?;
        let mut redacted = Vec::new();
        let mut kept = 0;
        for found in finder.find_iter(bytes) {
            redacted.extend_from_slice(bytes.get(kept..found).unwrap_or_default());
            redacted.extend_from_slice(REDACTED);
            kept = found + finder.needle().len();
        }
        if kept == 0 {
            return None;
        }
        redacted.extend_from_slice(bytes.get(kept..).unwrap_or_default());
        Some(redacted)
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

    #[test]
    fn a_word_that_stands_for_a_key_is_no_secret() {
        let given = SecretString::from("unused");
        let credentials = Credentials::of(&OPENAI, Some(given))
            .expect("valid")
            .expect("a key");
        let body = Bytes::from_static(b"an unused word");
        assert_eq!(credentials.redact(body.clone()), body);
    }
}
