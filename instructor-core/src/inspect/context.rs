//! How serde holds the value at hand, where that decides what it accepts.

use crate::schema::Named;

/// What the walk knows of its surroundings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    /// The type whose parts are being walked.
    pub(crate) current: Option<&'static Named>,
    /// What serde reads the value from.
    pub(crate) source: Source,
}

impl Context {
    /// That of a root.
    pub(crate) const ROOT: Context = Context {
        current: None,
        source: Source::Text,
    };
}

/// What serde reads a value from. Where it must look at a part twice it keeps a copy of it, in one of two buffers, and each of them
/// lets something pass that the text does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The text of the answer.
    Text,
    /// A buffer that is read once (`ContentDeserializer`): a flattened struct, and what stands beside an internal tag.
    Once,
    /// A buffer that may be read again (`ContentRefDeserializer`): a flattened map, and all of an enum with untagged variants.
    Again,
}

impl Source {
    /// Whether the index of a variant will do for its name.
    pub(super) fn knows_indices(self) -> bool {
        matches!(self, Source::Once | Source::Again)
    }

    /// Whether an empty object will do for null where nothing is expected.
    pub(super) fn takes_empty_objects_for_null(self) -> bool {
        self == Source::Once
    }
}
