use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person<'a> {
    name: &'a str,
}

fn main() {}
