//! The hooks that one call tells.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::event::Event;
use super::{
    ErrorEvent, FinishEvent, Hook, Hooks, ParseErrorEvent, RequestEvent, ResponseEvent, RetryCause,
    RetryEvent, UsageEvent,
};
use crate::attempt::Attempt;
use crate::error::Error;
use crate::request::Request;

/// The hooks of the client, then those of the call. An event is only references, so that telling nobody takes no time.
#[derive(Clone, Copy, Default)]
pub(crate) struct CallHooks<'a> {
    client: Option<&'a Hooks>,
    call: Option<&'a Hooks>,
}

impl<'a> CallHooks<'a> {
    pub(crate) fn new(client: &'a Hooks, call: &'a Hooks) -> Self {
        CallHooks {
            client: Some(client),
            call: Some(call),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The request of `attempt` will be sent.
    pub(crate) fn request(&self, attempt: &Attempt, max_attempts: u32) {
        self.tell(&Event::Request(RequestEvent {
            attempt,
            max_attempts,
        }));
    }

    /// The response of `attempt` was read.
    pub(crate) fn response(&self, attempt: &Attempt) {
        let Some(response) = &attempt.response else {
            return;
        };
        self.tell(&Event::Response(ResponseEvent { attempt, response }));
        if let Some(usage) = response.usage {
            self.tell(&Event::Usage(UsageEvent { attempt, usage }));
        }
    }

    /// The answer of `attempt` is not valid.
    pub(crate) fn parse_error(&self, attempt: &Attempt, max_attempts: u32) {
        if let Some(errors) = &attempt.errors {
            self.tell(&Event::ParseError(ParseErrorEvent {
                attempt,
                errors,
                max_attempts,
            }));
        }
    }

    /// The invalid answer of `failed` will be asked for again.
    pub(crate) fn retry(&self, failed: &Attempt) {
        if let Some(errors) = &failed.errors {
            self.repetition(failed, RetryCause::Invalid(errors), Duration::ZERO);
        }
    }

    /// A request will be sent after `pause`, because of `cause`.
    pub(crate) fn repetition(&self, attempt: &Attempt, cause: RetryCause<'_>, pause: Duration) {
        self.tell(&Event::Retry(RetryEvent {
            attempt,
            cause,
            pause,
        }));
    }

    /// The call that `started` then has ended. The attempts of a failed one are in its `error`.
    pub(crate) fn finish(
        &self,
        request: &Arc<Request>,
        ledger: &[Attempt],
        error: Option<&Error>,
        started: Instant,
    ) {
        let elapsed = started.elapsed();
        if let Some(error) = error {
            self.tell(&Event::Error(ErrorEvent { error }));
        }
        self.tell(&Event::Finish(FinishEvent {
            request,
            attempts: error.map_or(ledger, Error::attempts),
            error,
            elapsed,
        }));
    }

    fn iter(&self) -> impl Iterator<Item = &'a Hook> {
        let sources = self.client.into_iter().chain(self.call);
        sources.flat_map(|hooks| hooks.hooks.iter().map(|hook| &**hook))
    }

    fn tell(&self, event: &Event<'_>) {
        self.iter().for_each(|hook| hook.tell(event));
    }
}
