//! Descriptions: doc comments, and the rules that have no keyword.
//!
//! A description is the last member of its schema and is written in parts; the first part opens it.

use super::Renderer;
use crate::schema::graph::{Named, Rule, Scalar};

/// How far the description being written is.
#[derive(Clone, Copy)]
pub(super) enum Description {
    /// Nothing was written: the key neither.
    Empty,
    /// Its last byte.
    Ends(u8),
}

impl<const LENGTH: usize> Renderer<'_, LENGTH> {
    /// Adds a paragraph to the description.
    pub(super) const fn describe(&mut self, text: &str) {
        self.add("\\n", text);
    }

    /// Adds the doc comments of a type and of its variants to the description.
    pub(super) const fn describe_type(&mut self, named: &'static Named) {
        self.describe(named.description);
        let mut variants = named.variants();
        while let [variant, rest @ ..] = variants {
            if !variant.description.is_empty() {
                self.add("\\n", "- ");
                self.add("", variant.name);
                self.add("", ": ");
                self.add("", variant.description);
            }
            variants = rest;
        }
    }

    /// Adds a sentence for every rule that has no keyword.
    pub(super) const fn describe_rules(&mut self, scalar: Scalar, mut rules: &[Rule]) {
        if self.dialect.is_strict() && matches!(scalar, Scalar::Char) {
            self.sentence("Exactly 1 character.");
        }
        while let [rule, rest @ ..] = rules {
            match rule {
                Rule::Length { min, max }
                    if self.dialect.is_strict() && matches!(scalar, Scalar::String) =>
                {
                    self.describe_length(*min, *max);
                }
                Rule::Pattern {
                    source,
                    portable: false,
                    ..
                } => {
                    self.sentence("Matches the regular expression ");
                    self.add("", source);
                }
                _ => {}
            }
            rules = rest;
        }
    }

    const fn describe_length(&mut self, min: Option<u64>, max: Option<u64>) {
        match (min, max) {
            (Some(min), Some(max)) if min == max => self.characters("Exactly ", max),
            (Some(min), Some(max)) => {
                self.sentence("Between ");
                self.out.unsigned(min as u128);
                self.characters(" and ", max);
            }
            (Some(min), None) => self.characters("At least ", min),
            (None, Some(max)) => self.characters("At most ", max),
            (None, None) => {}
        }
    }

    const fn characters(&mut self, words: &str, count: u64) {
        if matches!(words.as_bytes(), [b' ', ..]) {
            self.add("", words);
        } else {
            self.sentence(words);
        }
        self.out.unsigned(count as u128);
        self.add(
            "",
            if count == 1 {
                " character."
            } else {
                " characters."
            },
        );
    }

    /// Adds a sentence to the description, ending the one before it if its author did not.
    const fn sentence(&mut self, text: &str) {
        let separator = match self.description {
            Description::Ends(b'.' | b'!' | b'?' | b':') => " ",
            _ => ". ",
        };
        self.add(separator, text);
    }

    /// Adds `text` to the description, after `separator` unless it is the first. Opens the description if need be.
    const fn add(&mut self, separator: &str, text: &str) {
        let [.., last] = text.as_bytes() else {
            return;
        };
        match self.description {
            Description::Empty => self.out.raw(",\"description\":\""),
            Description::Ends(_) => self.out.raw(separator),
        }
        self.out.escaped(text);
        self.description = Description::Ends(*last);
    }

    pub(super) const fn end_description(&mut self) {
        if let Description::Ends(_) = self.description {
            self.out.raw("\"");
        }
        self.description = Description::Empty;
    }
}
