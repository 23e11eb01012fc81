//! `ends_with("x")`: a text that must be at the end of the string.

use super::{Checks, Text};
use crate::validate::{ErrorCode, Path, ValidationError};

/// What is wrong with `text`, if anything.
pub fn fault(text: &str, suffix: &str) -> Option<String> {
    (!text.ends_with(suffix)).then(|| format!("must end with {suffix:?}"))
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Text + ?Sized>(value: &T, suffix: &str, path: &Path<'_>, checks: &mut Checks<'_>) {
    if let Some(fault) = value.text().and_then(|text| fault(text, suffix)) {
        checks.push(ValidationError::new(path, ErrorCode::EndsWith, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn the_suffix_is_at_the_end() {
        assert_eq!(fault("abc", "bc"), None);
        assert_eq!(fault("abc", ""), None);
        assert_eq!(fault("abc", "b").as_deref(), Some("must end with \"b\""));
    }
}
