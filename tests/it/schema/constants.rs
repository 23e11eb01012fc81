//! The texts of release builds, which are constants, are those of debug builds, which are rendered at their first use.

use instructor::ResponseModel;
use instructor::schema::{Dialect, schema_json};

use super::zoo::*;

fn is_the_same<T: ResponseModel>(name: &str) {
    let constants = instructor::__private::constants::<T>();
    for (dialect, constant) in Dialect::ALL.into_iter().zip(constants) {
        let text = schema_json::<T>(dialect).map_err(|error| error.reason);
        assert_eq!(text, constant, "{name}: {dialect}");
    }
}

#[test]
fn constants_are_what_the_program_renders() {
    every_shape!(is_the_same);
}

#[test]
fn a_text_is_rendered_once() {
    let text = |dialect| schema_json::<User>(dialect).expect("a text").as_ptr();
    for dialect in Dialect::ALL {
        let texts = std::thread::scope(|scope| {
            let threads = [(); 8].map(|()| scope.spawn(move || text(dialect).addr()));
            threads.map(|thread| thread.join().expect("a text"))
        });
        assert_eq!(texts, [texts[0]; 8], "{dialect}");
    }
}
