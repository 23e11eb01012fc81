//! Types and rules as keywords.

use super::Renderer;
use crate::schema::graph::{Bound, Rule, Scalar};

impl<const LENGTH: usize> Renderer<'_, LENGTH> {
    /// The members of a scalar's schema, without its description.
    pub(super) const fn scalar(&mut self, scalar: Scalar, rules: &[Rule]) {
        let strict = self.dialect.is_strict();
        match scalar {
            Scalar::Boolean => self.out.raw("\"type\":\"boolean\""),
            Scalar::Float32 | Scalar::Float64 => {
                self.out.raw("\"type\":\"number\"");
                self.bounds(None, None, rules);
            }
            Scalar::Integer { minimum, maximum } => {
                self.out.raw("\"type\":\"integer\"");
                // Bounds of 64 bits and more say nothing to a model, and JSON parsers of other languages round them.
                let narrow = maximum <= u32::MAX as u128;
                let least = if narrow || minimum == 0 {
                    Some(Bound::Integer(minimum))
                } else {
                    None
                };
                let greatest = if narrow {
                    Some(Bound::Integer(maximum as i128))
                } else {
                    None
                };
                self.bounds(least, greatest, rules);
            }
            Scalar::Char => {
                self.out.raw("\"type\":\"string\"");
                if !strict {
                    self.out.raw(",\"minLength\":1,\"maxLength\":1");
                }
            }
            Scalar::String => {
                self.out.raw("\"type\":\"string\"");
                if !strict {
                    self.counts(",\"minLength\":", ",\"maxLength\":", rules);
                }
                self.pattern(rules);
            }
        }
    }

    /// The keywords of a `length` rule.
    pub(super) const fn counts(&mut self, least: &str, greatest: &str, mut rules: &[Rule]) {
        while let [rule, rest @ ..] = rules {
            if let Rule::Length { min, max } = rule {
                if let Some(min) = min {
                    self.out.raw(least);
                    self.out.unsigned(*min as u128);
                }
                if let Some(max) = max {
                    self.out.raw(greatest);
                    self.out.unsigned(*max as u128);
                }
            }
            rules = rest;
        }
    }

    /// The keywords of a `range` rule and of the bounds of the type itself, whichever are tighter.
    const fn bounds(
        &mut self,
        mut least: Option<Bound>,
        mut greatest: Option<Bound>,
        mut rules: &[Rule],
    ) {
        while let [rule, rest @ ..] = rules {
            if let Rule::Range { min, max } = rule {
                if let Some(min) = *min {
                    least = match least {
                        Some(least) if !least.is_below(min) => Some(least),
                        _ => Some(min),
                    };
                }
                if let Some(max) = *max {
                    greatest = match greatest {
                        Some(greatest) if !max.is_below(greatest) => Some(greatest),
                        _ => Some(max),
                    };
                }
            }
            rules = rest;
        }
        if let Some(least) = least {
            self.out.raw(",\"minimum\":");
            self.bound(least);
        }
        if let Some(greatest) = greatest {
            self.out.raw(",\"maximum\":");
            self.bound(greatest);
        }
    }

    const fn bound(&mut self, bound: Bound) {
        match bound {
            Bound::Integer(value) => self.out.integer(value),
            Bound::Decimal(_, text) => self.out.raw(text),
        }
    }

    const fn pattern(&mut self, mut rules: &[Rule]) {
        while let [rule, rest @ ..] = rules {
            if let Rule::Pattern {
                source,
                portable: true,
                ..
            } = rule
            {
                self.out.raw(",\"pattern\":");
                self.out.string(source);
            }
            rules = rest;
        }
    }
}
