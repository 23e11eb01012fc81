use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[serde(deny_unknown_fields)]
struct Person {
    #[validate(length(min = 3, max = 1))]
    name: String,
    #[validate(pattern("("))]
    #[llm_validate("")]
    code: String,
    #[serde(rename = "name")]
    nickname: String,
}

fn main() {}
