use instructor::prelude::*;

use std::collections::HashMap;

#[derive(Debug, ResponseModel)]
struct Scores {
    by_answer: HashMap<bool, u32>,
}

impl<'de> Deserialize<'de> for Scores {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        unimplemented!()
    }
}

fn main() {}
