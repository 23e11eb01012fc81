//! Shows the typed value of an answer that arrives.

use std::task::Poll;

use super::baton::Baton;
use crate::attempt::Attempt;
use crate::context::Context;
use crate::leniency::Leniency;
use crate::model::ResponseModel;
use crate::partial::PartialAnswer;
use crate::request::Request;
use crate::response::Response;
use crate::validate::ValidationErrors;
use crate::watcher::{Arriving, Verdict, Watcher};

/// What is shown of an answer.
pub(crate) struct Shown<T: ResponseModel> {
    pub(super) answer: PartialAnswer<T>,
    pub(super) attempt: u32,
    arriving: Arriving,
    /// The reader has not seen that the attempt is another one.
    is_new: bool,
    /// The call waits for the reader.
    pub(super) is_waiting: bool,
    context: Context,
    leniency: Leniency,
}

impl<T: ResponseModel> Shown<T> {
    fn restart(&mut self) {
        self.answer = PartialAnswer::with(self.context.clone(), self.leniency);
        self.is_new = true;
    }

    fn has_news(&self) -> bool {
        (self.is_new || self.answer.has_changes()) && self.answer.value().is_some()
    }
}

/// The watcher of a call, and what it shows.
pub(crate) fn watched<T: ResponseModel>(
    context: Context,
    leniency: Leniency,
    fail_fast: bool,
) -> (Partials<T>, Baton<Box<Shown<T>>>) {
    let shown = Baton::new(Box::new(Shown {
        answer: PartialAnswer::with(context.clone(), leniency),
        attempt: 1,
        arriving: Arriving::default(),
        is_new: false,
        is_waiting: false,
        context,
        leniency,
    }));
    let partials = Partials {
        shown: shown.share(),
        fail_fast,
    };
    (partials, shown)
}

pub(crate) struct Partials<T: ResponseModel> {
    shown: Baton<Box<Shown<T>>>,
    fail_fast: bool,
}

impl<T: ResponseModel> Watcher for Partials<T>
where
    T::Partial: Send,
{
    fn begin(&mut self, attempt: &Attempt) {
        self.shown.with(|shown| {
            shown.arriving = Arriving::default();
            // Corrections are put into the answer that is there.
            if attempt.number > 1 && attempt.request.patch.is_none() {
                shown.restart();
            }
            shown.is_new |= attempt.number > 1;
            shown.attempt = attempt.number;
        });
    }

    fn arrive(&mut self, request: &Request, response: &Response) -> Verdict {
        let is_wrong = self.shown.with(|shown| {
            let mut arriving = std::mem::take(&mut shown.arriving);
            let new = arriving.read(request, response);
            if new.is_restart {
                shown.restart();
            }
            shown.answer.add(new.text);
            shown.arriving = arriving;
            !shown.answer.errors().is_empty()
        });
        // What was wrong is known where only that is asked for again.
        if self.fail_fast && is_wrong == Some(true) && request.patch.is_none() {
            Verdict::Stop
        } else {
            Verdict::GoOn
        }
    }

    fn settle(&mut self, text: &str) {
        self.shown
            .with(|shown| match text.strip_prefix(shown.answer.text()) {
                Some(rest) => shown.answer.add(rest),
                None => {
                    shown.restart();
                    shown.answer.add(text);
                }
            });
    }

    fn errors(&self) -> ValidationErrors {
        let errors = self.shown.with(|shown| shown.answer.errors().clone());
        errors.unwrap_or_default()
    }

    fn has_field(&self) -> bool {
        let has_field = self.shown.with(|shown| shown.answer.has_whole_value());
        has_field.unwrap_or_default()
    }

    fn poll_seen(&mut self) -> Poll<()> {
        let is_shown = self.shown.with(|shown| {
            if shown.is_waiting {
                shown.is_waiting = false;
                shown.is_new = false;
                shown.answer.clear_changes();
            } else if shown.has_news() {
                shown.is_waiting = true;
            }
            shown.is_waiting
        });
        if is_shown == Some(true) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}
