//! A program with a subscriber of its own, in a process of its own.

use instructor_mlflow::{InitError, autolog};

#[test]
fn a_foreign_global_subscriber_is_an_error_that_names_the_layer() {
    tracing::subscriber::set_global_default(tracing_subscriber::registry()).expect("the first one");
    let error = autolog().init().expect_err("there is one already");
    assert!(matches!(error, InitError::ForeignSubscriber), "{error:?}");
    assert!(error.to_string().contains("mlflow::layer()"), "{error}");
}
