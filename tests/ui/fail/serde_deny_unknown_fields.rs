use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[serde(deny_unknown_fields)]
struct Person {
    name: String,
}

fn main() {}
