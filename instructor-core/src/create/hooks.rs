//! The hooks of a single call.

use super::Create;
use crate::hooks::{
    ErrorEvent, FinishEvent, Hooks, ParseErrorEvent, RequestEvent, ResponseEvent, RetryEvent,
    UsageEvent,
};
use crate::model::ResponseModel;

/// Each adds to the hooks there are; the client's run first. See [`hooks`](crate::hooks).
impl<T: ResponseModel, K> Create<T, K> {
    /// Functions that are told what this call does.
    pub fn hooks(mut self, hooks: Hooks) -> Self {
        self.hooks = self.hooks.and(hooks);
        self
    }

    /// Before the request of an attempt is sent; see [`Hooks::on_request`].
    pub fn on_request(mut self, hook: impl Fn(&RequestEvent<'_>) + Send + Sync + 'static) -> Self {
        self.hooks = self.hooks.on_request(hook);
        self
    }

    /// When a response was read; see [`Hooks::on_response`].
    pub fn on_response(
        mut self,
        hook: impl Fn(&ResponseEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.hooks = self.hooks.on_response(hook);
        self
    }

    /// When a response says how many tokens it used; see [`Hooks::on_usage`].
    pub fn on_usage(mut self, hook: impl Fn(&UsageEvent<'_>) + Send + Sync + 'static) -> Self {
        self.hooks = self.hooks.on_usage(hook);
        self
    }

    /// When an answer is not valid; see [`Hooks::on_parse_error`].
    pub fn on_parse_error(
        mut self,
        hook: impl Fn(&ParseErrorEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.hooks = self.hooks.on_parse_error(hook);
        self
    }

    /// Before something is asked for again; see [`Hooks::on_retry`].
    pub fn on_retry(mut self, hook: impl Fn(&RetryEvent<'_>) + Send + Sync + 'static) -> Self {
        self.hooks = self.hooks.on_retry(hook);
        self
    }

    /// When the call ends with an error; see [`Hooks::on_error`].
    pub fn on_error(mut self, hook: impl Fn(&ErrorEvent<'_>) + Send + Sync + 'static) -> Self {
        self.hooks = self.hooks.on_error(hook);
        self
    }

    /// When the call ends, whichever way; see [`Hooks::on_finish`].
    pub fn on_finish(mut self, hook: impl Fn(&FinishEvent<'_>) + Send + Sync + 'static) -> Self {
        self.hooks = self.hooks.on_finish(hook);
        self
    }
}
