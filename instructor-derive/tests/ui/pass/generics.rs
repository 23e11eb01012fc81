//! Type parameters, constants, bounds, defaults, and parameters that serde does not read.
use std::collections::BTreeMap;
use std::marker::PhantomData;

use instructor::ResponseModel;
use instructor::schema::Dialect;
use serde::Deserialize;

/// A page of items.
#[derive(Debug, Deserialize, ResponseModel)]
struct Page<T> {
    #[validate(length(max = 2))]
    items: Vec<T>,
    next: Option<u32>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Tree<T>
where
    T: Clone,
{
    value: T,
    #[serde(bound(deserialize = "T: Deserialize<'de>"))]
    children: Vec<Tree<T>>,
    parent: Option<Box<Self>>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Tagged<T, Unit, const N: usize> {
    value: T,
    #[serde(skip)]
    unit: PhantomData<Unit>,
}

#[derive(Debug, Deserialize, ResponseModel)]
enum Either<L, R> {
    Left(L),
    Right { right: R },
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Defaulted<T> {
    #[serde(default)]
    value: T,
}

fn main() {
    assert_eq!(<Page<String>>::SCHEMA.name, "Page_String");
    assert_eq!(<Page<Page<u8>>>::SCHEMA.name, "Page_Page_Integer");
    assert!(<Tree<u8>>::SCHEMA.text(Dialect::OpenAiStrict).is_ok());
    assert_eq!(<Tagged<u8, String, 3>>::SCHEMA.name, "Tagged_Integer_3");
    assert!(<Either<u8, Page<bool>>>::SCHEMA.standard().contains("Right"));
    assert!(<Defaulted<u8>>::SCHEMA.standard().contains(r#""required":[]"#));
    assert_eq!(<BTreeMap<String, Page<u8>>>::SCHEMA.name, "Response");
}
