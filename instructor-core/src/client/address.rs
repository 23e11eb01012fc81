//! The address of a service, as a user may write it.

use std::net::IpAddr;

use http::Uri;
use http::uri::Scheme;

use crate::error::{Error, Result};
use crate::trace::Server;

/// `text` without the slash at its end, and the server that it names, if requests can be sent there.
pub(super) fn checked(mut text: String, allows_http: bool) -> Result<(String, Server)> {
    text.truncate(text.trim_end_matches('/').len());
    let reason = match text.parse::<Uri>() {
        Err(error) => error.to_string(),
        Ok(uri) if !matches!(uri.scheme_str(), Some("http" | "https")) => {
            "it must start with http:// or https://".to_owned()
        }
        Ok(uri) if uri.query().is_some() || text.contains('#') => {
            "it must not have a query or a fragment".to_owned()
        }
        Ok(uri)
            if uri
                .authority()
                .is_some_and(|authority| authority.as_str().contains('@')) =>
        {
            "it must not contain a user name or password; use `api_key`".to_owned()
        }
        Ok(uri) => {
            let server = server(&uri);
            let is_plain = uri.scheme() == Some(&Scheme::HTTP);
            if is_plain && !allows_http && !is_loopback(&server.address) {
                return Err(Error::PlainHttp { url: text });
            }
            return Ok((text, server));
        }
    };
    Err(Error::InvalidBaseUrl {
        url: without_credentials(&text),
        reason,
    })
}

fn server(uri: &Uri) -> Server {
    let host = uri.host().unwrap_or_default();
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_plain = uri.scheme() == Some(&Scheme::HTTP);
    let port = uri.port_u16().unwrap_or(if is_plain { 80 } else { 443 });
    Server::new(address.unwrap_or(host), port)
}

/// Whether `host` is this machine, so that what is sent there crosses no network.
pub(super) fn is_loopback(host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return address.to_canonical().is_loopback();
    }
    // A resolver may not send these names anywhere else (RFC 6761).
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// `url` without what may be a secret: what stands before an `@`, a query and a fragment.
fn without_credentials(url: &str) -> String {
    // A password may hold every mark, so it goes first.
    let shown = match url.rsplit_once('@') {
        Some((before, after)) => match before.split_once("://") {
            Some((scheme, _)) => format!("{scheme}://{after}"),
            None => after.to_owned(),
        },
        None => url.to_owned(),
    };
    match shown.find(['?', '#']) {
        Some(at) => format!("{}?...", shown.split_at(at).0),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (url, shown) in [
            ("ftp://host/v1", "ftp://host/v1"),
            ("https://ann:secret@host/v1", "https://host/v1"),
            ("https://ann:sec@ret@host", "https://host"),
            ("https://host/v1?key=secret", "https://host/v1?..."),
            ("https://ann:sec?ret@host", "https://host"),
            ("https://host/v1#secret@x", "https://x"),
            ("https://ann:secret@host?key=secret", "https://host?..."),
        ] {
            let Err(Error::InvalidBaseUrl { url: told, .. }) = checked(url.to_owned(), false)
            else {
                panic!("{url} was taken");
            };
            assert_eq!(told, shown);
        }
    }
}
