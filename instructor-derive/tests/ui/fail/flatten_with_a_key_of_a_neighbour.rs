use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Inner {
    name: String,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Outer {
    name: String,
    #[serde(flatten)]
    inner: Inner,
}

fn main() {}
