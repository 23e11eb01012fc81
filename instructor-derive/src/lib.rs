//! `#[derive(ResponseModel)]` for `instructor-rs`.
#![forbid(unsafe_code)]
