//! Shows values in every way that a program may, on standard output, and says of which types they were.

use std::any::type_name;
use std::error::Error;
use std::fmt::{Debug, Display};

/// Begins the line that names a type.
pub(crate) const MARK: &str = "shown: ";

/// A value as `Debug` has it, on one line and on many.
pub(crate) fn show<T: Debug>(value: &T) {
    println!("{MARK}{}\n{value:?}\n{value:#?}", type_name::<T>());
}

/// A value that is a text, too.
pub(crate) fn show_text<T: Debug + Display>(value: &T) {
    show(value);
    println!("{value}\n{value:#}");
}

/// An error with all its causes.
pub(crate) fn show_error<E: Error>(error: &E) {
    show_text(error);
    let mut cause = error.source();
    while let Some(error) = cause {
        println!("{error}\n{error:#}\n{error:?}\n{error:#?}");
        cause = error.source();
    }
}
