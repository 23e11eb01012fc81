use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Fund<T> {
    value: T,
    broker: Option<Box<Broker<T>>>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Broker<T> {
    value: T,
    funds: Vec<Fund<T>>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Portfolio {
    fund: Fund<u8>,
}

fn main() {}
