use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(tools)]
enum Action<T> {
    Search(T),
    Both(Vec<Action<T>>),
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Plan {
    first: Action<String>,
}

fn main() {}
