//! Tests of the whole, in one binary.

mod schema;
mod strict_schema;
