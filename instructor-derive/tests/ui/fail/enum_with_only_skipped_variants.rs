use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
enum Hidden {
    #[serde(skip)]
    Internal,
}

fn main() {}
