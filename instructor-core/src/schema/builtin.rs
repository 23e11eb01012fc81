//! The types that can be a field without a derive.

use std::collections::{BTreeMap, HashMap};

use super::graph::{Edge, Node, Scalar};
use crate::model::ResponseField;
use crate::validate::{Path, ValidationErrors};

macro_rules! scalars {
    ($($type:ty => $scalar:expr),* $(,)?) => {
        $(impl ResponseField for $type {
            const NODE: Edge = Edge::to(&Node::Scalar($scalar));
        })*
    };
}

macro_rules! integers {
    ($($type:ty),*) => {
        scalars! {
            $($type => Scalar::Integer { minimum: <$type>::MIN as i128, maximum: <$type>::MAX as u128 }),*
        }
    };
}

scalars! {
    String => Scalar::String,
    char => Scalar::Char,
    bool => Scalar::Boolean,
    f32 => Scalar::Float32,
    f64 => Scalar::Float64,
}

integers!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);

impl<T: ResponseField> ResponseField for Option<T> {
    const NODE: Edge = Edge::to(&Node::Nullable(T::NODE));

    fn validate(&self, path: &Path<'_>, errors: &mut ValidationErrors) {
        if let Some(value) = self {
            value.validate(path, errors);
        }
    }
}

impl<T: ResponseField> ResponseField for Box<T> {
    const NODE: Edge = T::NODE;

    fn validate(&self, path: &Path<'_>, errors: &mut ValidationErrors) {
        T::validate(self, path, errors);
    }
}

impl<T: ResponseField> ResponseField for Vec<T> {
    const NODE: Edge = Edge::to(&Node::Array(T::NODE));

    fn validate(&self, path: &Path<'_>, errors: &mut ValidationErrors) {
        for (index, item) in self.iter().enumerate() {
            item.validate(&path.index(index), errors);
        }
    }
}

impl<T: ResponseField, S> ResponseField for HashMap<String, T, S> {
    const NODE: Edge = Edge::to(&Node::Map(T::NODE));

    fn validate(&self, path: &Path<'_>, errors: &mut ValidationErrors) {
        for (key, value) in self {
            value.validate(&path.key(key), errors);
        }
    }
}

impl<T: ResponseField> ResponseField for BTreeMap<String, T> {
    const NODE: Edge = Edge::to(&Node::Map(T::NODE));

    fn validate(&self, path: &Path<'_>, errors: &mut ValidationErrors) {
        for (key, value) in self {
            value.validate(&path.key(key), errors);
        }
    }
}
