use instructor::ResponseModel;
use serde::Deserialize;

use std::collections::HashMap;

#[derive(Deserialize, ResponseModel)]
struct Scores {
    by_id: HashMap<u32, String>,
}

fn main() {}
