//! Where a server is.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use super::credentials::Credentials;
use crate::error::InitError;

/// The base address of a server, without credentials. Its `Debug` and `Display` are safe to show.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// The address of an endpoint, for example `v1/traces`, below a path prefix if the server has one.
    pub(crate) fn endpoint(&self, path: &str) -> String {
        format!("{}/{path}", self.0.as_str().trim_end_matches('/'))
    }
}

impl Address {
    /// Whether what is sent there can be read by everyone on the way: it is plain http to another machine.
    pub(crate) fn is_exposed(&self) -> bool {
        self.0.scheme() == "http" && !self.is_here()
    }

    /// Whether it is on this machine.
    pub(crate) fn is_here(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let host = host.trim_matches(['[', ']']).trim_end_matches('.');
        match host.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Address {
    /// The address of a Databricks workspace, which may lack its scheme.
    pub(super) fn of_workspace(host: &str) -> Result<Address, InitError> {
        let (address, _) = match host.contains("://") {
            true => parse(host)?,
            false => parse(&format!("https://{host}"))?,
        };
        Ok(address)
    }
}

/// The address without its user name and password, and those.
pub(super) fn parse(uri: &str) -> Result<(Address, Credentials), InitError> {
    let (scheme, rest) = uri.split_once(':').unwrap_or_default();
    if rest.starts_with(|first: char| first.is_ascii_digit()) {
        // `localhost:5000` is a host and a port; of `ann:1234@host` nothing may be repeated.
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let host = scheme.trim_start_matches('/');
        let reason = match rest.contains('@') {
            true => "http:// is missing".to_owned(),
            false => format!("http:// is missing: write http://{host}:{port}"),
        };
        return Err(InitError::InvalidUri { reason });
    }
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => {}
        "" => {
            return Err(InitError::NotHttp {
                scheme: "file".into(),
            });
        }
        scheme => {
            // `mysql+pymysql://user:password@...`: nothing but the scheme may be repeated.
            return Err(InitError::NotHttp {
                scheme: scheme.to_owned(),
            });
        }
    }
    let mut url = Url::parse(uri).map_err(|error| InitError::InvalidUri {
        reason: error.to_string(),
    })?;
    let credentials = match (url.username(), url.password()) {
        ("", None) => Credentials::None,
        (username, password) => Credentials::Basic {
            username: decode(username),
            password: decode(password.unwrap_or_default()).into(),
        },
    };
    // These fail only for addresses without a host, which `http` addresses have.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    Ok((Address(url), credentials))
}

/// User name and password stand percent-encoded in an address.
fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}
