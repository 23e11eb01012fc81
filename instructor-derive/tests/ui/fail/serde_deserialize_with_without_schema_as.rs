use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Event {
    #[serde(default, deserialize_with = "read")]
    color: u32,
}

fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    u32::deserialize(deserializer)
}

fn main() {}
