use instructor::prelude::*;

#[derive(Debug, Deserialize)]
struct Plain {
    name: String,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Page<T> {
    items: Vec<T>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Plains {
    page: Page<Plain>,
}

fn main() {}
