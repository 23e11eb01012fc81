//! An answer that arrives in pieces.

use std::fmt;

use super::{Builder, Change, nothing_yet};
use crate::check;
use crate::context::Context;
use crate::leniency::{Correction, Leniency};
use crate::model::ResponseModel;
use crate::parse::lexer::Event;
use crate::parse::scanner::{Listener, Scanner};
use crate::validate::ValidationErrors;

/// The text of an answer, put together from pieces, and the typed value of what is there of it.
///
/// This is what a stream is made of. It needs no model and no network, so it also reads answers that come another way. A piece costs
/// what is in it, however much there is already.
///
/// ```
/// # use instructor_core::{ResponseModel, partial::PartialAnswer};
/// let mut answer = PartialAnswer::<Vec<String>>::new();
/// answer.push(r#"{"content": ["Ann", "B"#);
/// assert_eq!(answer.value(), Some(&vec!["Ann".to_owned(), "B".to_owned()]));
/// let paths: Vec<&str> = answer.changes().map(|change| change.path).collect();
/// assert_eq!(paths, ["content", "content[0]", "content[1]"]);
///
/// answer.push(r#"en"]}"#);
/// let names = answer.finish().expect("a list of names");
/// assert_eq!(names, ["Ann", "Ben"]);
/// ```
pub struct PartialAnswer<T: ResponseModel> {
    scanner: Scanner,
    builder: Builder,
    value: Option<T::Partial>,
    leniency: Leniency,
}

impl<T: ResponseModel> Default for PartialAnswer<T> {
    fn default() -> Self {
        PartialAnswer::new()
    }
}

impl<T: ResponseModel> PartialAnswer<T> {
    /// An answer of which nothing is there.
    pub fn new() -> Self {
        PartialAnswer::with(Context::new(), Leniency::default())
    }

    /// The same, for rules that look at `context`, and read as `leniency` allows.
    pub fn with(context: Context, leniency: Leniency) -> Self {
        PartialAnswer {
            scanner: Scanner::default(),
            builder: Builder::new(T::SCHEMA, context, leniency),
            value: nothing_yet(T::SCHEMA),
            leniency,
        }
    }

    /// Reads on.
    pub fn push(&mut self, more: &str) {
        self.builder.changes.clear();
        self.add(more);
    }

    /// The same, keeping the changes before.
    pub(crate) fn add(&mut self, more: &str) {
        let mut filling = Filling::<T> {
            builder: &mut self.builder,
            value: &mut self.value,
        };
        self.scanner.push(more, &mut filling);
    }

    /// What is there of the value; `None` if it is not known yet what it is.
    ///
    /// A text is there as far as it came, and a number as far as it is one. Rules have not decided about it.
    pub fn value(&self) -> Option<&T::Partial> {
        self.value.as_ref()
    }

    /// The same, to keep.
    pub fn into_value(self) -> Option<T::Partial> {
        self.value
    }

    /// What the last piece has changed, in its order.
    pub fn changes(&self) -> impl DoubleEndedIterator<Item = Change<'_>> {
        self.builder.changes.iter()
    }

    pub(crate) fn has_changes(&self) -> bool {
        !self.builder.changes.is_empty()
    }

    /// Whether some value in it is whole.
    pub(crate) fn has_whole_value(&self) -> bool {
        self.builder.has_whole_value
    }

    pub(crate) fn clear_changes(&mut self) {
        self.builder.changes.clear();
    }

    /// What is wrong with the parts that are whole: each is checked as it closes, by the rules that need no model and by its type.
    /// What the whole says of its parts is only known at the [end](Self::finish).
    pub fn errors(&self) -> &ValidationErrors {
        &self.builder.errors
    }

    /// All of the text that is there.
    pub fn text(&self) -> &str {
        self.scanner.text()
    }

    /// Whether the JSON of the value is closed.
    pub fn is_whole(&self) -> bool {
        self.builder.is_whole()
    }

    /// Ends the answer, and checks it as a call would; LLM rules, which ask a model, are left out.
    ///
    /// # Errors
    ///
    /// What is wrong with it. A cut-off answer is never completed.
    pub fn finish(self) -> Result<T, ValidationErrors> {
        let mut corrections: Vec<Correction> = Vec::new();
        let (text, context) = (self.scanner.text(), self.builder.context());
        check::read_with(text, context, self.leniency, &mut corrections)
    }
}

impl<T: ResponseModel> fmt::Debug for PartialAnswer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartialAnswer")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// Puts what the text says into the value.
struct Filling<'a, T: ResponseModel> {
    builder: &'a mut Builder,
    value: &'a mut Option<T::Partial>,
}

impl<T: ResponseModel> Listener for Filling<'_, T> {
    fn event(&mut self, text: &str, event: Event<'_>, at: usize) {
        self.builder.event(self.value, text, event, at);
    }

    fn restart(&mut self) {
        *self.value = nothing_yet(T::SCHEMA);
        self.builder.restart();
    }
}

#[cfg(test)]
mod tests;
