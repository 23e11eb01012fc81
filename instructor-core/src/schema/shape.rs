//! What the derive cannot see, since it knows types only by their spelling: checked in const beside each type, so that the
//! compiler points at the field.
//!
//! Each of these functions panics, which while compiling is an error at the place of the call.
#![expect(
    clippy::panic,
    reason = "runs while the user's crate compiles, where a panic is a compile error"
)]

use super::definitions::{Definitions, Part};
use super::example::Example;
use super::graph::{Body, Edge, Field, Keys, Named, Node, Rule, Scalar, Tagging};
use super::limits::{Fit, fit};
use super::message::Message;
use super::render::object::{Flattened, open_map};
use super::render::without_options;

/// The field at `index` of the list `list`.
const fn field(named: &'static Named, list: usize, index: usize) -> &'static Field {
    if let Some(fields) = named.fields(list)
        && let Some((_, [field, ..])) = fields.split_at_checked(index)
    {
        return field;
    }
    panic!("there is no such field")
}

const fn neighbours(named: &'static Named, list: usize) -> &'static [Field] {
    match named.fields(list) {
        Some(fields) => fields,
        None => &[],
    }
}

/// Refuses a flattened field that no schema of an object says, or that has a key of its neighbours.
pub const fn flattened(named: &'static Named, list: usize, index: usize) {
    let neighbours = neighbours(named, list);
    buffered(named, list, index);
    takes_the_rest(field(named, list, index), neighbours, index);
    match Flattened::of(field(named, list, index).edge) {
        Flattened::Unsayable => panic!(
            "only a struct with named fields or a map can be flattened in a response model: for an `Option` or an enum, keep the field as it is, without `flatten`"
        ),
        Flattened::Open(Keys::Integer { .. }, _) => panic!(
            "serde cannot read integer keys of a flattened map: use text keys, or remove `flatten`"
        ),
        Flattened::Open(Keys::Typed(_), _) => panic!(
            "the keys of a flattened map stand among those of its neighbours, so they can be any text: use `String` keys, or remove `flatten`"
        ),
        Flattened::Open(Keys::Text, _) => {}
        Flattened::Fields(inner, fields, closed) => {
            if !inner.llm_rules.is_empty() {
                panic!(
                    "a flattened struct has no value of its own in the answer, so nobody can judge it by the `llm_validate` above it: move that rule to a field inside of it, or remove `flatten`"
                );
            }
            if closed {
                panic!(
                    "a flattened struct with `deny_unknown_fields` refuses the keys of its neighbours: remove one of the two"
                );
            }
            let mut rest = fields;
            while let [field, after @ ..] = rest {
                clash(field, neighbours, index);
                rest = after;
            }
        }
    }
}

/// Refuses a flattened map, alone or in a flattened struct, where serde gives it keys of its neighbours too: those of flattened
/// fields that come after it, and those of flattened structs with flattened fields of their own, which only look at their keys.
const fn takes_the_rest(field: &'static Field, mut neighbours: &'static [Field], index: usize) {
    let values = match Flattened::of(field.edge) {
        Flattened::Open(_, values) => values,
        Flattened::Fields(_, fields, _) => match open_map(fields) {
            Some((_, values)) => values,
            None => return,
        },
        Flattened::Unsayable => return,
    };
    // Whatever else it takes fits too.
    if let Node::Any = values.node() {
        return;
    }
    let mut place = 0;
    while let [neighbour, rest @ ..] = neighbours {
        if neighbour.is_flattened && place > index {
            panic!(
                "a flattened map also takes the keys of the flattened fields after it: move it to the end"
            );
        }
        if neighbour.is_flattened
            && place < index
            && let Flattened::Fields(_, fields, _) = Flattened::of(neighbour.edge)
            && has_flattened(fields)
        {
            panic!(
                "a flattened map also takes the keys of a flattened struct before it that has flattened fields of its own: write their fields out, or remove `flatten` from one of them"
            );
        }
        neighbours = rest;
        place += 1;
    }
}

const fn has_flattened(mut fields: &'static [Field]) -> bool {
    while let [field, rest @ ..] = fields {
        if field.is_flattened {
            return true;
        }
        fields = rest;
    }
    false
}

/// Refuses a field that shares its key with a field of the struct into which it is flattened.
const fn clash(field: &'static Field, mut neighbours: &'static [Field], index: usize) {
    if field.is_flattened {
        if let Flattened::Fields(_, mut inner, _) = Flattened::of(field.edge) {
            while let [field, rest @ ..] = inner {
                clash(field, neighbours, index);
                inner = rest;
            }
        }
        return;
    }
    let mut place = 0;
    while let [neighbour, rest @ ..] = neighbours {
        if place != index && has_key(neighbour, field.name.as_str()) {
            let message = Message::new().text("the key `").text(field.name.as_str());
            let message = message.text(
                "` of the flattened struct is also one of its neighbours: rename one of them",
            );
            panic!("{}", message.as_str());
        }
        neighbours = rest;
        place += 1;
    }
}

const fn has_key(field: &'static Field, name: &str) -> bool {
    if !field.is_flattened {
        return field.name.is(name);
    }
    if let Flattened::Fields(_, mut inner, _) = Flattened::of(field.edge) {
        while let [field, rest @ ..] = inner {
            if has_key(field, name) {
                return true;
            }
            inner = rest;
        }
    }
    false
}

/// Refuses `each` on what has no items.
pub const fn each(named: &'static Named, list: usize, index: usize) {
    if items(field(named, list, index).edge).is_none() {
        panic!(
            "`each` is about the items of a list or the values of a map, and this is neither: remove `each`"
        );
    }
}

/// Refuses `#[moderate]` on what is no text.
pub const fn moderated(named: &'static Named, list: usize, index: usize, of_each: bool) {
    let edge = field(named, list, index).edge;
    let edge = match items(edge) {
        Some(items) if of_each => items,
        // Said by `each`.
        None if of_each => return,
        _ => edge,
    };
    if !is_text(edge) {
        panic!(
            "only text can be moderated: put `moderate` on a `String`, or `moderate(each)` on a list of them"
        );
    }
}

/// The type of the items of a list, or of the values of a map.
const fn items(mut edge: Edge) -> Option<Edge> {
    loop {
        match edge.node() {
            Node::Array { items, .. } => return Some(*items),
            Node::Map { values, .. } => return Some(*values),
            Node::Nullable(inner) => edge = *inner,
            Node::Named(Named {
                body: Body::Newtype { field, .. },
                ..
            }) => edge = field.edge,
            _ => return None,
        }
    }
}

const fn is_text(mut edge: Edge) -> bool {
    loop {
        match edge.node() {
            Node::Scalar(Scalar::String) => return true,
            Node::Nullable(inner) => edge = *inner,
            Node::Named(Named {
                body: Body::Newtype { field, .. },
                ..
            }) => edge = field.edge,
            _ => return false,
        }
    }
}

/// Refuses a statement with variables if nothing can put them in.
pub const fn template() {
    if !cfg!(feature = "templates") {
        panic!(
            "a statement with `{{{{ variables }}}}` needs the feature `templates` of `instructor-rs`"
        );
    }
}

/// Refuses what an internally tagged variant cannot hold: the tag stands among its keys, so it must be an object.
pub const fn internally_tagged(named: &'static Named, list: usize) {
    let Body::Enum {
        tagging: Tagging::Internal { tag },
        ..
    } = named.body
    else {
        return;
    };
    let tag = tag.as_str();
    match Flattened::of(field(named, list, 0).edge) {
        Flattened::Unsayable => panic!(
            "a variant of an internally tagged enum must hold a struct with named fields or a map, since the tag stands among its keys: add `content = \"...\"` beside `tag`"
        ),
        Flattened::Open(Keys::Typed(_), _) => panic!(
            "the tag of the enum stands among the keys of the map, so they can be any text: use `String` keys, or add `content = \"...\"` beside `tag`"
        ),
        Flattened::Open(..) => {}
        Flattened::Fields(_, fields, closed) => {
            if closed {
                panic!(
                    "a struct with `deny_unknown_fields` refuses the tag of the enum around it: remove `deny_unknown_fields`"
                );
            }
            let mut rest = fields;
            while let [field, after @ ..] = rest {
                if has_key(field, tag) {
                    let message = Message::new().text("the key `").text(tag);
                    let message = message.text("` is both the tag of the enum and a field of the struct in it: choose another tag");
                    panic!("{}", message.as_str());
                }
                rest = after;
            }
        }
    }
}

/// Refuses what serde cannot read back from the buffer that it keeps for flattened fields and for enums that it recognises by
/// their content: integers of 128 bits and maps with integer keys.
pub const fn buffered(named: &'static Named, list: usize, index: usize) {
    let edge = field(named, list, index).edge;
    if let Some(what) = unbufferable(edge) {
        refuse_unbufferable(what);
    }
    let definitions = Definitions::below(edge, named);
    let mut index = 0;
    while let Some(named) = definitions.get(index) {
        let mut list = 0;
        while let Some(mut fields) = named.fields(list) {
            while let [field, rest @ ..] = fields {
                if let Some(what) = unbufferable(field.edge) {
                    refuse_unbufferable(what);
                }
                fields = rest;
            }
            list += 1;
        }
        index += 1;
    }
}

const fn refuse_unbufferable(what: &str) -> ! {
    let message = Message::new().text("serde cannot read ").text(what).text(
        " here, since it keeps flattened fields and the contents of such enums in a buffer that has none",
    );
    panic!("{}", message.as_str())
}

const fn unbufferable(mut edge: Edge) -> Option<&'static str> {
    loop {
        match edge.node() {
            Node::Scalar(
                Scalar::Integer { minimum, maximum } | Scalar::NonZero { minimum, maximum },
            ) => {
                let wide = *minimum < i64::MIN as i128 || *maximum > u64::MAX as u128;
                return if wide {
                    Some("an integer of 128 bits (use 64)")
                } else {
                    None
                };
            }
            Node::Map {
                keys: Keys::Integer { .. },
                ..
            } => return Some("a map with integer keys (use text keys)"),
            Node::Map { values, .. } => edge = *values,
            Node::Nullable(inner) => edge = *inner,
            Node::Array { items, .. } => edge = *items,
            Node::Tuple(items) => {
                let mut items = *items;
                while let [item, rest @ ..] = items {
                    if let Some(what) = unbufferable(*item) {
                        return Some(what);
                    }
                    items = rest;
                }
                return None;
            }
            _ => return None,
        }
    }
}

const fn mentions_enclosing(mut edge: Edge) -> bool {
    loop {
        match edge.node() {
            Node::Enclosing(_) => return true,
            Node::Map { values, .. } => edge = *values,
            Node::Nullable(inner) => edge = *inner,
            Node::Array { items, .. } => edge = *items,
            Node::Tuple(items) => {
                let mut items = *items;
                while let [item, rest @ ..] = items {
                    if mentions_enclosing(*item) {
                        return true;
                    }
                    items = rest;
                }
                return false;
            }
            _ => return false,
        }
    }
}

/// Refuses the field at `index` of the list `list` if one of the dialects that the type asks for can say the type without this
/// field and those after it, but not with it.
pub const fn within_limits(named: &'static Named, list: usize, index: usize) {
    let before = Part { list, index };
    let with = Part {
        list,
        index: index + 1,
    };
    let mut dialects = named.dialects;
    while let [dialect, rest @ ..] = dialects {
        if let Fit::Not(reason) = fit(*dialect, &Definitions::of_part(named, with), with)
            && !matches!(
                fit(*dialect, &Definitions::of_part(named, before), before),
                Fit::Not(_)
            )
        {
            panic!("{}", reason.as_str());
        }
        dialects = rest;
    }
}

/// Refuses a type that one of the dialects that it asks for cannot say even without its fields, as an enum with too many
/// variants.
pub const fn within_limits_of_type(named: &'static Named) {
    let none = Part { list: 0, index: 0 };
    let mut dialects = named.dialects;
    while let [dialect, rest @ ..] = dialects {
        if let Fit::Not(reason) = fit(*dialect, &Definitions::of_part(named, none), none) {
            panic!("{}", reason.as_str());
        }
        dialects = rest;
    }
}

/// Refuses tools of a generic enum that contains itself: a tool is a variant alone, and could not say what it is in.
pub const fn tools(named: &'static Named) {
    let mut list = 0;
    while let Some(mut fields) = named.fields(list) {
        while let [field, rest @ ..] = fields {
            if mentions_enclosing(field.edge) {
                panic!(
                    "a generic enum that contains itself cannot be offered as tools: remove `tools`, or the type parameters"
                );
            }
            fields = rest;
        }
        list += 1;
    }
}

/// Whether there is no generic type to look at: what is in a type that is not generic was checked beside that type.
const fn is_plain(mut edge: Edge) -> bool {
    loop {
        match edge.node() {
            Node::Scalar(_) | Node::Any | Node::Foreign(_) => return true,
            Node::Nullable(inner) => edge = *inner,
            Node::Array { items, .. } => edge = *items,
            Node::Map { values, .. } => edge = *values,
            Node::Named(named) => return named.arguments.is_empty(),
            Node::Tuple(_) | Node::Enclosing(_) => return false,
        }
    }
}

/// Refuses generic types, here with their arguments, that ask for a dialect that cannot say them.
pub const fn used(edge: Edge) {
    if is_plain(edge) || mentions_enclosing(edge) {
        return;
    }
    let definitions = Definitions::of_generic(edge);
    let mut index = 0;
    while let Some(named) = definitions.get(index) {
        if !named.arguments.is_empty() {
            let mut dialects = named.dialects;
            while let [dialect, rest @ ..] = dialects {
                if let Fit::Not(reason) =
                    fit(*dialect, &Definitions::of_part(named, Part::ALL), Part::ALL)
                {
                    panic!("{}", reason.as_str());
                }
                dialects = rest;
            }
        }
        index += 1;
    }
}

/// Refuses a `length` rule that no array of the field's fixed length passes.
pub const fn length(named: &'static Named, list: usize, index: usize) {
    let field = field(named, list, index);
    let Node::Array {
        length: Some(length),
        ..
    } = without_options(field.edge).node()
    else {
        return;
    };
    let mut rules = field.rules;
    while let [rule, rest @ ..] = rules {
        if let Rule::Length { min, max } = rule {
            let count = *length as u64;
            let low = matches!(min, Some(min) if count < *min);
            let high = matches!(max, Some(max) if count > *max);
            if low || high {
                let message = Message::new()
                    .text("no value passes: this array always has ")
                    .number(count as u128);
                let message = message.text(if count == 1 { " item" } else { " items" });
                panic!("{}", message.as_str());
            }
        }
        rules = rest;
    }
}

/// Refuses an example that the field's type or its rules refuse.
pub const fn example(named: &'static Named, list: usize, index: usize, example: Example) {
    let field = field(named, list, index);
    if let Some(fault) = super::example::fault(field.edge, field.rules, example) {
        panic!("{}", fault.as_str());
    }
}
