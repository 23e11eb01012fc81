use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Inner {
    name: String,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Outer {
    #[serde(flatten)]
    inner: Option<Inner>,
}

fn main() {}
