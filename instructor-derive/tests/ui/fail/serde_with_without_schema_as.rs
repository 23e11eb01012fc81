use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Event {
    #[serde(with = "hexadecimal")]
    color: u32,
}

mod hexadecimal {
    use serde::{Deserialize, Deserializer};

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        u32::deserialize(deserializer)
    }
}

fn main() {}
