use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
enum Priority {
    #[llm_validate("urgent")]
    High,
}

fn main() {}
