use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, ResponseModel)]
struct Point {
    x: i32,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, ResponseModel)]
struct Place(Point);

#[derive(Debug, Deserialize, ResponseModel)]
struct Scores {
    by_place: BTreeMap<Place, u32>,
}

fn main() {}
