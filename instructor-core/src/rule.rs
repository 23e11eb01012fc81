//! The rules of `#[validate(...)]`, one file each.
