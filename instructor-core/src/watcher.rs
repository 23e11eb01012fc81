//! Who looks at an answer while it arrives.

mod arriving;

use std::task::Poll;
use std::time::Duration;

use crate::attempt::Attempt;
use crate::request::Request;
use crate::response::Response;
use crate::validate::ValidationErrors;

pub(crate) use arriving::Arriving;

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

    /// Waits until the reader has seen what there is. The reader polls the call again once it has, so nobody need be woken.
    fn poll_seen(&mut self) -> Poll<()>;
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
        std::future::poll_fn(|_| self.watcher.poll_seen()).await;
    }
}
