//! Where a redirect points.

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use url::Url;

/// The longest address that is told, in characters.
const MOST_TOLD: usize = 500;

/// The address in `Location`, if this is a redirect: without query, fragment, user name and password, which may be secrets.
pub(super) fn location(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    if !status.is_redirection() {
        return None;
    }
    let text = headers.get(LOCATION)?.to_str().ok()?;
    let told = match Url::parse(text) {
        Ok(mut url) if matches!(url.scheme(), "http" | "https") => {
            url.set_query(None);
            url.set_fragment(None);
            url.set_username("").ok()?;
            url.set_password(None).ok()?;
            url.into()
        }
        Ok(_) => return None,
        // Relative to what was asked for.
        Err(_) => text
            .split(['?', '#'])
            .next()
            .filter(|path| !path.contains('@'))?
            .to_owned(),
    };
    Some(told.chars().take(MOST_TOLD).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_told_without_its_secrets() {
        for (given, expected) in [
            (
                "https://example.org/v2/chat?key=canary#canary",
                Some("https://example.org/v2/chat"),
            ),
            (
                "https://ann:canary@example.org/",
                Some("https://example.org/"),
            ),
            ("/login?token=canary", Some("/login")),
            ("//ann:canary@example.org/a", None),
            ("ann:canary@example.org", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, given.parse().expect("header"));
            let told = location(StatusCode::FOUND, &headers);
            assert_eq!(told.as_deref(), expected, "{given}");
            assert_eq!(location(StatusCode::OK, &headers), None);
        }
        assert_eq!(location(StatusCode::FOUND, &HeaderMap::new()), None);
    }
}
