//! `ip`, `ipv4`, `ipv6`: the text is an address of the Internet Protocol, as the standard library reads it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Checks, Text};
use crate::schema::IpVersion;
use crate::validate::{ErrorCode, Path, ValidationError};

impl IpVersion {
    /// What is wrong with `text`, if anything.
    pub fn fault(self, text: &str) -> Option<String> {
        let (is_address, what) = match self {
            IpVersion::Any => (text.parse::<IpAddr>().is_ok(), "an IP address"),
            IpVersion::V4 => (text.parse::<Ipv4Addr>().is_ok(), "an IPv4 address"),
            IpVersion::V6 => (text.parse::<Ipv6Addr>().is_ok(), "an IPv6 address"),
        };
        (!is_address).then(|| format!("must be {what}"))
    }

    /// The code of its fault.
    pub const fn code(self) -> ErrorCode {
        match self {
            IpVersion::Any => ErrorCode::Ip,
            IpVersion::V4 => ErrorCode::Ipv4,
            IpVersion::V6 => ErrorCode::Ipv6,
        }
    }
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Text + ?Sized>(
    value: &T,
    version: IpVersion,
    path: &Path<'_>,
    checks: &mut Checks<'_>,
) {
    if let Some(fault) = value.text().and_then(|text| version.fault(text)) {
        checks.push(ValidationError::new(path, version.code(), fault));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_each_version() {
        let (four, six) = ("192.0.2.1", "2001:db8::1");
        for text in [four, six] {
            assert_eq!(IpVersion::Any.fault(text), None, "{text}");
        }
        assert_eq!(IpVersion::V4.fault(four), None);
        assert_eq!(IpVersion::V6.fault(six), None);
        assert_eq!(
            IpVersion::V4.fault(six).as_deref(),
            Some("must be an IPv4 address")
        );
        assert_eq!(
            IpVersion::V6.fault(four).as_deref(),
            Some("must be an IPv6 address")
        );
        for text in [
            "",
            "192.0.2",
            "192.0.2.01",
            "192.0.2.1/24",
            "[::1]",
            "::1%eth0",
        ] {
            IpVersion::Any.fault(text).expect(text);
        }
    }
}
