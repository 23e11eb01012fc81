//! `email`: the text is an email address, as the HTML standard defines it for `<input type=email>` (section 4.10.5.1.5): what
//! people write, without the comments and quoted names of RFC 5322.

use super::{Checks, Text};
use crate::validate::{ErrorCode, Path, ValidationError};

/// What is wrong with `text`, if anything.
pub fn fault(text: &str) -> Option<String> {
    (!is_email(text)).then(|| "must be an email address".to_owned())
}

fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let is_name =
        |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !name.is_empty() && name.bytes().all(is_name) && domain.split('.').all(is_label)
}

/// A label of a domain name: 1 to 63 letters, digits and hyphens, no hyphen at either end.
fn is_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(is_inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Text + ?Sized>(value: &T, path: &Path<'_>, checks: &mut Checks<'_>) {
    if let Some(fault) = value.text().and_then(fault) {
        checks.push(ValidationError::new(path, ErrorCode::Email, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn addresses_of_the_standard() {
        for text in ["a@b", "first.last+tag@example.org", "x!y@a-b.c"] {
            assert_eq!(fault(text), None, "{text}");
        }
        for text in [
            "", "a", "@b", "a@", "a@b@c", "a b@c", "a@-b", "a@b-.c", "a@b..c", "é@b",
        ] {
            assert_eq!(
                fault(text).as_deref(),
                Some("must be an email address"),
                "{text}"
            );
        }
    }
}
