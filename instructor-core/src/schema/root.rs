//! What the document of an answer type is: its own object, or an object around it.

use super::graph::{Body, Edge, Named, Node};

/// The key around a list of structs.
pub(super) const LIST_KEY: &str = "tasks";
/// The key around anything else that is no object.
pub(super) const VALUE_KEY: &str = "content";

/// The root of a document.
#[derive(Clone, Copy)]
pub(super) enum Root {
    /// A struct: the document is its object. The first is the type that was asked for, the second the struct, which is another
    /// one if the first is a newtype around it.
    Object(&'static Named, &'static Named),
    /// A list of structs.
    List(&'static Named),
    /// Everything else.
    Value,
}

impl Root {
    pub(super) const fn of(edge: Edge) -> Root {
        match edge.node() {
            Node::Named(named) => match object(edge) {
                Some(object) => Root::Object(named, object),
                None => Root::Value,
            },
            Node::Array { items, .. } => match items.node() {
                Node::Named(named) if object(*items).is_some() => Root::List(named),
                _ => Root::Value,
            },
            _ => Root::Value,
        }
    }

    /// The struct that is the document itself, if it is one.
    pub(super) const fn object(self) -> Option<&'static Named> {
        match self {
            Root::Object(_, object) => Some(object),
            Root::List(_) | Root::Value => None,
        }
    }

    /// The key around the value, if there is one.
    pub(super) const fn wrapper(self) -> Option<&'static str> {
        match self {
            Root::Object(..) => None,
            Root::List(_) => Some(LIST_KEY),
            Root::Value => Some(VALUE_KEY),
        }
    }
}

/// The struct with named fields that a type is, alone or inside of newtypes.
const fn object(mut edge: Edge) -> Option<&'static Named> {
    loop {
        match edge.node() {
            Node::Named(named) => match named.body {
                Body::Object { .. } => return Some(named),
                Body::Newtype { field, .. } => edge = field.edge,
                Body::Tuple(_) | Body::Enum { .. } => return None,
            },
            _ => return None,
        }
    }
}
