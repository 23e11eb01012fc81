mod vendored {
    pub mod answers {
        pub use instructor::*;
        pub mod __private {
            pub use instructor::__private::*;
        }
    }
}

mod instructor_is_not_here {
    use crate::vendored::answers::ResponseModel;

    #[derive(serde::Deserialize, ResponseModel)]
    #[response_model(crate = crate::vendored::answers)]
    pub struct Person {
        pub name: String,
    }
}

fn main() {
    use vendored::answers::ResponseModel;
    assert_eq!(instructor_is_not_here::Person::SCHEMA.name, "Person");
}
