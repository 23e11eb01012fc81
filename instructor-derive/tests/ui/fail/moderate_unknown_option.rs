use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[moderate(mdel = "omni-moderation-latest")]
    name: String,
}

fn main() {}
