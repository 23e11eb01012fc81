use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Palette {
    #[validate(length(min = 4))]
    colors: [String; 3],
    #[validate(length(min = 3, max = 3))]
    right: [u8; 3],
}

fn main() {}
