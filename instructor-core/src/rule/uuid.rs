//! `uuid`: the text is a UUID as RFC 9562 writes it, of any version: `67e55044-10b1-426f-9247-bb680e5fe0c8`.
//!
//! Only the form with hyphens, which is what the `uuid` of JSON Schema means too.

use super::{Checks, Text};
use crate::validate::{ErrorCode, Path, ValidationError};

/// The digits of each group.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// What is wrong with `text`, if anything.
pub fn fault(text: &str) -> Option<String> {
    (!is_uuid(text))
        .then(|| "must be a UUID, such as 67e55044-10b1-426f-9247-bb680e5fe0c8".to_owned())
}

fn is_uuid(text: &str) -> bool {
    let is_group = |(group, length): (&str, usize)| {
        group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    text.split('-').count() == GROUPS.len() && text.split('-').zip(GROUPS).all(is_group)
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Text + ?Sized>(value: &T, path: &Path<'_>, checks: &mut Checks<'_>) {
    if let Some(fault) = value.text().and_then(fault) {
        checks.push(ValidationError::new(path, ErrorCode::Uuid, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn only_the_form_with_hyphens() {
        for text in [
            "67e55044-10b1-426f-9247-bb680e5fe0c8",
            "67E55044-10B1-426F-9247-BB680E5FE0C8",
            "00000000-0000-0000-0000-000000000000",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
        for text in [
            "",
            "67e5504410b1426f9247bb680e5fe0c8",
            "{67e55044-10b1-426f-9247-bb680e5fe0c8}",
            "67e55044-10b1-426f-9247-bb680e5fe0c",
            "67e55044-10b1-426f-9247-bb680e5fe0c8-",
            "67e55044-10b1-426f-9247-bb680e5fe0cg",
            "67e5504410b1--426f-9247-bb680e5fe0c8",
        ] {
            fault(text).expect(text);
        }
    }
}
