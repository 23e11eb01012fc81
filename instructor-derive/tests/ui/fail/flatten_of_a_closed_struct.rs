use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(deny_unknown_fields)]
struct Inner {
    name: String,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Outer {
    age: u8,
    #[serde(flatten)]
    inner: Inner,
}

fn main() {}
