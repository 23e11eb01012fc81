//! The dialects of JSON Schema that providers accept: one dated table of what each can say and how much of it.
//!
//! As of November 2026. OpenAI: the page "Structured model outputs" of its documentation (February 2026; before that the limits
//! were lower: 100 properties, 5 levels, 500 enum values). Anthropic: the page "Structured outputs" of its documentation, and
//! the API's own errors as public issue threads quote them ("too many parameters with union types ... limit: 16", "too many
//! optional parameters ... limit: 24"). Gemini: the description of `responseJsonSchema` in Google's client libraries.

/// Which keywords a schema is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// JSON Schema 2020-12, with every keyword. Objects stay open and optional keys are left out of `required`, as serde reads
    /// them.
    Standard,
    /// OpenAI's `strict: true`. Objects are closed and every key is required.
    OpenAiStrict,
    /// Anthropic's structured outputs. Objects are closed, and bounds are told in words.
    Anthropic,
    /// Gemini's `responseJsonSchema`.
    Gemini,
}

/// What a dialect can say. What it cannot is told in a sentence of the description, or makes the type inexpressible.
#[derive(Clone, Copy)]
pub(super) struct Capabilities {
    /// The name in messages.
    pub(super) name: &'static str,
    /// `minLength` and `maxLength`.
    pub(super) lengths: bool,
    /// `pattern`.
    pub(super) patterns: bool,
    /// `minimum`, `maximum`; and the exclusive ones.
    pub(super) bounds: bool,
    pub(super) exclusive_bounds: bool,
    /// `multipleOf`.
    pub(super) multiples: bool,
    /// `enum`.
    pub(super) choices: bool,
    /// `minItems` and `maxItems` with any number, or with 0 and 1 alone for `minItems`.
    pub(super) counts: bool,
    pub(super) least_zero_or_one: bool,
    /// `prefixItems`.
    pub(super) tuples: bool,
    /// `uniqueItems`, `not`, `propertyNames`, `minProperties`, `examples` and unknown formats.
    pub(super) everything: bool,
    /// Objects with open keys, and values of any type.
    pub(super) maps: bool,
    /// Objects must say `additionalProperties: false`.
    pub(super) closed: bool,
    /// Something may stand beside a `$ref`.
    pub(super) reference_siblings: bool,
    /// How a type may contain itself.
    pub(super) recursion: Recursion,
    /// The values of `format`.
    pub(super) formats: &'static [&'static str],
    pub(super) limits: Limits,
}

/// How a type may contain itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Recursion {
    Allowed,
    /// Only through keys that may be absent.
    Optional,
    Refused,
}

/// The most of each kind a schema may have; `usize::MAX` where the provider names no number.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Objects inside of each other, the root included.
    pub(super) levels: usize,
    /// Properties of all objects.
    pub(super) properties: usize,
    /// Values of all enums.
    pub(super) enum_values: usize,
    /// An enum with more values than this ...
    pub(super) long_enum_values: usize,
    /// ... may have this many characters in its values.
    pub(super) long_enum_characters: usize,
    /// Characters of all property names, definition names and enum values.
    pub(super) characters: usize,
    /// `anyOf`s, those of options included.
    pub(super) unions: usize,
    /// Keys that may be absent.
    pub(super) optional: usize,
}

const UNLIMITED: Limits = Limits {
    levels: usize::MAX,
    properties: usize::MAX,
    enum_values: usize::MAX,
    long_enum_values: usize::MAX,
    long_enum_characters: usize::MAX,
    characters: usize::MAX,
    unions: usize::MAX,
    optional: usize::MAX,
};

const STANDARD: Capabilities = Capabilities {
    name: "JSON Schema",
    lengths: true,
    patterns: true,
    bounds: true,
    exclusive_bounds: true,
    multiples: true,
    choices: true,
    counts: true,
    least_zero_or_one: true,
    tuples: true,
    everything: true,
    maps: true,
    closed: false,
    reference_siblings: true,
    recursion: Recursion::Allowed,
    formats: &[],
    limits: UNLIMITED,
};

const OPENAI_STRICT: Capabilities = Capabilities {
    name: "OpenAI strict mode",
    lengths: false,
    tuples: false,
    everything: false,
    maps: false,
    closed: true,
    reference_siblings: false,
    formats: &[
        "date-time",
        "time",
        "date",
        "duration",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "uuid",
    ],
    limits: Limits {
        levels: 10,
        properties: 5_000,
        enum_values: 1_000,
        long_enum_values: 250,
        long_enum_characters: 15_000,
        characters: 120_000,
        ..UNLIMITED
    },
    ..STANDARD
};

const ANTHROPIC: Capabilities = Capabilities {
    name: "Anthropic structured outputs",
    lengths: false,
    patterns: false,
    bounds: false,
    exclusive_bounds: false,
    multiples: false,
    counts: false,
    tuples: false,
    everything: false,
    maps: false,
    closed: true,
    reference_siblings: false,
    recursion: Recursion::Refused,
    formats: &[
        "date-time",
        "time",
        "date",
        "duration",
        "email",
        "hostname",
        "uri",
        "ipv4",
        "ipv6",
        "uuid",
    ],
    limits: Limits {
        unions: 16,
        optional: 24,
        ..UNLIMITED
    },
    ..STANDARD
};

const GEMINI: Capabilities = Capabilities {
    name: "Gemini",
    lengths: false,
    patterns: false,
    exclusive_bounds: false,
    multiples: false,
    everything: false,
    reference_siblings: false,
    recursion: Recursion::Optional,
    formats: &["date-time", "date", "time"],
    ..STANDARD
};

/// No keyword at all: for what is told of the keys of a map.
pub(super) const WORDS: Capabilities = Capabilities {
    choices: false,
    formats: &[],
    ..ANTHROPIC
};

impl Dialect {
    /// All dialects.
    pub const ALL: [Dialect; 4] = [
        Dialect::Standard,
        Dialect::OpenAiStrict,
        Dialect::Anthropic,
        Dialect::Gemini,
    ];

    /// The one of `values` that is this dialect's; they stand in the order of [`Dialect::ALL`].
    #[inline]
    pub(crate) const fn choose<T>(self, values: &[T; Dialect::ALL.len()]) -> &T {
        let [standard, openai_strict, anthropic, gemini] = values;
        match self {
            Dialect::Standard => standard,
            Dialect::OpenAiStrict => openai_strict,
            Dialect::Anthropic => anthropic,
            Dialect::Gemini => gemini,
        }
    }

    /// The row of the table.
    pub(super) const fn capabilities(self) -> Capabilities {
        match self {
            Dialect::Standard => STANDARD,
            Dialect::OpenAiStrict => OPENAI_STRICT,
            Dialect::Anthropic => ANTHROPIC,
            Dialect::Gemini => GEMINI,
        }
    }

    /// The name in messages, for example `OpenAI strict mode`.
    pub const fn as_str(self) -> &'static str {
        self.capabilities().name
    }
}

impl std::fmt::Display for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
