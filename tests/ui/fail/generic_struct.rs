use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Page<T> {
    items: Vec<T>,
}

fn answer<T: ResponseModel>() {}

fn main() {
    answer::<Page<String>>();
}
