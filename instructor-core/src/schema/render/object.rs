//! Objects: structs with named fields, and variants that have some.

use super::{Renderer, Site, without_options};
use crate::schema::graph::{Body, Edge, Field, Keys, Named, Node, Scalar};
use crate::schema::literal::Literal;
use crate::schema::writer::{Piece, piece};

/// The key that says which variant an object is, and the variant's name.
#[derive(Clone, Copy)]
pub(super) struct Tag {
    pub(super) key: Literal,
    pub(super) name: Literal,
}

/// What a flattened type adds to the object it stands in.
pub(crate) enum Flattened {
    /// Its fields.
    Fields(&'static Named, &'static [Field], bool),
    /// Every other key.
    Open(Keys, Edge),
    /// serde reads it, but no schema of an object says it.
    Unsayable,
}

impl Flattened {
    /// What the type that `edge` leads to adds.
    pub(crate) const fn of(mut edge: Edge) -> Flattened {
        loop {
            match edge.node() {
                Node::Map { keys, values } => return Flattened::Open(*keys, *values),
                Node::Named(named) => match named.body {
                    Body::Object { fields, closed } => {
                        return Flattened::Fields(named, fields, closed);
                    }
                    Body::Newtype { field, .. } => edge = field.edge,
                    _ => return Flattened::Unsayable,
                },
                _ => return Flattened::Unsayable,
            }
        }
    }
}

impl Renderer<'_> {
    /// The members of an object's schema.
    pub(super) const fn object(
        &mut self,
        fields: &'static [Field],
        tag: Option<Tag>,
        closed: bool,
    ) {
        self.out.put(piece!("\"type\":\"object\",\"properties\":{"));
        let mut first = true;
        if let Some(tag) = tag {
            self.tag(tag);
            first = false;
        }
        self.properties(fields, &mut first);
        self.out.put(piece!("},\"required\":["));
        first = true;
        if let Some(tag) = tag {
            self.out.quoted(tag.key);
            first = false;
        }
        self.required(fields, &mut first);
        self.out.put(piece!("]"));
        match open_map(fields) {
            Some((keys, values)) => {
                self.out.put(piece!(","));
                self.open(keys, values, &[]);
            }
            None if closed || self.can.closed || has_aliases(fields) => {
                self.out.put(piece!(",\"additionalProperties\":false"));
            }
            None => {}
        }
    }

    /// The property that says which variant an object is.
    pub(super) const fn tag(&mut self, tag: Tag) {
        self.out.quoted(tag.key);
        self.out.put(piece!(":{\"type\":\"string\",\"enum\":["));
        self.out.quoted(tag.name);
        self.out.put(piece!("]}"));
    }

    const fn properties(&mut self, mut fields: &'static [Field], first: &mut bool) {
        while let [field, rest @ ..] = fields {
            fields = rest;
            if field.is_flattened {
                if let Flattened::Fields(named, inner, _) = Flattened::of(field.edge) {
                    let outer = self.current;
                    self.current = Some(named);
                    self.properties(inner, first);
                    self.current = outer;
                }
                continue;
            }
            if *first {
                self.out.put(piece!("\""));
            } else {
                self.out.put(piece!(",\""));
            }
            *first = false;
            self.out.literal(field.name);
            self.out.put(piece!("\":{"));
            let edge = if self.omits_options {
                without_options(field.edge)
            } else {
                field.edge
            };
            match (plain(edge, self.can.bounds), field.rules, field.examples) {
                (Some(plain), [], []) => self.plain(&plain, field.description),
                _ => {
                    self.members(edge, Site::of(field));
                    self.end_description();
                    self.out.put(piece!("}"));
                }
            }
        }
    }

    /// The rest of a property of one of the commonest kinds. The same as `members` would write, with a tenth of the calls.
    const fn plain(&mut self, plain: &Plain, description: Literal) {
        match plain.around {
            Around::Nothing => {}
            Around::Option => self.out.put(piece!("\"anyOf\":[{")),
            Around::List => self.out.put(piece!("\"type\":\"array\",\"items\":{")),
        }
        self.out.put(plain.members);
        match plain.around {
            Around::Nothing => {}
            Around::Option => self.out.put(piece!("},{\"type\":\"null\"}]")),
            Around::List => self.out.put(piece!("}")),
        }
        if description.is_empty {
            self.out.put(piece!("}"));
        } else {
            self.out.put(piece!(",\"description\":\""));
            self.out.literal(description);
            self.out.put(piece!("\"}"));
        }
    }

    const fn required(&mut self, mut fields: &'static [Field], first: &mut bool) {
        while let [field, rest @ ..] = fields {
            fields = rest;
            if field.is_flattened {
                if let Flattened::Fields(_, inner, _) = Flattened::of(field.edge) {
                    self.required(inner, first);
                }
                continue;
            }
            let all = self.can.closed && !self.omits_options;
            if all || field.is_required() {
                if *first {
                    self.out.put(piece!("\""));
                } else {
                    self.out.put(piece!(",\""));
                }
                *first = false;
                self.out.literal(field.name);
                self.out.put(piece!("\""));
            }
        }
    }
}

/// A string, number or boolean without rules, alone or in an option or a list.
struct Plain {
    around: Around,
    members: &'static Piece,
}

enum Around {
    Nothing,
    Option,
    List,
}

/// The members of such a schema, if `edge` is one.
const fn plain(edge: Edge, bounds: bool) -> Option<Plain> {
    let (around, scalar) = match edge.node() {
        Node::Scalar(scalar) => (Around::Nothing, scalar),
        Node::Nullable(inner) => match inner.node() {
            Node::Scalar(scalar) => (Around::Option, scalar),
            _ => return None,
        },
        Node::Array {
            items,
            length: None,
            unique: false,
        } => match items.node() {
            Node::Scalar(scalar) => (Around::List, scalar),
            _ => return None,
        },
        _ => return None,
    };
    let members = match scalar {
        Scalar::String => piece!("\"type\":\"string\""),
        Scalar::Boolean => piece!("\"type\":\"boolean\""),
        Scalar::Float32 | Scalar::Float64 => piece!("\"type\":\"number\""),
        Scalar::Integer { minimum, maximum } if bounds => match (*minimum, *maximum) {
            (-0x80, 0x7f) => piece!("\"type\":\"integer\",\"minimum\":-128,\"maximum\":127"),
            (-0x8000, 0x7fff) => {
                piece!("\"type\":\"integer\",\"minimum\":-32768,\"maximum\":32767")
            }
            (-0x8000_0000, 0x7fff_ffff) => {
                piece!("\"type\":\"integer\",\"minimum\":-2147483648,\"maximum\":2147483647")
            }
            (0, 0xff) => piece!("\"type\":\"integer\",\"minimum\":0,\"maximum\":255"),
            (0, 0xffff) => piece!("\"type\":\"integer\",\"minimum\":0,\"maximum\":65535"),
            (0, 0xffff_ffff) => piece!("\"type\":\"integer\",\"minimum\":0,\"maximum\":4294967295"),
            (0, maximum) if maximum > 0xffff_ffff => piece!("\"type\":\"integer\",\"minimum\":0"),
            (minimum, maximum) if minimum < 0 && maximum > 0xffff_ffff => {
                piece!("\"type\":\"integer\"")
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(Plain { around, members })
}

/// The map among flattened fields, which takes all other keys.
pub(crate) const fn open_map(mut fields: &'static [Field]) -> Option<(Keys, Edge)> {
    while let [field, rest @ ..] = fields {
        if field.is_flattened {
            match Flattened::of(field.edge) {
                Flattened::Open(keys, values) => return Some((keys, values)),
                Flattened::Fields(_, inner, _) => {
                    if let Some(open) = open_map(inner) {
                        return Some(open);
                    }
                }
                Flattened::Unsayable => {}
            }
        }
        fields = rest;
    }
    None
}

/// Whether serde accepts some key under two names. Both at once it refuses, so other keys are then closed off.
const fn has_aliases(mut fields: &'static [Field]) -> bool {
    while let [field, rest @ ..] = fields {
        if !field.aliases.is_empty() {
            return true;
        }
        if field.is_flattened
            && let Flattened::Fields(_, inner, _) = Flattened::of(field.edge)
            && has_aliases(inner)
        {
            return true;
        }
        fields = rest;
    }
    false
}
