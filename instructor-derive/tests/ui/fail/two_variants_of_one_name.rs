use instructor::ResponseModel;
use serde::Deserialize;

#[allow(unreachable_patterns)]
#[derive(Deserialize, ResponseModel)]
#[serde(rename_all = "lowercase")]
enum Size {
    Large,
    LARGE,
}

fn main() {}
