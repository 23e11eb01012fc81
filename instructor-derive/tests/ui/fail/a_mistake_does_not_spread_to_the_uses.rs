use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(lenght(max = 60))]
    name: String,
}

#[derive(Deserialize, ResponseModel)]
struct Team {
    people: Vec<Person>,
}

fn answer<T: ResponseModel>() -> &'static str {
    T::SCHEMA.name
}

fn main() {
    answer::<Person>();
    answer::<Team>();
}
