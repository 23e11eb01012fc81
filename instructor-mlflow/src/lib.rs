//! MLflow traces for `instructor-rs`.
#![forbid(unsafe_code)]
