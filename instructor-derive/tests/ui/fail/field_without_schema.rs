use instructor::ResponseModel;

#[derive(Debug, serde::Deserialize)]
struct Password;

#[derive(ResponseModel)]
struct Account {
    name: String,
    password: Vec<Password>,
}

impl<'de> serde::Deserialize<'de> for Account {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        unreachable!()
    }
}

fn main() {}
