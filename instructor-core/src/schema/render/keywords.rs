//! Types and rules as keywords.

use super::Renderer;
use crate::schema::dialect::Dialect;
use crate::schema::graph::{Bound, Choices, IpVersion, Rule, Scalar};
use crate::schema::writer::{equal, piece};

/// The tightest of several bounds.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) least: Option<Bound>,
    pub(super) greatest: Option<Bound>,
    pub(super) above: Option<Bound>,
    pub(super) below: Option<Bound>,
}

impl Renderer<'_> {
    /// The members of a scalar's schema, without its description.
    pub(super) const fn scalar(&mut self, scalar: Scalar, rules: &[Rule]) {
        match scalar {
            Scalar::Boolean => self.out.put(piece!("\"type\":\"boolean\"")),
            Scalar::Float32 | Scalar::Float64 => {
                self.out.put(piece!("\"type\":\"number\""));
                if let [_, ..] = rules {
                    self.bounds(tightest(None, None, rules));
                    self.number(rules);
                }
            }
            Scalar::Integer { .. } | Scalar::NonZero { .. } => {
                self.out.put(piece!("\"type\":\"integer\""));
                let (least, greatest) = scalar.bounds();
                self.bounds(tightest(least, greatest, rules));
                self.number(rules);
                if matches!(scalar, Scalar::NonZero { .. }) && self.can.everything {
                    self.out.put(piece!(",\"not\":{\"enum\":[0]}"));
                }
            }
            Scalar::Char => self.out.text(if self.can.lengths {
                "\"type\":\"string\",\"minLength\":1,\"maxLength\":1"
            } else {
                "\"type\":\"string\""
            }),
            Scalar::Formatted(format) => {
                self.out.put(piece!("\"type\":\"string\""));
                if !format.name.is_empty() && self.has_format(format.name) {
                    self.out.put(piece!(",\"format\":\""));
                    self.out.text(format.name);
                    self.out.put(piece!("\""));
                }
                if !format.pattern.is_empty() && self.can.patterns {
                    self.out.put(piece!(",\"pattern\":"));
                    self.out.string(format.pattern);
                }
                self.text(rules);
            }
            Scalar::String => {
                self.out.put(piece!("\"type\":\"string\""));
                if let [_, ..] = rules {
                    self.text(rules);
                }
            }
        }
    }

    /// Whether the dialect knows this value of `format`.
    pub(super) const fn has_format(&self, name: &str) -> bool {
        if name.is_empty() {
            return false;
        }
        if self.can.everything {
            return true;
        }
        let mut formats = self.can.formats;
        while let [format, rest @ ..] = formats {
            if equal(format, name) {
                return true;
            }
            formats = rest;
        }
        false
    }

    /// The keywords of the rules of a string.
    const fn text(&mut self, rules: &[Rule]) {
        if self.can.lengths {
            self.counts(",\"minLength\":", ",\"maxLength\":", rules);
        }
        let mut rest = rules;
        while let [rule, after @ ..] = rest {
            match rule {
                Rule::Pattern { source, .. } if self.can.patterns => {
                    self.out.put(piece!(",\"pattern\":"));
                    self.out.quoted(*source);
                }
                Rule::Email if self.has_format("email") => {
                    self.out.put(piece!(",\"format\":\"email\""));
                }
                Rule::Url if self.has_format("uri") => self.out.put(piece!(",\"format\":\"uri\"")),
                Rule::Uuid if self.has_format("uuid") => {
                    self.out.put(piece!(",\"format\":\"uuid\""));
                }
                Rule::Ip(IpVersion::V4) if self.has_format("ipv4") => {
                    self.out.put(piece!(",\"format\":\"ipv4\""));
                }
                Rule::Ip(IpVersion::V6) if self.has_format("ipv6") => {
                    self.out.put(piece!(",\"format\":\"ipv6\""));
                }
                Rule::OneOf(choices) => self.choices(*choices),
                _ => {}
            }
            rest = after;
        }
    }

    /// The keywords of the rules of a number, but for its bounds.
    const fn number(&mut self, mut rules: &[Rule]) {
        while let [rule, rest @ ..] = rules {
            match rule {
                Rule::MultipleOf(factor) if self.can.multiples => {
                    self.keyword(",\"multipleOf\":", Some(*factor));
                }
                Rule::OneOf(choices) => self.choices(*choices),
                _ => {}
            }
            rules = rest;
        }
    }

    /// The values of a `one_of` rule. Every dialect knows `enum`.
    const fn choices(&mut self, choices: Choices) {
        self.out.put(piece!(",\"enum\":["));
        match choices {
            Choices::Texts(mut texts) => {
                while let [text, rest @ ..] = texts {
                    self.out.quoted(*text);
                    self.out.text(if rest.is_empty() { "]" } else { "," });
                    texts = rest;
                }
            }
            Choices::Integers(mut integers) => {
                while let [integer, rest @ ..] = integers {
                    self.out.integer(*integer);
                    self.out.text(if rest.is_empty() { "]" } else { "," });
                    integers = rest;
                }
            }
        }
    }

    /// The keywords of a `length` rule.
    pub(super) const fn counts(&mut self, least: &str, greatest: &str, mut rules: &[Rule]) {
        while let [rule, rest @ ..] = rules {
            if let Rule::Length { min, max } = rule {
                if let Some(min) = min {
                    self.out.text(least);
                    self.out.unsigned(*min as u128);
                }
                if let Some(max) = max {
                    self.out.text(greatest);
                    self.out.unsigned(*max as u128);
                }
            }
            rules = rest;
        }
    }

    /// The keywords of a `length` rule on a list.
    pub(super) const fn item_counts(&mut self, mut rules: &[Rule]) {
        if self.can.counts {
            self.counts(",\"minItems\":", ",\"maxItems\":", rules);
            return;
        }
        while let [rule, rest @ ..] = rules {
            if let Rule::Length {
                min: Some(min @ (0 | 1)),
                ..
            } = rule
                && self.can.least_zero_or_one
            {
                self.out.put(piece!(",\"minItems\":"));
                self.out.unsigned(*min as u128);
            }
            rules = rest;
        }
    }

    /// The keywords of a list of a fixed length.
    pub(super) const fn exact_count(&mut self, count: usize) {
        if self.can.counts {
            self.out.put(piece!(",\"minItems\":"));
            self.out.unsigned(count as u128);
            self.out.put(piece!(",\"maxItems\":"));
            self.out.unsigned(count as u128);
        }
    }

    /// The examples, as values.
    pub(super) const fn examples(&mut self, mut examples: &'static [&'static str]) {
        if !matches!(self.dialect, Dialect::Standard) || examples.is_empty() {
            return;
        }
        self.out.put(piece!(",\"examples\":["));
        while let [example, rest @ ..] = examples {
            self.out.text(example);
            if !rest.is_empty() {
                self.out.put(piece!(","));
            }
            examples = rest;
        }
        self.out.put(piece!("]"));
    }

    const fn bounds(&mut self, bounds: Bounds) {
        if !self.can.bounds {
            return;
        }
        self.keyword(",\"minimum\":", bounds.least);
        self.keyword(",\"maximum\":", bounds.greatest);
        if self.can.exclusive_bounds {
            self.keyword(",\"exclusiveMinimum\":", bounds.above);
            self.keyword(",\"exclusiveMaximum\":", bounds.below);
        }
    }

    const fn keyword(&mut self, name: &str, bound: Option<Bound>) {
        if let Some(bound) = bound {
            self.out.text(name);
            self.bound(bound);
        }
    }

    pub(super) const fn bound(&mut self, bound: Bound) {
        match bound {
            Bound::Integer(value) => self.out.integer(value),
            Bound::Decimal(_, text) => self.out.text(text),
        }
    }
}

/// The bounds of a `range` rule and of the type itself, whichever are tighter.
pub(super) const fn tightest(
    least: Option<i128>,
    greatest: Option<i128>,
    mut rules: &[Rule],
) -> Bounds {
    let mut bounds = Bounds {
        least: integer(least),
        greatest: integer(greatest),
        above: None,
        below: None,
    };
    while let [rule, rest @ ..] = rules {
        if let Rule::Range {
            min,
            max,
            above,
            below,
        } = rule
        {
            if let Some(min) = *min {
                bounds.least = match bounds.least {
                    Some(least) if !least.is_below(min) => Some(least),
                    _ => Some(min),
                };
            }
            if let Some(max) = *max {
                bounds.greatest = match bounds.greatest {
                    Some(greatest) if !max.is_below(greatest) => Some(greatest),
                    _ => Some(max),
                };
            }
            bounds.above = *above;
            bounds.below = *below;
        }
        rules = rest;
    }
    bounds
}

const fn integer(value: Option<i128>) -> Option<Bound> {
    match value {
        Some(value) => Some(Bound::Integer(value)),
        None => None,
    }
}
