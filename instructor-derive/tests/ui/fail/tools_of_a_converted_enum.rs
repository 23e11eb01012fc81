use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(from = "String")]
#[response_model(tools)]
enum Action {
    Search { query: String },
}

impl From<String> for Action {
    fn from(query: String) -> Self {
        Action::Search { query }
    }
}

fn main() {}
