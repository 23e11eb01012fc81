//! Environment variables, and files that say the same.

use std::path::PathBuf;

use crate::error::InitError;

/// Reads the environment of the process.
pub(crate) fn environment(name: &'static str) -> Option<String> {
    std::env::var(name).ok()
}

/// Environment variables, or what a test puts in their place.
pub(super) struct Environment<F>(pub(super) F);

impl<F: Fn(&'static str) -> Option<String>> Environment<F> {
    /// An empty variable counts as unset.
    pub(super) fn variable(&self, name: &'static str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    pub(super) fn number(&self, name: &'static str) -> Result<Option<u32>, InitError> {
        let Some(value) = self.variable(name) else {
            return Ok(None);
        };
        match value.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(InitError::InvalidVariable {
                name,
                value,
                expected: "a whole number",
            }),
        }
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, InitError> {
        let Some(value) = self.variable(name) else {
            return Ok(false);
        };
        match value.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(InitError::InvalidVariable {
                name,
                value,
                expected: "`true` or `false`",
            }),
        }
    }

    /// A file below the home folder of the user.
    pub(super) fn in_home(&self, path: &str) -> Option<PathBuf> {
        let home = self
            .variable("HOME")
            .or_else(|| self.variable("USERPROFILE"))?;
        Some(PathBuf::from(home).join(path))
    }

    /// A path, which may begin with `~/`.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        path.strip_prefix("~/")
            .and_then(|rest| self.in_home(rest))
            .unwrap_or_else(|| path.into())
    }
}
