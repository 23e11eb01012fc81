//! Texts.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

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
    PathBuf => Scalar::String,
    Box<Path> => Scalar::String,
}

impl ResponseModel for char {
    const NODE: Edge = Edge::to(&Node::Scalar(Scalar::Char));
    type Partial = Self;
}
