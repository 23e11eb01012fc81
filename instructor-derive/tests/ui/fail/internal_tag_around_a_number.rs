use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "kind")]
enum Shape {
    Circle(f64),
}

fn main() {}
