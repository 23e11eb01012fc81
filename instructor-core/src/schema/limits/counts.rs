//! How much of everything a schema has.

use crate::schema::definitions::{Definitions, Part};
use crate::schema::dialect::{Dialect, Limits};
use crate::schema::graph::{Body, Choices, Edge, Field, Named, Node, Payload, Rule, Tagging};
use crate::schema::name::Name;
use crate::schema::render::enumeration::{is_list_of_names, is_name};

/// How much of everything a schema has.
pub(super) struct Counts {
    properties: usize,
    enum_values: usize,
    /// Values and characters of the longest enum that is over the limit for long ones.
    long_enum_characters: usize,
    characters: usize,
    /// Fields that are an `Option`, each a union or a key that may be absent.
    pub(super) option_fields: usize,
    default_fields: usize,
    /// Options that are no fields, and enums with data.
    other_unions: usize,
}

impl Counts {
    pub(super) const fn unions(&self) -> usize {
        self.option_fields + self.other_unions
    }

    pub(super) const fn optional(&self) -> usize {
        self.option_fields + self.default_fields
    }

    pub(super) const fn first_over(&self, limits: Limits) -> Option<(&'static str, usize, usize)> {
        if self.properties > limits.properties {
            Some(("properties", self.properties, limits.properties))
        } else if self.enum_values > limits.enum_values {
            Some(("enum values", self.enum_values, limits.enum_values))
        } else if self.long_enum_characters > limits.long_enum_characters {
            Some((
                "characters in the values of an enum of more than 250",
                self.long_enum_characters,
                limits.long_enum_characters,
            ))
        } else if self.characters > limits.characters {
            Some((
                "characters of names and values",
                self.characters,
                limits.characters,
            ))
        } else {
            None
        }
    }

    pub(super) const fn of(definitions: &Definitions, part: Part) -> Counts {
        let mut counts = Counts {
            properties: 0,
            enum_values: 0,
            long_enum_characters: 0,
            characters: 0,
            option_fields: 0,
            default_fields: 0,
            other_unions: 0,
        };
        let mut index = 0;
        while let Some(named) = definitions.get(index) {
            counts.characters += Name::of(named).as_bytes().len();
            counts.variants(named);
            let mut list = 0;
            while let Some(mut fields) = named.fields(list) {
                let mut place = 0;
                while let [field, rest @ ..] = fields {
                    if index > 0 || part.includes(list, place) {
                        counts.field(field);
                    }
                    fields = rest;
                    place += 1;
                }
                list += 1;
            }
            index += 1;
        }
        counts
    }

    const fn field(&mut self, field: &Field) {
        self.choices(field.rules);
        let mut edge = field.edge;
        if !field.name.is_empty() && !field.is_flattened {
            self.property(field.name.as_str());
            if let Node::Nullable(_) = edge.node() {
                self.option_fields += 1;
                edge = crate::schema::render::without_options(edge);
            } else if field.has_default {
                self.default_fields += 1;
            }
        }
        self.other_unions += options(edge);
    }

    const fn property(&mut self, name: &str) {
        self.properties += 1;
        self.characters += length(name);
    }

    const fn variants(&mut self, named: &Named) {
        let Body::Enum {
            mut variants,
            tagging,
            ..
        } = named.body
        else {
            return;
        };
        if !is_list_of_names(variants, tagging) {
            self.other_unions += 1;
        }
        let (mut values, mut characters) = (0, 0);
        while let [variant, rest @ ..] = variants {
            match tagging {
                _ if variant.untagged => {}
                Tagging::External if is_name(variant, tagging) => {
                    values += 1;
                    characters += length(variant.name.as_str());
                }
                Tagging::External => self.property(variant.name.as_str()),
                Tagging::Internal { tag } => self.tagged(tag.as_str(), variant.name.as_str()),
                Tagging::Adjacent { tag, content } => {
                    self.tagged(tag.as_str(), variant.name.as_str());
                    if !matches!(variant.payload, Payload::Unit) {
                        self.property(content.as_str());
                    }
                }
                Tagging::Untagged => {}
            }
            variants = rest;
        }
        self.enumeration(values, characters);
    }

    /// The values of `one_of` rules.
    const fn choices(&mut self, mut rules: &[Rule]) {
        while let [rule, rest @ ..] = rules {
            match rule {
                Rule::OneOf(Choices::Texts(texts)) => {
                    let (values, mut characters) = (texts.len(), 0);
                    let mut texts = *texts;
                    while let [text, rest @ ..] = texts {
                        characters += length(text.as_str());
                        texts = rest;
                    }
                    self.enumeration(values, characters);
                }
                Rule::OneOf(Choices::Integers(integers)) => self.enumeration(integers.len(), 0),
                Rule::Each(rules) | Rule::Values(rules) => self.choices(rules),
                _ => {}
            }
            rules = rest;
        }
    }

    const fn enumeration(&mut self, values: usize, characters: usize) {
        self.enum_values += values;
        self.characters += characters;
        // All dialects that limit them draw the line at the same number.
        if values > Dialect::OpenAiStrict.capabilities().limits.long_enum_values
            && characters > self.long_enum_characters
        {
            self.long_enum_characters = characters;
        }
    }

    const fn tagged(&mut self, tag: &str, name: &str) {
        self.property(tag);
        self.enum_values += 1;
        self.characters += length(name);
    }
}

/// How many options are in a type, those of other derived types not counted.
const fn options(mut edge: Edge) -> usize {
    let mut count = 0;
    loop {
        match edge.node() {
            Node::Nullable(inner) => {
                count += 1;
                edge = *inner;
            }
            Node::Array { items, .. } => edge = *items,
            Node::Map { values, .. } => edge = *values,
            Node::Tuple(items) => {
                let mut items = *items;
                while let [item, rest @ ..] = items {
                    count += options(*item);
                    items = rest;
                }
                return count;
            }
            _ => return count,
        }
    }
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
