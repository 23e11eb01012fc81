//! Writes the JSON text of a dialect from the graph, in const.
//!
//! What both dialects have in common: keys in the order of declaration; a type mentioned once stands where it is mentioned,
//! one mentioned more often stands under `$defs`, and the root is `#`; an `Option` is `anyOf` of the type and null; doc
//! comments are descriptions, of fields, types and variants.
//!
//! A schema never accepts what serde refuses, with two exceptions: to JSON Schema `1.0` is an integer, and the bounds of
//! integers of 64 bits and more are not said (only that an unsigned one is not negative).

mod description;
mod keywords;

use self::description::Description;
use super::definitions::Definitions;
use super::graph::{Edge, Field, Named, Node, Rule, Variant};
use super::limits::fits_openai_strict;
use super::writer::Writer;

/// Which keywords a schema is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// JSON Schema 2020-12. Objects stay open and optional keys are left out of `required`, as serde reads them.
    Standard,
    /// OpenAI's `strict: true`. Objects are closed, every key is required, a `$ref` stands alone, and the length of a string
    /// is a sentence in its description, since there is no keyword for it.
    OpenAiStrict,
}

impl Dialect {
    /// The bytes that [`render`](Self::render) will write: 0 if this dialect cannot express the type.
    pub const fn length(self, root: &'static Named) -> usize {
        let definitions = Definitions::of(root);
        if matches!(self, Dialect::OpenAiStrict) && !fits_openai_strict(&definitions) {
            return 0;
        }
        let mut renderer = Renderer::<0>::new(self, &definitions);
        renderer.document(root);
        renderer.out.length()
    }

    /// The schema of `root`; `LENGTH` must be what [`length`](Self::length) says.
    pub const fn render<const LENGTH: usize>(self, root: &'static Named) -> [u8; LENGTH] {
        if LENGTH == 0 {
            return [0; LENGTH];
        }
        let definitions = Definitions::of(root);
        let mut renderer = Renderer::<LENGTH>::new(self, &definitions);
        renderer.document(root);
        renderer.out.into_bytes()
    }

    const fn is_strict(self) -> bool {
        matches!(self, Dialect::OpenAiStrict)
    }
}

struct Renderer<'a, const LENGTH: usize> {
    dialect: Dialect,
    definitions: &'a Definitions,
    out: Writer<LENGTH>,
    description: Description,
}

impl<'a, const LENGTH: usize> Renderer<'a, LENGTH> {
    const fn new(dialect: Dialect, definitions: &'a Definitions) -> Self {
        Renderer {
            dialect,
            definitions,
            out: Writer::new(),
            description: Description::Empty,
        }
    }

    const fn document(&mut self, root: &'static Named) {
        self.out.raw("{");
        self.body(root);
        let mut opened = false;
        let mut index = 1;
        while let Some(named) = self.definitions.get(index) {
            if self.definitions.is_referenced(index) {
                self.out.raw(if opened { "," } else { ",\"$defs\":{" });
                opened = true;
                self.out.raw("\"");
                self.definition_name(named, index);
                self.out.raw("\":{");
                self.body(named);
                self.describe_type(named);
                self.end_description();
                self.out.raw("}");
            }
            index += 1;
        }
        if opened {
            self.out.raw("}");
        }
        self.out.raw("}");
    }

    /// The schema of one type, with the description and the rules of the field it is the type of.
    const fn schema(&mut self, edge: Edge, description: &str, rules: &[Rule]) {
        match edge.node() {
            Node::Nullable(inner) => self.nullable(*inner, description, rules),
            Node::Named(named) => self.named(named, description),
            Node::Scalar(scalar) => {
                self.out.raw("{");
                self.scalar(*scalar, rules);
                self.describe(description);
                self.describe_rules(*scalar, rules);
            }
            Node::Array(items) => {
                self.out.raw("{\"type\":\"array\",\"items\":");
                self.schema(*items, "", &[]);
                self.counts(",\"minItems\":", ",\"maxItems\":", rules);
                self.describe(description);
            }
            Node::Map(values) => {
                self.out
                    .raw("{\"type\":\"object\",\"additionalProperties\":");
                self.schema(*values, "", &[]);
                self.counts(",\"minProperties\":", ",\"maxProperties\":", rules);
                self.describe(description);
            }
        }
        self.end_description();
        self.out.raw("}");
    }

    /// `anyOf` of the type and null. To serde `Option<Option<T>>` reads like `Option<T>`.
    const fn nullable(&mut self, mut inner: Edge, description: &str, rules: &[Rule]) {
        while let Node::Nullable(edge) = inner.node() {
            inner = *edge;
        }
        self.out.raw("{\"anyOf\":[");
        self.schema(inner, "", rules);
        self.out.raw(",{\"type\":\"null\"}]");
        self.describe(description);
    }

    const fn named(&mut self, named: &'static Named, description: &str) {
        let index = match self.definitions.position(named) {
            Some(index) if self.definitions.is_referenced(index) => index,
            _ => {
                self.out.raw("{");
                self.body(named);
                self.describe(description);
                self.describe_type(named);
                return;
            }
        };
        // In strict schemas nothing may stand beside `$ref`: a description goes around it.
        let alone = self.dialect.is_strict() && !description.is_empty();
        self.out.raw(if alone { "{\"anyOf\":[{" } else { "{" });
        self.out.raw("\"$ref\":\"#");
        if index > 0 {
            self.out.raw("/$defs/");
            self.definition_name(named, index);
        }
        self.out.raw(if alone { "\"}]" } else { "\"" });
        self.describe(description);
    }

    const fn definition_name(&mut self, named: &'static Named, index: usize) {
        self.out.escaped(named.name);
        let number = self.definitions.number(index);
        if number > 1 {
            self.out.raw("__");
            self.out.unsigned(number as u128);
        }
    }

    /// The members of a derived type's schema, without its description.
    const fn body(&mut self, named: &'static Named) {
        if named.variants().is_empty() {
            self.object(named.fields());
        } else {
            self.enumeration(named.variants());
        }
    }

    const fn object(&mut self, fields: &'static [Field]) {
        self.out.raw("\"type\":\"object\",\"properties\":{");
        let mut first = true;
        let mut rest = fields;
        while let [field, after @ ..] = rest {
            if !first {
                self.out.raw(",");
            }
            first = false;
            self.out.string(field.name);
            self.out.raw(":");
            self.schema(field.edge, field.description, field.rules);
            rest = after;
        }
        self.out.raw("},\"required\":[");
        first = true;
        rest = fields;
        while let [field, after @ ..] = rest {
            if self.dialect.is_strict() || field.is_required() {
                if !first {
                    self.out.raw(",");
                }
                first = false;
                self.out.string(field.name);
            }
            rest = after;
        }
        self.out.raw("]");
        if self.dialect.is_strict() {
            self.out.raw(",\"additionalProperties\":false");
        }
    }

    const fn enumeration(&mut self, mut variants: &'static [Variant]) {
        self.out.raw("\"type\":\"string\",\"enum\":[");
        while let [variant, rest @ ..] = variants {
            self.out.string(variant.name);
            if !rest.is_empty() {
                self.out.raw(",");
            }
            variants = rest;
        }
        self.out.raw("]");
    }
}
