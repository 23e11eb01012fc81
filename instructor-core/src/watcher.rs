//! Who looks at an answer while it arrives.

use std::task::{Context, Poll};
use std::time::Duration;

use crate::attempt::Attempt;
use crate::request::{Mode, Request};
use crate::response::Response;
use crate::validate::ValidationErrors;

/// Someone who is told of an answer as it arrives, attempt by attempt.
///
/// The call runs only while its reader waits for something, so a watcher may have it wait in turn.
pub(crate) trait Watcher: Send {
    /// An attempt begins.
    fn begin(&mut self, attempt: &Attempt);

    /// More of the response of `attempt` has come.
    fn arrive(&mut self, request: &Request, response: &Response) -> Verdict;

    /// The text of the answer that is checked now, where `arrive` could not know it.
    fn settle(&mut self, text: &str);

    /// What is known to be wrong with the answer.
    fn errors(&self) -> ValidationErrors;

    /// Whether some value of the answer is whole.
    fn has_field(&self) -> bool;

    /// Waits until the reader has seen what there is.
    fn poll_seen(&mut self, context: &mut Context<'_>) -> Poll<()>;
}

/// What a watcher makes of an answer so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    GoOn,
    /// It is wrong, and the rest of it is not worth waiting for.
    Stop,
}

/// A watcher, and how long the provider may be silent.
pub(crate) struct Watch<'a> {
    pub(crate) watcher: &'a mut dyn Watcher,
    pub(crate) idle_timeout: Duration,
}

impl Watch<'_> {
    /// Waits until the reader has seen what there is.
    pub(crate) async fn seen(&mut self) {
        std::future::poll_fn(|context| self.watcher.poll_seen(context)).await;
    }
}

/// Where the text of an answer stands in a response that is still arriving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    ToolCall,
    Text,
}

/// The text of an answer that is one call of the one tool, or a text, as far as it is there.
///
/// `None` if it is neither: corrections of an earlier answer, and calls of tools that are variants, are put together at the end.
pub(crate) fn arriving<'a>(request: &Request, response: &'a Response) -> Option<(Source, &'a str)> {
    if request.patch.is_some() {
        return None;
    }
    let text = (response.text.as_deref()).map(|text| (Source::Text, text));
    match request.mode {
        Mode::JsonSchema => text,
        Mode::Tools if request.tool_set().is_some() => None,
        // A model that answers in plain text instead of calling the tool is taken at its word.
        Mode::Tools => match response.tool_calls.first() {
            Some(call) => Some((Source::ToolCall, &call.arguments)),
            None => text,
        },
    }
}
