//! Texts.

use std::borrow::Cow;

use crate::model::ResponseModel;
use crate::schema::graph::{Edge, Node, Scalar};

macro_rules! texts {
    ($($type:ty => $scalar:expr),* $(,)?) => {
        $(impl ResponseModel for $type {
            const NODE: Edge = Edge::to(&Node::Scalar($scalar));
            type Partial = String;
        })*
    };
}

texts! {
    String => Scalar::String,
    Box<str> => Scalar::String,
    Cow<'static, str> => Scalar::String,
}

impl ResponseModel for char {
    const NODE: Edge = Edge::to(&Node::Scalar(Scalar::Char));
    type Partial = Self;
}
