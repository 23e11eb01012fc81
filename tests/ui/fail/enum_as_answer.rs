use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
enum Priority {
    Low,
    High,
}

fn answer<T: ResponseModel>() {}

fn main() {
    answer::<Priority>();
}
