use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(range(min = 1, max = 0.5))]
    share: f64,
}

fn main() {}
