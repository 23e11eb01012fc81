use instructor::ResponseModel;
use serde::{Deserialize, Deserializer};

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[serde(deserialize_with = "read")]
    #[response_model(schema_as = String, validate(custom_async = is_known))]
    value: String,
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer)
}

async fn is_known(_: &str) -> Result<(), String> {
    Ok(())
}

fn main() {}
