//! Texts.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::ResponseModel;
use crate::schema::graph::{Edge, Format, Node, Scalar};

macro_rules! texts {
    ($($type:ty => $scalar:expr),* $(,)?) => {
        $(impl ResponseModel for $type {
            const NODE: Edge = Edge::to(&Node::Scalar($scalar));
            type Partial = String;
        })*
    };
}

texts! {
    String => Scalar::String,
    Box<str> => Scalar::String,
    Cow<'static, str> => Scalar::String,
}

impl ResponseModel for char {
    const NODE: Edge = Edge::to(&Node::Scalar(Scalar::Char));
    type Partial = Self;
}

const IPV4: &Format = &Format::new("ipv4", "", "An IPv4 address.");
const IPV6: &Format = &Format::new("ipv6", "", "An IPv6 address.");
const IP: &Format = &Format::new("", "^[0-9A-Fa-f:.]+$", "An IPv4 or IPv6 address.");

texts! {
    Ipv4Addr => Scalar::Formatted(IPV4),
    Ipv6Addr => Scalar::Formatted(IPV6),
    IpAddr => Scalar::Formatted(IP),
}
