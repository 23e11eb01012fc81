//! The texts that are rendered while the program runs, each at its first use.
//!
//! Two kinds of them: those of debug builds, since the compiler takes half a millisecond for a field and dialect, where the
//! program takes microseconds; and those of types that describe themselves, which no constant can know.

use std::collections::HashMap;
use std::sync::{OnceLock, PoisonError, RwLock};

use super::definitions::{Contents, Definitions};
use super::dialect::Dialect;
use super::document;
use super::graph::Edge;
use super::render::FOREIGN_MARK;
use super::text::Text;
use super::tools::{Offer, ToolSet};
use super::writer;

/// What is known of a type.
pub(super) struct Rendered {
    pub(super) contents: Contents,
    texts: [OnceLock<Text>; Dialect::ALL.len()],
    tools: OnceLock<ToolSet>,
}

/// By the address of a type's node: types that share one have the same schema.
static TYPES: RwLock<Option<HashMap<usize, &'static Rendered>>> = RwLock::new(None);

/// The bytes that are tried first. A longer text is rendered twice.
const ORDINARY: usize = 16 * 1024;

/// What is known of `root`.
pub(super) fn of(root: Edge) -> &'static Rendered {
    let address = std::ptr::from_ref(root.node()).addr();
    let types = TYPES.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = types.as_ref().and_then(|types| types.get(&address)) {
        return known;
    }
    drop(types);
    let mut types = TYPES.write().unwrap_or_else(PoisonError::into_inner);
    // Another thread may have been first.
    types
        .get_or_insert_default()
        .entry(address)
        .or_insert_with(|| {
            Box::leak(Box::new(Rendered {
                contents: Contents::of(root, &Definitions::of(root, None)),
                texts: [const { OnceLock::new() }; Dialect::ALL.len()],
                tools: OnceLock::new(),
            }))
        })
}

impl Rendered {
    /// The text of `root`, the type that this is, described as `description`.
    pub(super) fn text(&self, root: Edge, description: &str, dialect: Dialect) -> Text {
        let text = dialect.choose(&self.texts);
        *text.get_or_init(|| render(root, description, dialect))
    }

    /// The tools of the type, which offers these.
    pub(super) fn tools(&self, offer: Offer) -> &ToolSet {
        self.tools.get_or_init(|| offer.tools())
    }
}

fn render(root: Edge, description: &str, dialect: Dialect) -> Text {
    let definitions = document::definitions(root);
    let mut words = vec![0; ORDINARY / size_of::<u128>()];
    let mut document = document::write(root, &definitions, description, dialect, &mut words);
    if document.length > ORDINARY {
        words.resize(document.length.div_ceil(size_of::<u128>()), 0);
        document = document::write(root, &definitions, description, dialect, &mut words);
    }
    let template = writer::text(&words, document.length);
    let mut text = String::with_capacity(template.len());
    let mut types = document.foreign.iter().flatten();
    for (index, part) in template.split(FOREIGN_MARK).enumerate() {
        if index > 0 {
            match types.next() {
                Some(foreign) => text.push_str(&(foreign.schema)()),
                None => text.push_str("{}"),
            }
        }
        text.push_str(part);
    }
    let text = text.leak();
    if document.is_reason {
        Err(text)
    } else {
        Ok(text)
    }
}
