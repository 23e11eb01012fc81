//! Addresses of the network, as texts.
//!
//! The formats `ipv4` and `ipv6` of JSON Schema (RFC 2673 and RFC 4291) are what the standard library reads. There is none for
//! an address of either kind, nor for one with a port: the patterns here are exactly what it reads, but for zeros in front of
//! a port, which it ignores.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::model::ResponseModel;
use crate::schema::graph::{Edge, Format, Node, Scalar};

/// A byte in decimal, without zeros in front.
macro_rules! byte {
    () => {
        "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    };
}

macro_rules! ipv4 {
    () => {
        concat!("(?:", byte!(), "\\.){3}", byte!())
    };
}

/// Sixteen bits in hexadecimal.
macro_rules! group {
    () => {
        "[0-9A-Fa-f]{1,4}"
    };
}

/// A group and the colon after it.
macro_rules! groups {
    ($count:literal) => {
        concat!("(?:", group!(), ":)", $count)
    };
}

/// Eight groups, the last two perhaps as an IPv4 address; `::` stands for one or more of them that are 0.
macro_rules! ipv6 {
    () => {
        concat!(
            "(?:(?:",
            // What can stand before the last two groups ...
            groups!("{6}"),
            "|::",
            groups!("{0,5}"),
            "|",
            groups!("{1}"),
            ":",
            groups!("{0,4}"),
            "|",
            groups!("{2}"),
            ":",
            groups!("{0,3}"),
            "|",
            groups!("{3}"),
            ":",
            groups!("{0,2}"),
            "|",
            groups!("{4}"),
            ":",
            groups!("{0,1}"),
            "|",
            groups!("{5}"),
            ":)(?:",
            group!(),
            ":",
            group!(),
            "|",
            ipv4!(),
            // ... or `::` with one group or none after it.
            ")|::(?:",
            group!(),
            ")?|",
            groups!("{1,6}"),
            ":(?:",
            group!(),
            ")?|",
            groups!("{7}"),
            ":)"
        )
    };
}

macro_rules! port {
    () => {
        ":(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}|0)"
    };
}

/// The number of a network interface: 32 bits.
macro_rules! scope {
    () => {
        "(?:%(?:429496729[0-5]|42949672[0-8][0-9]|4294967[01][0-9]{2}|429496[0-6][0-9]{3}|42949[0-5][0-9]{4}|4294[0-8][0-9]{5}|429[0-3][0-9]{6}|42[0-8][0-9]{7}|4[01][0-9]{8}|[1-3][0-9]{9}|[1-9][0-9]{0,8}|0))?"
    };
}

macro_rules! socket_v4 {
    () => {
        concat!(ipv4!(), port!())
    };
}

macro_rules! socket_v6 {
    () => {
        concat!("\\[", ipv6!(), scope!(), "\\]", port!())
    };
}

const IPV4: &Format = &Format::new("ipv4", "", "An IPv4 address.");
const IPV6: &Format = &Format::new("ipv6", "", "An IPv6 address.");
const IP: &Format = &Format::new(
    "",
    concat!("^(?:", ipv4!(), "|", ipv6!(), ")$"),
    "An IPv4 or IPv6 address.",
);
const SOCKET_V4: &Format = &Format::new(
    "",
    concat!("^", socket_v4!(), "$"),
    "An IPv4 address with a port, such as 192.0.2.1:80.",
);
const SOCKET_V6: &Format = &Format::new(
    "",
    concat!("^", socket_v6!(), "$"),
    "An IPv6 address with a port, such as [2001:db8::1]:80.",
);
const SOCKET: &Format = &Format::new(
    "",
    concat!("^(?:", socket_v4!(), "|", socket_v6!(), ")$"),
    "An IP address with a port, such as 192.0.2.1:80 or [2001:db8::1]:80.",
);

macro_rules! addresses {
    ($($type:ty => $format:expr),* $(,)?) => {
        $(impl ResponseModel for $type {
            const NODE: Edge = Edge::to(&Node::Scalar(Scalar::Formatted($format)));
            type Partial = Self;
        })*
    };
}

addresses! {
    Ipv4Addr => IPV4,
    Ipv6Addr => IPV6,
    IpAddr => IP,
    SocketAddrV4 => SOCKET_V4,
    SocketAddrV6 => SOCKET_V6,
    SocketAddr => SOCKET,
}
