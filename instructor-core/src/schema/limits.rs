//! What a dialect cannot say: types it has no words for, and limits that a schema is over.

mod counts;
mod levels;
#[cfg(test)]
mod tests;

use self::counts::Counts;
use self::levels::Levels;
use super::definitions::{Definitions, Part};
use super::dialect::{Dialect, Recursion};
use super::graph::{Edge, Node};
use super::message::Message;

/// How a dialect says a type.
#[derive(Clone, Copy)]
#[allow(clippy::large_enum_variant, reason = "const code has no box")]
pub(super) enum Fit {
    /// Every option is a union with null.
    Unions,
    /// Options that are fields are keys that may be absent: there are too many for unions.
    Omitted,
    /// Not at all, and why.
    Not(Message),
}

/// How `dialect` says the types of a document, of whose root only `part` counts.
pub(super) const fn fit(dialect: Dialect, definitions: &Definitions, part: Part) -> Fit {
    let can = dialect.capabilities();
    let Some(root) = definitions.get(0) else {
        return Fit::Unions;
    };
    if definitions.is_too_large {
        let message = Message::new().named(root).text(" reaches more than ");
        let message = message.number(Definitions::CAPACITY as u128);
        return Fit::Not(message.text(" types, the most that one answer may have"));
    }
    if !can.maps
        && let Some(fault) = open_value(dialect, definitions, part)
    {
        return Fit::Not(fault);
    }
    let links = match can.recursion {
        Recursion::Allowed => None,
        Recursion::Optional => Some(&definitions.required_links),
        Recursion::Refused => Some(&definitions.links),
    };
    if let Some(links) = links
        && let Some(index) = links.circle(definitions.count())
        && let Some(named) = definitions.get(index)
    {
        let message = Message::new().named(named).text(" contains itself, which ");
        let message = message.text(dialect.as_str());
        return Fit::Not(match can.recursion {
            Recursion::Optional => {
                message.text(" can only say if there is an `Option` or a default on the way round")
            }
            _ => message.text(" cannot say: give the depth you need a type of its own"),
        });
    }
    let counts = Counts::of(definitions, part);
    let limits = can.limits;
    let (what, count, limit) = match counts.first_over(limits) {
        Some(over) => over,
        None if Levels::new(definitions, limits.levels).below(0) > limits.levels => (
            "levels of objects in each other",
            limits.levels + 1,
            limits.levels,
        ),
        None if counts.unions() <= limits.unions => return Fit::Unions,
        None if counts.unions() - counts.option_fields > limits.unions => (
            "unions",
            counts.unions() - counts.option_fields,
            limits.unions,
        ),
        None if counts.optional() > limits.optional => (
            "keys that may be absent",
            counts.optional(),
            limits.optional,
        ),
        None => return Fit::Omitted,
    };
    let message = Message::new().named(root).text(" has ");
    let message = message.number(count as u128).text(" ").text(what);
    let message = message
        .text(", and the most for ")
        .text(dialect.as_str())
        .text(" is ");
    Fit::Not(message.number(limit as u128))
}

/// The first field with a value that is not closed: a map, or anything.
const fn open_value(dialect: Dialect, definitions: &Definitions, part: Part) -> Option<Message> {
    let mut index = 0;
    while let Some(named) = definitions.get(index) {
        let mut list = 0;
        while let Some(mut fields) = named.fields(list) {
            let mut place = 0;
            while let [field, rest @ ..] = fields {
                if (index > 0 || part.includes(list, place))
                    && let Some(what) = openness(field.edge)
                {
                    let message = Message::new().field(named, field).text(what);
                    return Some(message.text(dialect.as_str()).text(" cannot say"));
                }
                fields = rest;
                place += 1;
            }
            list += 1;
        }
        index += 1;
    }
    None
}

/// What is open about a type.
pub(super) const fn openness(mut edge: Edge) -> Option<&'static str> {
    loop {
        match edge.node() {
            Node::Map { .. } => {
                return Some(" is an object with open keys (use a list of structs), which ");
            }
            Node::Any => return Some(" takes any value, which "),
            Node::Foreign(_) => return Some(" describes itself when the program runs, which "),
            Node::Nullable(inner) => edge = *inner,
            Node::Array { items, .. } => edge = *items,
            Node::Tuple(items) => {
                let mut items = *items;
                while let [item, rest @ ..] = items {
                    if let Some(open) = openness(*item) {
                        return Some(open);
                    }
                    items = rest;
                }
                return None;
            }
            Node::Scalar(_) | Node::Named(_) | Node::Enclosing(_) => return None,
        }
    }
}

/// Whether a type, but for the derived types in it, describes itself when the program runs.
pub(super) const fn is_foreign(mut edge: Edge) -> bool {
    loop {
        match edge.node() {
            Node::Foreign(_) => return true,
            Node::Nullable(inner) => edge = *inner,
            Node::Array { items, .. } => edge = *items,
            Node::Map { values, .. } => edge = *values,
            Node::Tuple(items) => {
                let mut items = *items;
                while let [item, rest @ ..] = items {
                    if is_foreign(*item) {
                        return true;
                    }
                    items = rest;
                }
                return false;
            }
            Node::Scalar(_) | Node::Any | Node::Named(_) | Node::Enclosing(_) => return false,
        }
    }
}
