//! One document: the text of a schema in one dialect, or the reason why there is none.
//!
//! The same function writes it while the user's crate compiles and while the program runs.

use super::definitions::{Definitions, Part};
use super::dialect::Dialect;
use super::graph::{Edge, Foreign};
use super::limits::{Fit, fit};
use super::message::Message;
use super::render::{FOREIGN, Renderer};
use super::root::Root;
use super::writer::Writer;

/// What was written into the words of a caller.
pub(super) struct Document {
    /// In bytes. More than there was room for if the text was only counted.
    pub(super) length: usize,
    /// It says why there is no schema.
    pub(super) is_reason: bool,
    /// The types that describe themselves when the program runs, in the order of their marks in the text.
    pub(super) foreign: [Option<Foreign>; FOREIGN],
}

/// The types of the document of `edge`.
pub(super) const fn definitions(edge: Edge) -> Definitions {
    Definitions::of(edge, Root::of(edge).object())
}

/// Writes the document of `edge`, whose types are `definitions`.
pub(super) const fn write(
    edge: Edge,
    definitions: &Definitions,
    description: &str,
    dialect: Dialect,
    words: &mut [u128],
) -> Document {
    let root = Root::of(edge);
    let omits_options = match fit(dialect, definitions, Part::ALL) {
        Fit::Unions => false,
        Fit::Omitted => true,
        Fit::Not(reason) => return Document::reason(reason, words),
    };
    // A root that is no derived type has no definition of its own.
    if let Root::Value = root
        && let Some(what) = super::limits::openness(edge)
        && !dialect.capabilities().maps
    {
        let reason = Message::new().text("the answer").text(what);
        let reason = reason.text(dialect.as_str()).text(" cannot say");
        return Document::reason(reason, words);
    }
    let mut renderer = Renderer::new(dialect, definitions, omits_options, words);
    renderer.root(root, edge, description);
    Document {
        foreign: renderer.foreign,
        length: renderer.out.finish(),
        is_reason: false,
    }
}

impl Document {
    /// A short text that is no schema.
    pub(super) const fn reason(message: Message, words: &mut [u128]) -> Document {
        let mut writer = Writer::new(words);
        writer.text(message.as_str());
        Document {
            length: writer.finish(),
            is_reason: true,
            foreign: [None; FOREIGN],
        }
    }
}
