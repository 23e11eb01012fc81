//! Which MLflow a server is.

use std::fmt;

/// The version of a server: major and minor number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32);

impl Version {
    /// `3.17.2` and `3.18.0.dev0` have a major and a minor number; anything else is no version.
    pub(crate) fn parse(text: &str) -> Option<Version> {
        let mut numbers = text.trim().split('.');
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?.parse().ok()?;
        Some(Version(major, minor))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(Version::parse("3.17.2"), Some(Version(3, 17)));
        assert_eq!(Version::parse("3.18.0.dev0\n"), Some(Version(3, 18)));
        assert_eq!(Version::parse("<html>"), None);
        assert!(Version::parse("3.5.1") < Some(Version(3, 6)));
        assert!(Version::parse("3.10.0") > Some(Version(3, 6)));
    }
}
