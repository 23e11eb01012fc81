//! The rules of `#[validate(...)]`, one file each.
//!
//! A rule is checked twice: on the typed value by the code that the derive generates, and on the JSON value when an answer
//! failed and all its faults are wanted. Both sides first measure ([`Size`], [`Quantity`], text), then ask
//! the same function for a verdict, so they cannot disagree.
//!
//! A rule on an `Option` or a `Box` applies to the value inside; there is nothing to check in a `None`.

pub mod before;
mod checks;
pub mod contains;
pub mod custom;
pub mod does_not_contain;
pub mod each;
pub mod email;
pub mod ends_with;
pub mod entries;
pub mod ip;
pub mod length;
pub mod multiple_of;
pub mod one_of;
pub mod pattern;
pub mod range;
pub mod starts_with;
pub mod unique_items;
pub mod url;
pub mod uuid;

pub use checks::Checks;
pub use each::Items;
pub use entries::Entries;
pub use length::{Length, Size};
pub use pattern::{Pattern, Text};
pub use range::{Quantity, Range};
pub use unique_items::Distinct;
