//! Generated code names everything by its full path.
#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types)]

struct Option;
struct Some;
struct None;
struct Result;
struct Node;
struct Field;
struct Path;
const FIELDS: u8 = 0;
static TYPE: u8 = 0;
static NODE: u8 = 0;
static PATTERN_0: u8 = 0;
mod core {}
mod std {}
mod instructor {}

#[derive(::serde::Deserialize, ::instructor::ResponseModel)]
struct Person {
    #[validate(length(min = 1), pattern("^a"))]
    #[llm_validate("a name")]
    name: ::std::string::String,
    #[validate(range(max = 0.5))]
    path: f64,
    errors: u8,
}

fn main() {}
