use instructor::prelude::*;

#[derive(Debug, Deserialize)]
struct Password;

#[derive(Debug, Deserialize, ResponseModel)]
enum Account {
    Guest,
    Member(Password),
    Staff { password: Vec<Password> },
}

fn main() {
    let _ = instructor::schema_json::<Account>(instructor::schema::Dialect::Standard);
}
