//! HTTP/1.1 as far as the scripted servers of the benchmarks need it, and the document that is streamed.

pub mod document;
pub mod request;
pub mod response;
