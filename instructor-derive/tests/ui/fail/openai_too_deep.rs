use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct L1 {
    next: L2,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct L2 {
    next: L3,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct L3 {
    next: L4,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct L4 {
    next: L5,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct L5 {
    next: L6,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct L6 {
    next: L7,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct L7 {
    next: L8,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct L8 {
    next: L9,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct L9 {
    next: L10,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct L10 {
    next: u8,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(providers(openai))]
struct TooDeep {
    flat: u8,
    nested: Vec<L1>,
}

fn main() {}
