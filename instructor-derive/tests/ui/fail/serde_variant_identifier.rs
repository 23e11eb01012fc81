use instructor::prelude::*;

#[derive(Deserialize, ResponseModel)]
#[serde(variant_identifier)]
enum Field {
    Name,
    Age,
}

fn main() {}
