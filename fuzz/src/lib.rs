//! Random inputs for what reads and writes the bytes of others, each held against what is known to be right.
//!
//! `cargo xtask fuzz` runs the targets, which are the files of `tests/`. The inputs come from [bolero](https://docs.rs/bolero) and its
//! engine for stable Rust, which draws them at random without looking at what they cover; so the inputs are built from recipes that make
//! interesting ones likely. When one fails, bolero makes it smaller and prints it, with the seed that gives it again
//! (`BOLERO_RANDOM_SEED`); [`watch`] prints one that takes too long. How long a target runs is said by `BOLERO_RANDOM_TEST_TIME_MS`, one
//! second without it. bolero's other engines look at coverage, and need programs that are not installed with Rust: they are not used here.
#![forbid(unsafe_code)]

mod change;
pub mod decode;
pub mod json;
pub mod otlp;
pub mod reask;
pub mod record;
pub mod spool;
pub mod sse;
pub mod watch;
