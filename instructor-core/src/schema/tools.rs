//! The variants of an enum as tools: the model chooses one by calling it.
//!
//! Each tool is a schema of its own, whose root is a type made of the variant: found at the first use, also in release builds,
//! and kept.

use super::graph::{Argument, Body, Edge, Named, Node, Payload, Variant};
use super::identity;
use super::root::Root;
use super::{Parts, Schema};

/// The tools of an answer that is an enum with `#[response_model(tools)]`, or a list of one.
#[derive(Debug)]
#[non_exhaustive]
pub struct ToolSet {
    /// One tool for each variant, in their order: the name of the variant, its doc comment or else that of what is in it, and
    /// what is in it as the parameters.
    pub schemas: Vec<Schema>,
    /// The answer is a list: several tools may be called, or one several times.
    pub is_parallel: bool,
    /// The variants, in the same order.
    variants: &'static [Variant],
}

/// An enum that is offered as tools.
#[derive(Clone, Copy)]
pub(super) struct Offer {
    owner: &'static Named,
    variants: &'static [Variant],
    closed: bool,
    is_parallel: bool,
}

impl Offer {
    /// What the type at `root` offers, if it is such an enum or a list of one.
    pub(super) const fn of(root: Edge) -> Option<Offer> {
        let (edge, is_parallel) = match root.node() {
            Node::Array { items, .. } => (*items, true),
            _ => (root, false),
        };
        match edge.node() {
            Node::Named(owner) if owner.has_tools => match owner.body {
                Body::Enum {
                    variants, closed, ..
                } => Some(Offer {
                    owner,
                    variants,
                    closed,
                    is_parallel,
                }),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn tools(self) -> ToolSet {
        let variants = self.variants.iter().enumerate();
        ToolSet {
            schemas: variants
                .map(|(index, variant)| self.tool(index, variant))
                .collect(),
            is_parallel: self.is_parallel,
            variants: self.variants,
        }
    }

    fn tool(self, index: usize, variant: &'static Variant) -> Schema {
        let closed = self.closed;
        let body = match variant.payload {
            Payload::Unit => Body::Object {
                fields: &[],
                closed,
            },
            Payload::Newtype(field) => Body::Newtype {
                field,
                transparent: false,
            },
            Payload::Tuple(fields) => Body::Tuple(fields),
            Payload::Object(fields) => Body::Object { fields, closed },
        };
        let (name, description) = (variant.name.as_str(), variant.description);
        // No type of the user's has this identity: the number of a variant is an argument that no enum has.
        let number = [Argument::Value(index as u128)];
        let id = identity::with_arguments(self.owner.id, &number);
        let named = Box::leak(Box::new(Named::new(id, name, description, body)));
        let root = Edge::to(Box::leak(Box::new(Node::Named(named))));
        let document = Root::of(root);
        Schema {
            name,
            description: match document.object() {
                Some(object) if description.is_empty => object.description.as_str(),
                _ => description.as_str(),
            },
            root,
            wrapper: document.wrapper(),
            parts: Parts::AtFirstUse,
        }
    }
}

impl ToolSet {
    /// The variant that a model means by `name`, and its tool.
    pub(crate) fn find(&self, name: &str) -> Option<(&'static Variant, &Schema)> {
        let is_called = |variant: &&'static Variant| {
            variant.name.as_str() == name || variant.aliases.contains(&name)
        };
        let mut tools = self.variants.iter().zip(&self.schemas);
        tools.find(|(variant, _)| is_called(variant))
    }

    /// The names of the tools, for a message.
    pub(crate) fn names(&self) -> String {
        let names = self.schemas.iter();
        let names: Vec<String> = names.map(|tool| format!("`{}`", tool.name)).collect();
        names.join(", ")
    }
}
