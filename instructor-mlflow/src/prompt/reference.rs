//! Which prompt.

use std::fmt;

use crate::config::Address;

/// A version of a prompt on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PromptReference {
    pub(crate) address: Address,
    pub(crate) name: String,
    pub(crate) version: u32,
}

/// `greeting/3`, as filters of searches have it.
impl fmt::Display for PromptReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.version)
    }
}

/// What is asked for: a name, and one of its versions.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) version: WantedVersion<'a>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum WantedVersion<'a> {
    Number(u32),
    Alias(&'a str),
}

impl<'a> Wanted<'a> {
    /// Reads `name/3`, `name@alias`, `prompts:/name/3`, `prompts:/name@alias` and `name`.
    pub(super) fn parse(text: &'a str) -> Option<Wanted<'a>> {
        let path = text.strip_prefix("prompts:/").unwrap_or(text);
        let path = path.trim_start_matches('/');
        let (name, version) = if let Some((name, alias)) = path.split_once('@') {
            (name, WantedVersion::Alias(alias))
        } else if let Some((name, number)) = path.split_once('/') {
            (name, WantedVersion::Number(number.parse().ok()?))
        } else {
            (path, WantedVersion::Alias("latest"))
        };
        let is_empty = name.is_empty() || version == WantedVersion::Alias("");
        (!is_empty && !name.contains('/')).then_some(Wanted { name, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_in_python() {
        let number = |number| WantedVersion::Number(number);
        for (text, name, version) in [
            ("a-b.c/3", "a-b.c", number(3)),
            ("prompts:/a/12", "a", number(12)),
            ("a@live", "a", WantedVersion::Alias("live")),
            ("prompts:/a@live", "a", WantedVersion::Alias("live")),
            ("a", "a", WantedVersion::Alias("latest")),
        ] {
            assert_eq!(
                Wanted::parse(text),
                Some(Wanted { name, version }),
                "{text}"
            );
        }
        for text in [
            "",
            "/",
            "a/b",
            "a/",
            "a@",
            "@live",
            "a/3/4",
            "a/-1",
            "models:/a/1",
        ] {
            assert_eq!(Wanted::parse(text), None, "{text}");
        }
    }
}
