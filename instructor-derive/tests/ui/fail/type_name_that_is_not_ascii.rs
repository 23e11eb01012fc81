use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Größe {
    meter: f64,
}

fn main() {}
