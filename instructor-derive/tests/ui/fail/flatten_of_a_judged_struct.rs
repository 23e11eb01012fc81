use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[llm_validate("agrees with itself")]
struct Address {
    city: String,
}

#[derive(Deserialize, ResponseModel)]
struct Person {
    name: String,
    #[serde(flatten)]
    address: Address,
}

fn main() {}
