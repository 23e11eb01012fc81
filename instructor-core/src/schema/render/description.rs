//! Descriptions: doc comments, and what has no keyword in the dialect.
//!
//! A description is the last member of its schema and is written in parts; the first part opens it.

use super::Renderer;
use crate::schema::dialect::{Dialect, WORDS};
use crate::schema::graph::{
    Body, Bound, Choices, IpVersion, Keys, Named, Node, Rule, Scalar, Tagging, Variant,
};
use crate::schema::literal::Literal;
use crate::schema::render::enumeration::{is_list_of_names, is_name};
use crate::schema::writer::piece;

/// How far the description being written is.
#[derive(Clone, Copy)]
pub(super) enum Description {
    /// Nothing was written: the key neither.
    Empty,
    /// Its last byte.
    Ends(u8),
}

impl Renderer<'_> {
    /// Adds a paragraph to the description.
    pub(super) const fn describe(&mut self, text: Literal) {
        if text.is_empty {
            return;
        }
        match self.description {
            Description::Empty => self.out.put(piece!(",\"description\":\"")),
            Description::Ends(_) => self.out.put(piece!("\\n")),
        }
        self.out.literal(text);
        self.ends_with(text.text);
    }

    /// Adds a paragraph that needs no escaping.
    pub(super) const fn describe_text(&mut self, text: &str) {
        if !text.is_empty() {
            self.begin("\\n");
            self.add(text);
        }
    }

    /// Opens the description of a schema that has no other member.
    pub(super) const fn begin_any(&mut self) {
        self.out.put(piece!("\"description\":\""));
        self.add("Any JSON value.");
    }

    /// Adds the doc comments of a type, and of its variants if it is a list of names.
    pub(super) const fn describe_type(&mut self, named: &'static Named) {
        self.describe(named.description);
        if let crate::schema::graph::Body::Enum {
            variants, tagging, ..
        } = named.body
            && is_list_of_names(variants, tagging)
        {
            self.describe_variants(variants);
        }
    }

    /// Adds the doc comments of the variants that are written as their names.
    pub(super) const fn describe_variants(&mut self, mut variants: &'static [Variant]) {
        while let [variant, rest @ ..] = variants {
            if is_name(variant, Tagging::External) && !variant.description.is_empty() {
                self.begin("\\n");
                self.add("- ");
                self.out.literal(variant.name);
                self.add(": ");
                self.out.literal(variant.description);
                self.ends_with(variant.description.as_str());
            }
            variants = rest;
        }
    }

    /// Adds a sentence for everything about a string, number or boolean that has no keyword.
    pub(super) const fn describe_scalar(&mut self, scalar: Scalar, mut rules: &'static [Rule]) {
        match scalar {
            Scalar::Char if !self.can.lengths => self.sentence("Exactly 1 character."),
            Scalar::Formatted(format) if !self.has_format(format.name) => {
                self.sentence(format.words);
            }
            Scalar::NonZero { .. } if !self.can.everything => self.sentence("Not 0."),
            _ => {}
        }
        if !self.can.bounds {
            let (least, greatest) = scalar.bounds();
            self.describe_bounds(super::keywords::tightest(least, greatest, rules));
        } else if !self.can.exclusive_bounds {
            let bounds = super::keywords::tightest(None, None, rules);
            self.describe_exclusive_bounds(bounds);
        }
        while let [rule, rest @ ..] = rules {
            match rule {
                Rule::Length { min, max } if !self.can.lengths => {
                    self.describe_count(*min, *max, " character.", " characters.");
                }
                Rule::Pattern { source, .. } if !self.can.patterns => {
                    self.sentence("Matches the regular expression ");
                    self.out.literal(*source);
                    self.ends_with(source.as_str());
                }
                Rule::Email if !self.has_format("email") => self.sentence("An email address."),
                Rule::Url if !self.has_format("uri") => self.sentence("An absolute URL."),
                Rule::Contains(part) => {
                    self.sentence("Contains ");
                    self.quote(*part);
                }
                Rule::DoesNotContain(part) => {
                    self.sentence("Does not contain ");
                    self.quote(*part);
                }
                Rule::StartsWith(prefix) => {
                    self.sentence("Starts with ");
                    self.quote(*prefix);
                }
                Rule::EndsWith(suffix) => {
                    self.sentence("Ends with ");
                    self.quote(*suffix);
                }
                Rule::Uuid if !self.has_format("uuid") => {
                    self.sentence("A UUID, such as 67e55044-10b1-426f-9247-bb680e5fe0c8.");
                }
                // No format stands for both versions.
                Rule::Ip(IpVersion::Any) => self.sentence("An IP address."),
                Rule::Ip(IpVersion::V4) if !self.has_format("ipv4") => {
                    self.sentence("An IPv4 address.");
                }
                Rule::Ip(IpVersion::V6) if !self.has_format("ipv6") => {
                    self.sentence("An IPv6 address.");
                }
                Rule::OneOf(choices) if !self.can.choices => self.describe_choices(*choices),
                Rule::MultipleOf(factor) if !self.can.multiples => {
                    self.bounded("A multiple of ", *factor);
                }
                _ => {}
            }
            rules = rest;
        }
    }

    /// Adds the sentences of the rules on the keys of a map, but where they have keywords.
    pub(super) const fn describe_key_rules(&mut self, keys: Keys, rules: &'static [Rule]) {
        if rules.is_empty() || (matches!(keys, Keys::Text) && self.can.everything) {
            return;
        }
        self.sentence("Of each key:");
        let can = self.can;
        self.can = WORDS;
        self.describe_scalar(Scalar::String, rules);
        self.can = can;
    }

    const fn describe_choices(&mut self, choices: Choices) {
        self.sentence("One of ");
        match choices {
            Choices::Texts(mut texts) => {
                while let [text, rest @ ..] = texts {
                    self.out.put(piece!("\\\""));
                    self.out.literal(*text);
                    self.out.put(piece!("\\\""));
                    self.add(if rest.is_empty() { "." } else { ", " });
                    texts = rest;
                }
            }
            Choices::Integers(mut integers) => {
                while let [integer, rest @ ..] = integers {
                    self.out.integer(*integer);
                    self.add(if rest.is_empty() { "." } else { ", " });
                    integers = rest;
                }
            }
        }
    }

    /// Adds a string in quotes, and ends the sentence.
    const fn quote(&mut self, text: Literal) {
        self.out.put(piece!("\\\""));
        self.out.literal(text);
        self.out.put(piece!("\\\""));
        self.add(".");
    }

    const fn describe_bounds(&mut self, bounds: super::keywords::Bounds) {
        match (bounds.least, bounds.greatest) {
            (Some(least), Some(greatest)) => {
                self.sentence("Between ");
                self.bound(least);
                self.add(" and ");
                self.bound(greatest);
                self.add(".");
            }
            (Some(least), None) => self.bounded("At least ", least),
            (None, Some(greatest)) => self.bounded("At most ", greatest),
            (None, None) => {}
        }
        self.describe_exclusive_bounds(bounds);
    }

    const fn describe_exclusive_bounds(&mut self, bounds: super::keywords::Bounds) {
        if let Some(above) = bounds.above {
            self.bounded("Above ", above);
        }
        if let Some(below) = bounds.below {
            self.bounded("Below ", below);
        }
    }

    const fn bounded(&mut self, words: &str, bound: Bound) {
        self.sentence(words);
        self.bound(bound);
        self.add(".");
    }

    /// Adds a sentence for the number of items that is asked for, but for 0 and 1 at least, which have a keyword.
    pub(super) const fn describe_item_counts(&mut self, mut rules: &[Rule]) {
        while let [rule, rest @ ..] = rules {
            if let Rule::Length { min, max } = rule {
                let min = match min {
                    Some(0 | 1) if self.can.least_zero_or_one => None,
                    _ => *min,
                };
                self.describe_count(min, *max, " item.", " items.");
            }
            rules = rest;
        }
    }

    pub(super) const fn describe_exact_count(&mut self, count: usize) {
        self.describe_count(Some(count as u64), Some(count as u64), " item.", " items.");
    }

    pub(super) const fn describe_tuple(&mut self, count: usize) {
        if !self.can.tuples {
            self.sentence("Exactly ");
            self.out.unsigned(count as u128);
            self.add(" items, in this order.");
        }
    }

    pub(super) const fn describe_counts(&mut self, one: &str, many: &str, mut rules: &[Rule]) {
        while let [rule, rest @ ..] = rules {
            if let Rule::Length { min, max } = rule {
                self.describe_count(*min, *max, one, many);
            }
            rules = rest;
        }
    }

    const fn describe_count(&mut self, min: Option<u64>, max: Option<u64>, one: &str, many: &str) {
        let last = match (min, max) {
            (Some(min), Some(max)) if min == max => {
                self.sentence("Exactly ");
                max
            }
            (Some(min), Some(max)) => {
                self.sentence("Between ");
                self.out.unsigned(min as u128);
                self.add(" and ");
                max
            }
            (Some(min), None) => {
                self.sentence("At least ");
                min
            }
            (None, Some(max)) => {
                self.sentence("At most ");
                max
            }
            (None, None) => return,
        };
        self.out.unsigned(last as u128);
        self.add(if last == 1 { one } else { many });
    }

    /// Adds the examples, where there is no keyword for them.
    pub(super) const fn describe_examples(&mut self, mut examples: &'static [&'static str]) {
        if matches!(self.dialect, Dialect::Standard) || examples.is_empty() {
            return;
        }
        self.sentence("For example ");
        while let [example, rest @ ..] = examples {
            self.out.escaped(example);
            self.add(if rest.is_empty() { "." } else { " or " });
            examples = rest;
        }
    }

    /// Adds a sentence for what the keys of a map look like.
    pub(super) const fn describe_keys(&mut self, keys: Keys) {
        match keys {
            Keys::Text => {}
            Keys::Integer { .. } => self.sentence("Keys are integers."),
            Keys::Typed(edge) => match edge.node() {
                Node::Scalar(Scalar::Char) => self.sentence("Keys are single characters."),
                Node::Scalar(Scalar::Formatted(format)) => {
                    self.sentence("Of each key: ");
                    self.add(format.words);
                }
                Node::Named(named) => {
                    if let Body::Enum { variants, .. } = named.body {
                        self.describe_names(variants);
                    }
                }
                _ => {}
            },
        }
    }

    const fn describe_names(&mut self, mut variants: &'static [Variant]) {
        self.sentence("Keys are among ");
        while let [variant, rest @ ..] = variants {
            self.out.literal(variant.name);
            self.add(if rest.is_empty() { "." } else { ", " });
            variants = rest;
        }
    }

    /// Adds a sentence to the description, ending the one before it if its author did not.
    pub(super) const fn sentence(&mut self, text: &str) {
        let separator = match self.description {
            Description::Ends(b'.' | b'!' | b'?' | b':') => " ",
            _ => ". ",
        };
        self.begin(separator);
        self.add(text);
    }

    /// Opens the description, or separates what comes from what was written.
    const fn begin(&mut self, separator: &str) {
        self.out.text(match self.description {
            Description::Empty => ",\"description\":\"",
            Description::Ends(_) => separator,
        });
        if let Description::Empty = self.description {
            self.description = Description::Ends(b' ');
        }
    }

    /// Adds text that needs no escaping.
    const fn add(&mut self, text: &str) {
        self.out.text(text);
        self.ends_with(text);
    }

    const fn ends_with(&mut self, text: &str) {
        if let [.., last] = text.as_bytes() {
            self.description = Description::Ends(*last);
        }
    }

    pub(super) const fn end_description(&mut self) {
        if let Description::Ends(_) = self.description {
            self.out.put(piece!("\""));
        }
        self.description = Description::Empty;
    }
}
