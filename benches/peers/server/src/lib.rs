//! HTTP/1.1 as far as the scripted servers of the benchmarks need it.

pub mod request;
pub mod response;
