//! `url`: the text is an absolute URL, by the WHATWG URL standard.

use super::{Checks, Text};
use crate::validate::{ErrorCode, Path, ValidationError};

/// What is wrong with `text`, if anything.
pub fn fault(text: &str) -> Option<String> {
    match ::url::Url::parse(text) {
        Ok(_) => None,
        Err(error) => Some(format!("must be an absolute URL: {error}")),
    }
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Text + ?Sized>(value: &T, path: &Path<'_>, checks: &mut Checks<'_>) {
    if let Some(fault) = value.text().and_then(fault) {
        checks.push(ValidationError::new(path, ErrorCode::Url, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn only_absolute_urls() {
        assert_eq!(fault("https://example.org/a?b#c"), None);
        assert_eq!(fault("mailto:a@b"), None);
        let relative = fault("/a/b").expect("relative");
        assert!(
            relative.starts_with("must be an absolute URL: "),
            "{relative}"
        );
        fault("http://[").expect("broken");
    }
}
