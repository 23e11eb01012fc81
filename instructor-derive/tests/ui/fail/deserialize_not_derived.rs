use instructor::ResponseModel;

#[derive(ResponseModel)]
struct Person {
    name: String,
}

fn main() {}
