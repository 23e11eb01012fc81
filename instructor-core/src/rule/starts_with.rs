//! `starts_with("x")`: a text that must be at the beginning of the string.

use super::{Checks, Text};
use crate::validate::{ErrorCode, Path, ValidationError};

/// What is wrong with `text`, if anything.
pub fn fault(text: &str, prefix: &str) -> Option<String> {
    (!text.starts_with(prefix)).then(|| format!("must start with {prefix:?}"))
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Text + ?Sized>(value: &T, prefix: &str, path: &Path<'_>, checks: &mut Checks<'_>) {
    if let Some(fault) = value.text().and_then(|text| fault(text, prefix)) {
        checks.push(ValidationError::new(path, ErrorCode::StartsWith, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn the_prefix_is_at_the_beginning() {
        assert_eq!(fault("abc", "ab"), None);
        assert_eq!(fault("abc", ""), None);
        assert_eq!(fault("abc", "b").as_deref(), Some("must start with \"b\""));
    }
}
