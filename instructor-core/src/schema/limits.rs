//! What OpenAI's `strict: true` can express.
//!
//! The numbers are from the page "Structured model outputs" of the OpenAI documentation as of February 2026 (2024 had lower
//! ones: 100 properties, 5 levels, 500 enum values). A schema over a limit is refused with status 400, so it is not sent
//! strict at all.
#![allow(
    clippy::indexing_slicing,
    reason = "runs while the user's crate compiles, where an index out of bounds is a compile error"
)]

use super::definitions::{Definitions, named_within};
use super::graph::{Edge, Named, Node};

/// Objects inside of each other, the root included.
const LEVELS: usize = 10;
/// Properties of all objects.
const PROPERTIES: usize = 5_000;
/// Values of all enums.
const ENUM_VALUES: usize = 1_000;
/// Characters of all property names, definition names and enum values.
const CHARACTERS: usize = 120_000;
/// An enum with more values than this ...
const LONG_ENUM_VALUES: usize = 250;
/// ... may have this many characters in its values.
const LONG_ENUM_CHARACTERS: usize = 15_000;

/// Whether the types can be said in a strict schema: no open map, and within every limit.
pub(super) const fn fits_openai_strict(definitions: &Definitions) -> bool {
    let mut properties = 0;
    let mut enum_values = 0;
    let mut characters = 0;
    let mut index = 0;
    while let Some(named) = definitions.get(index) {
        characters += length(named.name);

        let mut fields = named.fields();
        while let [field, rest @ ..] = fields {
            if has_map(field.edge) {
                return false;
            }
            properties += 1;
            characters += length(field.name);
            fields = rest;
        }

        let values = named.variants().len();
        let value_characters = variant_characters(named);
        if values > LONG_ENUM_VALUES && value_characters > LONG_ENUM_CHARACTERS {
            return false;
        }
        enum_values += values;
        characters += value_characters;
        index += 1;
    }
    properties <= PROPERTIES
        && enum_values <= ENUM_VALUES
        && characters <= CHARACTERS
        && Depth::new(definitions).levels_from(0) <= LEVELS
}

const fn variant_characters(named: &Named) -> usize {
    let mut characters = 0;
    let mut variants = named.variants();
    while let [variant, rest @ ..] = variants {
        characters += length(variant.name);
        variants = rest;
    }
    characters
}

/// Characters of `text`: bytes that do not continue one.
const fn length(text: &str) -> usize {
    let mut characters = 0;
    let mut bytes = text.as_bytes();
    while let [byte, rest @ ..] = bytes {
        if *byte & 0xc0 != 0x80 {
            characters += 1;
        }
        bytes = rest;
    }
    characters
}

const fn has_map(mut edge: Edge) -> bool {
    loop {
        match edge.node() {
            Node::Map(_) => return true,
            Node::Nullable(inner) | Node::Array(inner) => edge = *inner,
            Node::Scalar(_) | Node::Named(_) => return false,
        }
    }
}

/// Finds how deep objects stand inside of each other. Each type is walked once; a mention of a type that is being walked
/// is recursion, and adds nothing.
struct Depth<'a> {
    definitions: &'a Definitions,
    walks: [Walk; Definitions::CAPACITY],
    open: usize,
}

#[derive(Clone, Copy)]
enum Walk {
    NotYet,
    Open,
    Done(usize),
}

impl<'a> Depth<'a> {
    const fn new(definitions: &'a Definitions) -> Self {
        Depth {
            definitions,
            walks: [Walk::NotYet; Definitions::CAPACITY],
            open: 0,
        }
    }

    /// The levels of the type at `index`, itself included. Gives up when it is past the limit: the compiler bounds how deep
    /// const functions may call each other.
    const fn levels_from(&mut self, index: usize) -> usize {
        match self.walks[index] {
            Walk::Done(levels) => return levels,
            Walk::Open => return 0,
            Walk::NotYet => {}
        }
        let Some(named) = self.definitions.get(index) else {
            return 0;
        };
        if !named.variants().is_empty() {
            return 0;
        }
        if self.open > LEVELS {
            return 1;
        }
        self.walks[index] = Walk::Open;
        self.open += 1;
        let mut below = 0;
        let mut fields = named.fields();
        while let [field, rest @ ..] = fields {
            if let Some(inner) = named_within(field.edge)
                && let Some(inner) = self.definitions.position(inner)
            {
                let levels = self.levels_from(inner);
                if levels > below {
                    below = levels;
                }
            }
            fields = rest;
        }
        self.open -= 1;
        self.walks[index] = Walk::Done(below + 1);
        below + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::graph::{Body, Edge, Field, Node, Scalar, Variant};

    static TEXT: Node = Node::Scalar(Scalar::String);

    /// Whether an object with one field of type `named` fits.
    fn fits(named: &'static Named) -> bool {
        let node: &'static Node = Box::leak(Box::new(Node::Named(named)));
        let fields: &'static [Field] = Vec::leak(vec![Field::new("field", "", Edge::to(node))]);
        let root = Named::new(0, "Root", "", Body::Object(fields));
        fits_openai_strict(&Definitions::of(Box::leak(Box::new(root))))
    }

    fn enumeration(values: usize, characters: usize) -> &'static Named {
        let value = |_| Variant::new(Box::leak("é".repeat(characters).into_boxed_str()), "");
        let variants: &'static [Variant] = Vec::leak((0..values).map(value).collect());
        Box::leak(Box::new(Named::new(1, "E", "", Body::Enum(variants))))
    }

    fn object(properties: usize, characters: usize) -> &'static Named {
        let field = |_| {
            let name = Box::leak("é".repeat(characters).into_boxed_str());
            Field::new(name, "", Edge::to(&TEXT))
        };
        let fields: &'static [Field] = Vec::leak((0..properties).map(field).collect());
        Box::leak(Box::new(Named::new(1, "O", "", Body::Object(fields))))
    }

    #[test]
    fn each_limit_may_be_reached_but_not_passed() {
        assert!(fits(enumeration(1_000, 15)));
        assert!(!fits(enumeration(1_001, 1)));
        // 250 values may be long, 251 may not.
        assert!(fits(enumeration(250, 61)));
        assert!(!fits(enumeration(251, 60)));
        // `field` is a property too, and `Root`, `O` and `field` have ten characters.
        assert!(fits(object(4_999, 1)));
        assert!(!fits(object(5_000, 1)));
        assert!(fits(object(1_999, 60)));
        assert!(!fits(object(2_000, 60)));
    }
}
