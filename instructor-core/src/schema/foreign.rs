//! Types that describe themselves when the program runs: their schemas are put into the text at its first use.

use std::sync::{Mutex, PoisonError};

use super::definitions::{Definitions, Part};
use super::dialect::Dialect;
use super::graph::Edge;
use super::limits::{Fit, fit};
use super::render::{FOREIGN_MARK, Renderer};
use super::root::Root;

/// The texts that were put together, by the address of their template. There is one for each type and dialect.
static FILLED: Mutex<Vec<(usize, &'static str)>> = Mutex::new(Vec::new());

/// `template` with the schemas of the types that describe themselves.
pub(super) fn filled(template: &'static str, root: Edge, dialect: Dialect) -> &'static str {
    let address = template.as_ptr().addr();
    let mut filled = FILLED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, text)) = filled.iter().find(|(known, _)| *known == address) {
        return text;
    }
    let text: &'static str = fill(template, root, dialect).leak();
    filled.push((address, text));
    text
}

fn fill(template: &str, edge: Edge, dialect: Dialect) -> String {
    let root = Root::of(edge);
    let definitions = Definitions::of(edge, root.object());
    let omits_options = matches!(fit(dialect, &definitions, Part::ALL), Fit::Omitted);
    // Rendering once more, without a text, meets the types in the order of their marks.
    let mut renderer = Renderer::<0>::new(dialect, &definitions, omits_options);
    renderer.root(root, edge, "");
    let mut text = String::with_capacity(template.len());
    let mut types = renderer.foreign.iter().flatten();
    for (index, part) in template.split(FOREIGN_MARK).enumerate() {
        if index > 0 {
            match types.next() {
                Some(foreign) => text.push_str(&(foreign.schema)()),
                None => text.push_str("{}"),
            }
        }
        text.push_str(part);
    }
    text
}
