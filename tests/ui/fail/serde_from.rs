use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[serde(from = "String")]
struct Person {
    name: String,
}

impl From<String> for Person {
    fn from(name: String) -> Self {
        Person { name }
    }
}

fn main() {}
