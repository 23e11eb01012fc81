use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
enum Shape {
    #[serde(deserialize_with = "read")]
    Circle(f64),
}

fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    f64::deserialize(deserializer)
}

fn main() {}
