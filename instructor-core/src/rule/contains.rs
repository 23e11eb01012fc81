//! `contains("x")`: a text that must be in the string.

use super::{Checks, Text};
use crate::validate::{ErrorCode, Path, ValidationError};

/// What is wrong with `text`, if anything.
pub fn fault(text: &str, part: &str) -> Option<String> {
    (!text.contains(part)).then(|| format!("must contain {part:?}"))
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Text + ?Sized>(value: &T, part: &str, path: &Path<'_>, checks: &mut Checks<'_>) {
    if let Some(fault) = value.text().and_then(|text| fault(text, part)) {
        checks.push(ValidationError::new(path, ErrorCode::Contains, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn the_part_is_anywhere() {
        assert_eq!(fault("abc", "b"), None);
        assert_eq!(fault("abc", ""), None);
        assert_eq!(fault("abc", "d").as_deref(), Some("must contain \"d\""));
    }
}
