//! Fields, and the rules that stand on them.

use super::{Body, Edge, LlmRule, Named, Node};
use crate::rule::pattern::Pattern;
use crate::rule::{before, custom};
use crate::schema::literal::Literal;

/// A field of a struct or of a variant.
#[derive(Debug)]
#[non_exhaustive]
pub struct Field {
    /// The key in JSON, after renaming; empty in tuples and newtypes.
    pub name: Literal,
    /// Other keys that serde accepts.
    pub aliases: &'static [&'static str],
    /// Its doc comment; empty if there is none.
    pub description: Literal,
    /// The type.
    pub edge: Edge,
    /// serde has a value for this field when the key is absent (`#[serde(default)]`).
    pub has_default: bool,
    /// The parts of the type stand beside the other fields (`#[serde(flatten)]`).
    pub is_flattened: bool,
    /// The value is read by a function (`with`, `deserialize_with`) or converted (`from`, `try_from`): `edge` is what it is read
    /// from, and rules are checked on the JSON.
    pub is_converted: bool,
    /// The rules of `#[validate(...)]`.
    pub rules: &'static [Rule],
    /// The rules of `#[llm_validate("...")]` and `#[moderate]`.
    pub llm_rules: &'static [LlmRule],
    /// The functions of `before = path`, in their order.
    pub before: &'static [before::Function],
    /// The functions of `custom_async = path`.
    pub async_rules: &'static [custom::AsyncFunction],
    /// JSON texts of `#[response_model(example = ...)]`.
    pub examples: &'static [&'static str],
}

impl Field {
    /// A field without a default and without rules.
    pub const fn new(name: Literal, description: Literal, edge: Edge) -> Field {
        Field {
            name,
            aliases: &[],
            description,
            edge,
            has_default: false,
            is_flattened: false,
            is_converted: false,
            rules: &[],
            llm_rules: &[],
            before: &[],
            async_rules: &[],
            examples: &[],
        }
    }

    /// The same field with other keys that serde accepts.
    #[must_use]
    pub const fn with_aliases(mut self, aliases: &'static [&'static str]) -> Field {
        self.aliases = aliases;
        self
    }

    /// The same field, with a default.
    #[must_use]
    pub const fn with_default(mut self) -> Field {
        self.has_default = true;
        self
    }

    /// The same field, its parts beside the other fields.
    #[must_use]
    pub const fn flattened(mut self) -> Field {
        self.is_flattened = true;
        self
    }

    /// The same field, read by a function or converted.
    #[must_use]
    pub const fn converted(mut self) -> Field {
        self.is_converted = true;
        self
    }

    /// The same field, with these rules.
    #[must_use]
    pub const fn with_rules(mut self, rules: &'static [Rule]) -> Field {
        self.rules = rules;
        self
    }

    /// The same field, with these LLM rules.
    #[must_use]
    pub const fn with_llm_rules(mut self, llm_rules: &'static [LlmRule]) -> Field {
        self.llm_rules = llm_rules;
        self
    }

    /// The same field, with functions that put its value into shape.
    #[must_use]
    pub const fn with_before(mut self, before: &'static [before::Function]) -> Field {
        self.before = before;
        self
    }

    /// The same field, with asynchronous functions that check its value.
    #[must_use]
    pub const fn with_async_rules(
        mut self,
        async_rules: &'static [custom::AsyncFunction],
    ) -> Field {
        self.async_rules = async_rules;
        self
    }

    /// The same field, with these examples (JSON texts).
    #[must_use]
    pub const fn with_examples(mut self, examples: &'static [&'static str]) -> Field {
        self.examples = examples;
        self
    }

    /// Whether serde refuses an object without this key.
    ///
    /// serde asks the type, not its spelling (`type Nickname = Option<String>` is optional too), and so does this. It does not
    /// ask a function, nor through a newtype that is not transparent.
    pub const fn is_required(&self) -> bool {
        !self.has_default && (self.is_converted || !self.edge.accepts_absence())
    }
}

impl Edge {
    /// Whether serde makes a value of this type when there is none.
    pub(crate) const fn accepts_absence(mut self) -> bool {
        loop {
            match self.node() {
                Node::Nullable(_) => return true,
                Node::Named(Named {
                    body:
                        Body::Newtype {
                            field,
                            transparent: true,
                        },
                    ..
                }) => self = field.edge,
                _ => return false,
            }
        }
    }
}

/// A rule of `#[validate(...)]`: a schema keyword and a check. On an `Option` it applies to the value inside.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Rule {
    /// Characters of a string, items of a list, entries of a map.
    Length {
        /// At least this many.
        min: Option<u64>,
        /// At most this many.
        max: Option<u64>,
    },
    /// The value of a number, bounds included.
    Range {
        /// At least this.
        min: Option<Bound>,
        /// At most this.
        max: Option<Bound>,
        /// Above this.
        above: Option<Bound>,
        /// Below this.
        below: Option<Bound>,
    },
    /// A regular expression that must match somewhere in the string.
    Pattern {
        /// The expression, in the syntax of the `regex` crate, which means the same in JSON Schema (ECMA 262).
        source: Literal,
        /// The expression, compiled at its first use. Generated code checks with the very same one.
        compiled: &'static Pattern,
    },
    /// An email address.
    Email,
    /// An absolute URL.
    Url,
    /// A text that must be in the string.
    Contains(Literal),
    /// A text that must not be in the string.
    DoesNotContain(Literal),
    /// A text that must be at the beginning of the string.
    StartsWith(Literal),
    /// A text that must be at the end of the string.
    EndsWith(Literal),
    /// The values that a string or a number may have.
    OneOf(Choices),
    /// A UUID, with hyphens.
    Uuid,
    /// An IP address.
    Ip(IpVersion),
    /// A number of which the value must be a multiple.
    MultipleOf(Bound),
    /// No item of a list is there twice.
    UniqueItems,
    /// Rules on every item of a list.
    Each(&'static [Rule]),
    /// Rules on every key of a map, at the place of its value.
    Keys(&'static [Rule]),
    /// Rules on every value of a map.
    Values(&'static [Rule]),
    /// What a function of the user's finds. No schema says it.
    Custom(custom::JsonFunction),
}

impl Rule {
    /// The rules on the items of a list, among the rules on the list.
    pub(crate) const fn of_items(mut rules: &[Rule]) -> &'static [Rule] {
        while let [rule, rest @ ..] = rules {
            if let Rule::Each(rules) = rule {
                return rules;
            }
            rules = rest;
        }
        &[]
    }

    /// The rules on the keys of a map, among the rules on the map.
    pub(crate) const fn of_keys(mut rules: &[Rule]) -> &'static [Rule] {
        while let [rule, rest @ ..] = rules {
            if let Rule::Keys(rules) = rule {
                return rules;
            }
            rules = rest;
        }
        &[]
    }

    /// The rules on the values of a map, among the rules on the map.
    pub(crate) const fn of_values(mut rules: &[Rule]) -> &'static [Rule] {
        while let [rule, rest @ ..] = rules {
            if let Rule::Values(rules) = rule {
                return rules;
            }
            rules = rest;
        }
        &[]
    }
}

/// The values of [`Rule::OneOf`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Choices {
    /// Of a string.
    Texts(&'static [Literal]),
    /// Of a number.
    Integers(&'static [i128]),
}

/// Which addresses [`Rule::Ip`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "there will be no third version")]
pub enum IpVersion {
    /// Of either version.
    Any,
    /// Of version 4: `192.0.2.1`.
    V4,
    /// Of version 6: `2001:db8::1`.
    V6,
}

/// A bound of [`Rule::Range`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Bound {
    /// An integer bound.
    Integer(i128),
    /// A decimal bound: its value, and its JSON text, for the schema and for messages.
    Decimal(f64, &'static str),
}
