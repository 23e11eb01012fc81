//! The API key: sent in one header, and taken out of whatever a server echoes.

use std::ops::Range;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use memchr::memmem;
use regex::bytes::Regex;
use secrecy::{ExposeSecret, SecretString};

use super::environment;
use crate::error::{Error, Result};
use crate::provider::{Auth, Provider};

const REDACTED: &[u8] = b"[redacted]";
/// A shorter key is none: what stands for one with a local server is found in any text.
const SHORTEST_SECRET: usize = 8;

/// A key, as it may stand in an answer.
enum Key {
    /// Of letters, digits and what every writer of JSON leaves alone, as the vendors' own are.
    Plain(Box<memmem::Finder<'static>>),
    /// Also in JSON whose writer escapes more than it must: `\/` and `\u002b` are common.
    Escaped(Regex),
}

impl Key {
    fn new(key: &str) -> Self {
        let is_left_alone =
            |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        let written = |character: char| {
            let plain = regex::escape(&character.to_string());
            format!(r"(?:\\?{plain}|\\u(?i:{:04x}))", u32::from(character))
        };
        let plain = || Key::Plain(Box::new(memmem::Finder::new(key).into_owned()));
        if key.chars().all(is_left_alone) {
            return plain();
        }
        let escaped = Regex::new(&key.chars().map(written).collect::<String>());
        // Only a key of many thousand characters is no expression.
        escaped.map_or_else(|_| plain(), Key::Escaped)
    }

    /// Where the key is from a position on.
    fn find(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        match self {
            Key::Plain(finder) => {
                let start = from + finder.find(bytes.get(from..)?)?;
                Some(start..start + finder.needle().len())
            }
            Key::Escaped(regex) => Some(regex.find_at(bytes, from)?.range()),
        }
    }

    /// The bytes without the key; `None` if it is not among them.
    fn redacted(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut redacted = Vec::new();
        let mut kept = 0;
        while let Some(found) = self.find(bytes, kept) {
            redacted.extend_from_slice(bytes.get(kept..found.start).unwrap_or_default());
            redacted.extend_from_slice(REDACTED);
            kept = found.end;
        }
        if kept == 0 {
            return None;
        }
        redacted.extend_from_slice(bytes.get(kept..).unwrap_or_default());
        Some(redacted)
    }
}

/// A key, and the header that carries it.
pub(crate) struct Credentials {
    /// Knows the key, if it is a secret.
    key: Option<Key>,
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
        Ok(Some(Credentials {
            key: secret.map(Key::new),
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

    /// The text without the key; `None` if it is not in it.
    pub(crate) fn redacted_text(&self, text: &str) -> Option<String> {
        let redacted = self.redacted(text.as_bytes())?;
        Some(String::from_utf8_lossy(&redacted).into_owned())
    }

    /// Whether the key is in a text.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        let found = self.key.as_ref().map(|key| key.find(text.as_bytes(), 0));
        found.flatten().is_some()
    }

    /// Takes the key out of the value of a header.
    pub(crate) fn redact_header(&self, value: &mut HeaderValue) {
        if let Some(redacted) = self.redacted(value.as_bytes())
            && let Ok(redacted) = HeaderValue::from_bytes(&redacted)
        {
            *value = redacted;
        }
    }

    fn redacted(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.key.as_ref()?.redacted(bytes)
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
    fn a_key_is_taken_out_however_its_characters_are_escaped() {
        let given = SecretString::from("sk+canary/9=");
        let credentials = Credentials::of(&OPENAI, Some(given))
            .expect("valid")
            .expect("a key");
        for body in [
            "sk+canary/9=",
            r"sk+canary\/9=",
            r"sk\u002bcanary\u002F9\u003d",
        ] {
            assert_eq!(
                credentials.redact(Bytes::from_static(body.as_bytes())),
                "[redacted]",
                "{body}"
            );
        }
        let mut id = HeaderValue::from_static("req-sk+canary/9=");
        credentials.redact_header(&mut id);
        assert_eq!(id, "req-[redacted]");
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
