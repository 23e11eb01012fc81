use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Circle {
    kind: String,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "kind")]
enum Shape {
    Circle(Circle),
}

fn main() {}
