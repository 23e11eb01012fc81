use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Page<T> {
    items: Vec<T>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Tree<T> {
    value: T,
    children: Page<Tree<T>>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Forest {
    tree: Tree<u8>,
}

fn shown() -> &'static str {
    Forest::SCHEMA.name
}

fn main() {}
