//! Addresses: their schemas accept what the standard library reads, and nothing else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use instructor::ResponseModel;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::near_misses::{Texts, near_misses};

const SEEDS: [&str; 24] = [
    "",
    "0.0.0.0",
    "127.0.0.1",
    "255.255.255.255",
    "192.168.10.249",
    "::",
    ":::",
    "::1",
    "1::",
    "2001:db8::ff00:42:8329",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1:2:3::5:6:7:8",
    "1:2:3:4:5:6:1.2.3.4",
    "::ffff:192.0.2.128",
    "1::1.2.3.4",
    "1:2:3:4:5::1.2.3.4",
    "127.0.0.1:0",
    "192.0.2.1:65535",
    "[::]:80",
    "[2001:db8::1]:6553",
    "[fe80::1%4294967295]:443",
    "[::ffff:192.0.2.128%2]:1",
];

/// What is put into them.
const PIECES: [&str; 12] = [
    ":", "::", ".", "0", "1", "9", "25", "f", "G", "%1", "]", "10.0.0.1",
];

/// `exact` where the type reads no second spelling of what it writes in another form.
fn agree<T: ResponseModel + Serialize + DeserializeOwned>(exact: bool) {
    let name = std::any::type_name::<T>();
    let texts = Texts::of::<T>();
    let (mut accepted, mut refused) = (0, 0);
    for text in near_misses(&SEEDS, &PIECES, 40_000) {
        let read = serde_json::from_value::<T>(json!(text));
        if texts.are_accepted(&text) {
            accepted += 1;
            assert!(read.is_ok(), "{name}: accepted but not read: {text}");
        } else {
            refused += 1;
            assert!(!exact || read.is_err(), "{name}: read but refused: {text}");
        }
        if let Ok(read) = read {
            let written = serde_json::to_value(read).expect("JSON");
            let written = written.as_str().expect("a text");
            assert!(texts.are_accepted(written), "{name}: {written}");
        }
    }
    assert!(
        accepted > 300 && refused > 300,
        "{name}: {accepted}, {refused}"
    );
}

#[test]
fn addresses_without_a_port() {
    agree::<Ipv4Addr>(true);
    agree::<Ipv6Addr>(true);
    agree::<IpAddr>(true);
}

#[test]
fn addresses_with_a_port() {
    agree::<SocketAddrV4>(false);
    agree::<SocketAddrV6>(false);
    agree::<SocketAddr>(false);
}
