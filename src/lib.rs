//! Typed, validated answers from language models.
#![forbid(unsafe_code)]

pub use instructor_core::*;
