//! Random inputs for the parsers of instructor-core, each held against what is known to be right.
//!
//! `cargo xtask fuzz` runs the targets, which are the files of `tests/`. The inputs come from [bolero](https://docs.rs/bolero) and its
//! engine for stable Rust, which draws them at random without looking at what they cover; so the inputs are built from recipes that make
//! interesting ones likely. When one fails, bolero makes it smaller and prints it, with the seed that gives it again
//! (`BOLERO_RANDOM_SEED`). The same targets run under the engines that look at coverage, by `cargo bolero test`, where those can be had.
#![forbid(unsafe_code)]

pub mod sse;
