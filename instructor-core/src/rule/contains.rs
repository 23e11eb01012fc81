//! `contains("x")`: a text that must be in the string.

use super::Text;
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

/// What is wrong with `text`, if anything.
pub fn fault(text: &str, part: &str) -> Option<String> {
    (!text.contains(part)).then(|| format!("must contain {part:?}"))
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Text + ?Sized>(
    value: &T,
    part: &str,
    path: &Path<'_>,
    errors: &mut ValidationErrors,
) {
    if let Some(fault) = value.text().and_then(|text| fault(text, part)) {
        errors.push(ValidationError::new(path, ErrorCode::Contains, fault));
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
