//! Enums, in each of serde's representations.

use super::object::{Flattened, Tag};
use super::{Renderer, Site};
use crate::schema::graph::{Edge, Payload, Tagging, Variant};
use crate::schema::literal::Literal;
use crate::schema::writer::piece;

impl Renderer<'_> {
    /// The members of an enum's schema: a list of names if that is all there is, else a branch for each variant.
    pub(super) const fn enumeration(
        &mut self,
        variants: &'static [Variant],
        tagging: Tagging,
        closed: bool,
    ) {
        if is_list_of_names(variants, tagging) {
            self.names(variants);
            return;
        }
        self.out.put(piece!("\"anyOf\":["));
        let mut first = true;
        if matches!(tagging, Tagging::External) && has_names(variants) {
            self.out.put(piece!("{"));
            self.names(variants);
            self.describe_variants(variants);
            self.end_description();
            self.out.put(piece!("}"));
            first = false;
        }
        let mut rest = variants;
        while let [variant, after @ ..] = rest {
            if !is_name(variant, tagging) {
                self.out.text(if first { "{" } else { ",{" });
                first = false;
                self.variant(variant, tagging, closed);
                self.end_description();
                self.out.put(piece!("}"));
            }
            rest = after;
        }
        self.out.put(piece!("]"));
    }

    /// The unit variants among these, as strings.
    const fn names(&mut self, mut variants: &'static [Variant]) {
        self.out.put(piece!("\"type\":\"string\",\"enum\":["));
        let mut first = true;
        while let [variant, rest @ ..] = variants {
            if is_name(variant, Tagging::External) {
                if !first {
                    self.out.put(piece!(","));
                }
                first = false;
                self.out.quoted(variant.name);
            }
            variants = rest;
        }
        self.out.put(piece!("]"));
    }

    const fn variant(&mut self, variant: &'static Variant, tagging: Tagging, closed: bool) {
        let tagging = if variant.untagged {
            Tagging::Untagged
        } else {
            tagging
        };
        match tagging {
            Tagging::External => {
                self.out.put(piece!("\"type\":\"object\",\"properties\":{"));
                self.content(variant.name, variant, closed);
                self.out.put(piece!("},\"required\":["));
                self.out.quoted(variant.name);
                self.out.put(piece!("],\"additionalProperties\":false"));
                self.describe(variant.description);
            }
            Tagging::Adjacent { tag, content } => {
                self.out.put(piece!("\"type\":\"object\",\"properties\":{"));
                self.tag(Tag {
                    key: tag,
                    name: variant.name,
                });
                let has_content = !matches!(variant.payload, Payload::Unit);
                if has_content {
                    self.out.put(piece!(","));
                    self.content(content, variant, closed);
                }
                self.out.put(piece!("},\"required\":["));
                self.out.quoted(tag);
                if has_content {
                    self.out.put(piece!(","));
                    self.out.quoted(content);
                }
                self.out.put(piece!("]"));
                // serde reads the content even where there is none to be.
                if closed || self.can.closed || !has_content {
                    self.out.put(piece!(",\"additionalProperties\":false"));
                }
                self.describe(variant.description);
            }
            Tagging::Internal { tag } => {
                let tag = Tag {
                    key: tag,
                    name: variant.name,
                };
                self.tagged(tag, variant, closed);
                self.describe(variant.description);
            }
            Tagging::Untagged => {
                self.payload(variant.payload, closed);
                self.describe(variant.description);
            }
        }
    }

    /// An object with the tag among its fields.
    const fn tagged(&mut self, tag: Tag, variant: &'static Variant, closed: bool) {
        match variant.payload {
            Payload::Object(fields) => self.object(fields, Some(tag), closed),
            Payload::Newtype(field) => match Flattened::of(field.edge) {
                Flattened::Fields(named, fields, inner_closed) => {
                    let outer = self.current;
                    self.current = Some(named);
                    self.object(fields, Some(tag), inner_closed);
                    self.current = outer;
                    self.describe(named.description);
                }
                Flattened::Open(keys, values) => self.open_object(tag, keys, values),
                Flattened::Unsayable => self.object(&[], Some(tag), closed),
            },
            Payload::Unit | Payload::Tuple(_) => self.object(&[], Some(tag), closed),
        }
    }

    const fn open_object(&mut self, tag: Tag, keys: crate::schema::graph::Keys, values: Edge) {
        self.out.put(piece!("\"type\":\"object\",\"properties\":{"));
        self.tag(tag);
        self.out.put(piece!("},\"required\":["));
        self.out.quoted(tag.key);
        self.out.put(piece!("],"));
        self.open(keys, values, &[]);
    }

    /// A key with what is in a variant.
    const fn content(&mut self, key: Literal, variant: &'static Variant, closed: bool) {
        self.out.quoted(key);
        self.out.put(piece!(":{"));
        self.payload(variant.payload, closed);
        self.end_description();
        self.out.put(piece!("}"));
    }

    const fn payload(&mut self, payload: Payload, closed: bool) {
        match payload {
            Payload::Unit => self.out.put(piece!("\"type\":\"null\"")),
            Payload::Newtype(field) => self.members(field.edge, Site::of(field)),
            Payload::Tuple(fields) => self.fields_in_order(fields),
            Payload::Object(fields) => self.object(fields, None, closed),
        }
    }
}

/// Whether the variant is written as its name alone.
pub(in crate::schema) const fn is_name(variant: &Variant, tagging: Tagging) -> bool {
    matches!(variant.payload, Payload::Unit)
        && matches!(tagging, Tagging::External)
        && !variant.untagged
}

const fn has_names(mut variants: &[Variant]) -> bool {
    while let [variant, rest @ ..] = variants {
        if is_name(variant, Tagging::External) {
            return true;
        }
        variants = rest;
    }
    false
}

/// Whether every variant is written as its name alone.
pub(in crate::schema) const fn is_list_of_names(
    mut variants: &[Variant],
    tagging: Tagging,
) -> bool {
    while let [variant, rest @ ..] = variants {
        if !is_name(variant, tagging) {
            return false;
        }
        variants = rest;
    }
    true
}
