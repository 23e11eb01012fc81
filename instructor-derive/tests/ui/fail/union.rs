use instructor::ResponseModel;

#[derive(ResponseModel)]
union Bits {
    integer: u32,
    float: f32,
}

fn main() {}
