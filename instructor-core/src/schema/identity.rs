//! Which types are the same: 64-bit FNV-1a hashes, in const.
#![expect(
    clippy::panic,
    reason = "runs while the user's crate compiles, where a panic is a compile error"
)]

use super::graph::{Argument, Edge, Keys, Node, Scalar};

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// Hashes where a type is written: two types of one name, even in two function bodies of one module, differ.
///
/// The order matters and every part ends with a byte that no part contains.
pub const fn identity(module_path: &str, name: &str, line: u32, column: u32) -> u64 {
    let hash = add(BASIS, module_path.as_bytes());
    let hash = add(hash, name.as_bytes());
    let hash = add(hash, &line.to_le_bytes());
    add(hash, &column.to_le_bytes())
}

/// The identity of a generic type with these arguments. The order and the nesting of the arguments matter.
pub(in crate::schema) const fn with_arguments(base: u64, mut arguments: &[Argument]) -> u64 {
    let mut hash = base;
    while let [argument, rest @ ..] = arguments {
        hash = match argument {
            Argument::Type(edge) => add_edge(add(hash, b"type"), *edge),
            Argument::Value(value) => add(add(hash, b"value"), &value.to_le_bytes()),
        };
        arguments = rest;
    }
    hash
}

/// Adds a type. Every node adds what it is before what it is made of, so `Vec<Option<T>>` is not `Option<Vec<T>>`.
const fn add_edge(hash: u64, edge: Edge) -> u64 {
    match edge.node() {
        Node::Scalar(scalar) => add_scalar(hash, *scalar),
        Node::Nullable(inner) => add_edge(add(hash, b"option"), *inner),
        Node::Array {
            items,
            length,
            unique,
        } => {
            let hash = add(hash, if *unique { b"set  " } else { b"array" });
            let length = match length {
                Some(length) => *length as u128 + 1,
                None => 0,
            };
            add_edge(add(hash, &length.to_le_bytes()), *items)
        }
        Node::Tuple(items) => {
            let mut hash = add(hash, b"tuple");
            let mut items = *items;
            while let [item, rest @ ..] = items {
                hash = add_edge(hash, *item);
                items = rest;
            }
            add(hash, b"end")
        }
        Node::Map { keys, values } => {
            let hash = match keys {
                Keys::Text => add(hash, b"map"),
                Keys::Integer {
                    minimum, maximum, ..
                } => add_bounds(add(hash, b"integer map"), *minimum, *maximum),
                Keys::Typed(edge) => add_edge(add(hash, b"typed map"), *edge),
            };
            add_edge(hash, *values)
        }
        Node::Any => add(hash, b"any"),
        Node::Named(named) => add(add(hash, b"named"), &named.id.to_le_bytes()),
        Node::Enclosing(base) => add(add(hash, b"enclosing"), &base.to_le_bytes()),
        // There is nothing in it that const code can compare, so two would pass for the same.
        Node::Foreign(_) => panic!(
            "a type that describes itself when the program runs, such as `Schemars<T>`, cannot be the argument of a generic response model: make it a field of a struct that is not generic"
        ),
    }
}

const fn add_scalar(hash: u64, scalar: Scalar) -> u64 {
    match scalar {
        Scalar::String => add(hash, b"string"),
        Scalar::Char => add(hash, b"char"),
        Scalar::Boolean => add(hash, b"boolean"),
        Scalar::Float32 => add(hash, b"f32"),
        Scalar::Float64 => add(hash, b"f64"),
        Scalar::Integer { minimum, maximum } => add_bounds(add(hash, b"integer"), minimum, maximum),
        Scalar::NonZero { minimum, maximum } => add_bounds(add(hash, b"nonzero"), minimum, maximum),
        Scalar::Formatted(format) => {
            let hash = add(add(hash, b"format"), format.name.as_bytes());
            let hash = add(hash, format.pattern.as_bytes());
            add(hash, format.words.as_bytes())
        }
    }
}

const fn add_bounds(hash: u64, minimum: i128, maximum: u128) -> u64 {
    add(add(hash, &minimum.to_le_bytes()), &maximum.to_le_bytes())
}

const fn add(mut hash: u64, mut bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    while let [byte, rest @ ..] = bytes {
        hash = (hash ^ *byte as u64).wrapping_mul(PRIME);
        bytes = rest;
    }
    (hash ^ 0xff).wrapping_mul(PRIME)
}
