//! What the tests of delivery share. Not every test uses all of it.
#![allow(dead_code, unreachable_pub)]

pub mod calls;
