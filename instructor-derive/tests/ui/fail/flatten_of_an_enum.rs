use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
enum Inner {
    Name(String),
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Outer {
    #[serde(flatten)]
    inner: Inner,
}

fn main() {}
