//! Writes the JSON text of a dialect from the graph, in const.
//!
//! What all dialects have in common: keys in the order of declaration; a type mentioned once stands where it is mentioned,
//! one mentioned more often stands under `$defs`, and the root is `#`; an `Option` is `anyOf` of the type and null; doc
//! comments are descriptions, of fields, types and variants. What a dialect has no keyword for becomes a sentence of the
//! description.
//!
//! A schema in the standard dialect never accepts what serde refuses, with two exceptions: to JSON Schema `1.0` is an integer,
//! and the bounds of integers of 64 bits and more are not said (only that an unsigned one is not negative).

mod description;
pub(super) mod enumeration;
mod keywords;
mod list;
pub(super) mod object;

use self::description::Description;
use super::definitions::{Definitions, enclosing};
use super::dialect::{Capabilities, Dialect};
use super::fragment::Place;
use super::graph::{Body, Edge, Field, Foreign, Keys, Named, Node, Rule, Scalar};
use super::literal::Literal;
use super::root::Root;
use super::writer::{Writer, piece};

/// How many types that describe themselves at run time one schema names; any more may be anything.
pub(super) const FOREIGN: usize = 64;

/// Writes a document.
pub(super) struct Renderer<'a> {
    dialect: Dialect,
    can: Capabilities,
    definitions: &'a Definitions,
    /// Options that are fields are told by leaving the key out of `required`, and not by a union with null.
    omits_options: bool,
    /// The type whose parts are being written.
    current: Option<&'static Named>,
    description: Description,
    pub(super) out: Writer<'a>,
    /// The types that describe themselves at run time, in the order of their places in the text.
    pub(super) foreign: [Option<Foreign>; FOREIGN],
    pub(super) foreign_count: usize,
}

/// What stands in the text where a type describes itself at run time: a byte that JSON text cannot contain.
pub(super) const FOREIGN_MARK: &str = "\0";

/// What is said at the place where a type is mentioned.
#[derive(Clone, Copy)]
struct Site {
    description: Literal,
    rules: &'static [Rule],
    examples: &'static [&'static str],
}

impl Site {
    const PLAIN: Site = Site {
        description: Literal::EMPTY,
        rules: &[],
        examples: &[],
    };

    /// A place that nothing is said of but these rules.
    const fn ruled(rules: &'static [Rule]) -> Site {
        Site {
            rules,
            ..Site::PLAIN
        }
    }

    const fn of(field: &'static Field) -> Site {
        Site {
            description: field.description,
            rules: field.rules,
            examples: field.examples,
        }
    }
}

impl<'a> Renderer<'a> {
    pub(super) const fn new(
        dialect: Dialect,
        definitions: &'a Definitions,
        omits_options: bool,
        words: &'a mut [u128],
    ) -> Self {
        Renderer {
            dialect,
            can: dialect.capabilities(),
            definitions,
            omits_options,
            current: None,
            description: Description::Empty,
            out: Writer::new(words),
            foreign: [None; FOREIGN],
            foreign_count: 0,
        }
    }

    /// The document of an answer type.
    pub(super) const fn root(&mut self, root: Root, edge: Edge, description: &str) {
        match root {
            Root::Object(_, object) => self.document(object),
            Root::List(_) => self.wrapped(super::root::LIST_KEY, description, edge),
            Root::Value => self.wrapped(super::root::VALUE_KEY, "", edge),
        }
    }

    /// The document of a type that is an object. Its description goes elsewhere.
    const fn document(&mut self, root: &'static Named) {
        self.out.put(piece!("{"));
        self.body(root);
        self.end_description();
        self.definitions();
        self.out.put(piece!("}"));
    }

    /// The document of some places of an answer, each under its key.
    pub(super) fn places(&mut self, places: &[Place]) {
        self.out
            .put(piece!("{\"type\":\"object\",\"properties\":{"));
        for (index, place) in places.iter().enumerate() {
            self.out.text(if index > 0 { "," } else { "" });
            self.out.string(&place.key);
            self.out.put(piece!(":"));
            self.current = place.current;
            self.schema(place.edge, place.field.map_or(Site::PLAIN, Site::of));
        }
        self.out.put(piece!("},\"required\":["));
        for (index, place) in places.iter().enumerate() {
            self.out.text(if index > 0 { "," } else { "" });
            self.out.string(&place.key);
        }
        self.out.put(piece!("],\"additionalProperties\":false"));
        self.definitions();
        self.out.put(piece!("}"));
    }

    /// The document of a type that is no object: one key with it.
    const fn wrapped(&mut self, key: &str, description: &str, edge: Edge) {
        self.out
            .put(piece!("{\"type\":\"object\",\"properties\":{\""));
        self.out.text(key);
        self.out.put(piece!("\":{"));
        self.members(
            edge,
            Site {
                description: Literal::EMPTY,
                ..Site::PLAIN
            },
        );
        self.describe_text(description);
        self.end_description();
        self.out.put(piece!("}},\"required\":[\""));
        self.out.text(key);
        self.out.put(piece!("\"]"));
        if self.can.closed {
            self.out.put(piece!(",\"additionalProperties\":false"));
        }
        self.definitions();
        self.out.put(piece!("}"));
    }

    const fn definitions(&mut self) {
        let mut opened = false;
        let mut index = 0;
        while let Some(named) = self.definitions.get(index) {
            if self.definitions.is_referenced(index) && !self.definitions.is_root(index) {
                self.out.text(if opened { ",\"" } else { ",\"$defs\":{\"" });
                opened = true;
                self.definition_name(named, index);
                self.out.put(piece!("\":{"));
                self.body(named);
                self.describe_type(named);
                self.end_description();
                self.out.put(piece!("}"));
            }
            index += 1;
        }
        if opened {
            self.out.put(piece!("}"));
        }
    }

    /// The schema of a type, with what its site says of it.
    const fn schema(&mut self, edge: Edge, site: Site) {
        self.out.put(piece!("{"));
        self.members(edge, site);
        self.end_description();
        self.out.put(piece!("}"));
    }

    /// The members of that schema; the description is left open.
    const fn members(&mut self, edge: Edge, site: Site) {
        match edge.node() {
            Node::Nullable(inner) => self.nullable(*inner, site),
            Node::Named(named) => self.named(named, site),
            Node::Enclosing(base) => self.named(enclosing(*base, self.current), site),
            Node::Scalar(scalar) => {
                self.scalar(*scalar, site.rules);
                self.annotate(site);
                match (scalar, site.rules) {
                    (Scalar::String | Scalar::Boolean | Scalar::Float32 | Scalar::Float64, []) => {}
                    _ => self.describe_scalar(*scalar, site.rules),
                }
                if let [_, ..] = site.examples {
                    self.describe_examples(site.examples);
                }
            }
            Node::Array {
                items,
                length,
                unique,
            } => self.array(*items, *length, *unique, site),
            Node::Tuple(items) => self.tuple(items, site),
            Node::Map { keys, values } => {
                self.out.put(piece!("\"type\":\"object\","));
                self.open(*keys, *values, site.rules);
                if self.can.everything {
                    self.counts(",\"minProperties\":", ",\"maxProperties\":", site.rules);
                }
                self.annotate(site);
                if !self.can.everything {
                    self.describe_keys(*keys);
                    self.describe_counts(" entry.", " entries.", site.rules);
                }
                self.describe_key_rules(*keys, Rule::of_keys(site.rules));
                if let [_, ..] = site.examples {
                    self.describe_examples(site.examples);
                }
            }
            Node::Any => {
                self.begin_any();
                self.describe(site.description);
            }
            Node::Foreign(foreign) => {
                self.out.put(piece!("\"allOf\":["));
                self.foreign(*foreign);
                self.out.put(piece!("]"));
                self.describe(site.description);
            }
        }
    }

    /// What its site says of a type: examples, where they have a keyword, and the description.
    const fn annotate(&mut self, site: Site) {
        if let [_, ..] = site.examples {
            self.examples(site.examples);
        }
        if !site.description.is_empty {
            self.describe(site.description);
        }
    }

    #[allow(clippy::indexing_slicing)] // `get_mut` is not const yet
    const fn foreign(&mut self, foreign: Foreign) {
        if self.foreign_count < FOREIGN {
            self.foreign[self.foreign_count] = Some(foreign);
            self.foreign_count += 1;
        }
        self.out.text(FOREIGN_MARK);
    }

    /// `additionalProperties`, and what the keys look like.
    const fn open(&mut self, keys: Keys, values: Edge, rules: &[Rule]) {
        if self.can.everything {
            match (keys, Rule::of_keys(rules)) {
                (Keys::Integer { pattern, .. }, _) => {
                    self.out.put(piece!("\"propertyNames\":{\"pattern\":"));
                    self.out.string(pattern);
                    self.out.put(piece!("},"));
                }
                (Keys::Typed(edge), _) => {
                    self.out.put(piece!("\"propertyNames\":"));
                    self.schema(edge, Site::PLAIN);
                    self.out.put(piece!(","));
                }
                (Keys::Text, []) => {}
                (Keys::Text, rules) => {
                    const STRING: Edge = Edge::to(&Node::Scalar(Scalar::String));
                    self.out.put(piece!("\"propertyNames\":"));
                    self.schema(STRING, Site::ruled(rules));
                    self.out.put(piece!(","));
                }
            }
        }
        self.out.put(piece!("\"additionalProperties\":"));
        self.schema(values, Site::ruled(Rule::of_values(rules)));
    }

    /// `anyOf` of the type and null. To serde `Option<Option<T>>` reads like `Option<T>`.
    const fn nullable(&mut self, inner: Edge, site: Site) {
        self.out.put(piece!("\"anyOf\":["));
        self.schema(without_options(inner), Site::ruled(site.rules));
        self.out.put(piece!(",{\"type\":\"null\"}]"));
        self.annotate(site);
        if let [_, ..] = site.examples {
            self.describe_examples(site.examples);
        }
    }

    const fn named(&mut self, named: &'static Named, site: Site) {
        let index = match self.definitions.position(named) {
            Some(index) if self.definitions.is_referenced(index) => index,
            _ => {
                self.body(named);
                self.annotate(site);
                self.describe_type(named);
                self.describe_examples(site.examples);
                return;
            }
        };
        // Where nothing may stand beside `$ref`, a description goes around it.
        let is_bare = site.description.is_empty && matches!(site.examples, []);
        let alone = !(self.can.reference_siblings || is_bare);
        self.out.text(if alone { "\"anyOf\":[{" } else { "" });
        self.out.put(piece!("\"$ref\":\"#"));
        if !self.definitions.is_root(index) {
            self.out.put(piece!("/$defs/"));
            self.definition_name(named, index);
        }
        self.out.text(if alone { "\"}]" } else { "\"" });
        self.annotate(site);
        if let [_, ..] = site.examples {
            self.describe_examples(site.examples);
        }
    }

    const fn definition_name(&mut self, named: &'static Named, index: usize) {
        if named.arguments.is_empty() {
            self.out.text(named.name);
        } else {
            self.out.text(super::name::Name::of(named).as_str());
        }
        let number = self.definitions.number_of(index);
        if number > 1 {
            self.out.put(piece!("__"));
            self.out.unsigned(number as u128);
        }
    }

    /// The members of a derived type's schema, without its own description.
    const fn body(&mut self, named: &'static Named) {
        let outer = self.current;
        self.current = Some(named);
        match named.body {
            Body::Object { fields, closed } => self.object(fields, None, closed),
            Body::Tuple(fields) => self.fields_in_order(fields),
            Body::Newtype { field, .. } => self.members(field.edge, Site::of(field)),
            Body::Enum {
                variants,
                tagging,
                closed,
            } => self.enumeration(variants, tagging, closed),
        }
        self.current = outer;
    }
}

/// The type inside of all options.
pub(super) const fn without_options(mut edge: Edge) -> Edge {
    while let Node::Nullable(inner) = edge.node() {
        edge = *inner;
    }
    edge
}

impl Scalar {
    /// The bounds of the type that are worth saying. Those of 64 bits and more say nothing to a model, and JSON parsers of other
    /// languages round them.
    const fn bounds(self) -> (Option<i128>, Option<i128>) {
        match self {
            Scalar::Integer { minimum, maximum } | Scalar::NonZero { minimum, maximum } => {
                let narrow = maximum <= u32::MAX as u128;
                let least = if narrow || minimum >= 0 {
                    Some(minimum)
                } else {
                    None
                };
                let greatest = if narrow { Some(maximum as i128) } else { None };
                (least, greatest)
            }
            _ => (None, None),
        }
    }
}
