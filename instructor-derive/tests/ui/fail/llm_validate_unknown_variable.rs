use instructor::ResponseModel;
use serde::Deserialize;

struct Context {
    customers: Vec<String>,
}

#[derive(Deserialize, ResponseModel)]
#[response_model(context = Context)]
struct Person {
    #[llm_validate("one of {{ customer }}")]
    name: String,
}

fn main() {}
