//! A crate that allows nothing: what is generated raises no lint.
#![deny(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused,
    unsafe_code,
    nonstandard_style,
    rust_2018_idioms,
    private_interfaces
)]

use instructor::{Partial, ResponseModel};
use serde::Deserialize;

/// A person.
#[derive(Debug, Deserialize, ResponseModel)]
pub struct Person {
    /// The name.
    pub name: String,
    r#type: Kind,
    #[deprecated]
    /// Gone.
    pub old: Option<u8>,
}

#[derive(Debug, Deserialize, ResponseModel)]
enum Kind {
    Adult(u8, Option<String>),
    Child { age: u8 },
    Robot,
}

/// The name, if it has come.
pub fn name(partial: &Partial<Person>) -> Option<&str> {
    partial.name.as_deref()
}

fn main() {
    let person: Person =
        serde_json::from_str(r#"{"name": "Ann", "type": {"Child": {"age": 7}}}"#).expect("a person");
    match &person.r#type {
        Kind::Child { age } => assert_eq!(*age, 7),
        Kind::Adult(age, name) => println!("{age} {name:?}"),
        Kind::Robot => {}
    }
}
