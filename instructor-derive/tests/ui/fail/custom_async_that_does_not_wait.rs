use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(custom_async = is_known))]
    value: String,
}

fn is_known(_: &str) -> Result<(), String> {
    Ok(())
}

fn main() {}
