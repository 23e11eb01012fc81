//! Hooks: functions of the caller's that are told what a call does while it does it.
//!
//! ```
//! # #[cfg(feature = "openai")]
//! # fn main() -> instructor_core::Result<()> {
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use instructor_core::{Client, Hooks, provider::openai};
//!
//! let tokens = Arc::new(AtomicU64::new(0));
//! let counted = Arc::clone(&tokens);
//! let hooks = Hooks::new()
//!     .on_usage(move |event| {
//!         counted.fetch_add(event.usage.total_tokens(), Ordering::Relaxed);
//!     })
//!     .on_parse_error(|event| println!("attempt {}: {}", event.attempt.number, event.errors));
//! let client = Client::builder(openai::OPENAI.clone(), "gpt-4o").api_key("sk-...").hooks(hooks).build()?;
//! # let _ = client;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "openai"))]
//! # fn main() {}
//! ```
//!
//! A call with one attempt tells `on_request`, `on_response`, `on_usage`, `on_finish`. One whose answer is wrong tells
//! `on_parse_error` and, if it is asked for again, `on_retry` and so on from `on_request`. A call that fails tells `on_error` before
//! `on_finish`.
//!
//! Hooks run on the task of the call, which waits for them: send what takes long elsewhere. The client's run before the call's, each
//! in the order they were added. One that panics is reported once, as a `tracing` warning, and the call goes on; it cannot if the
//! program is built with `panic = "abort"`. No event holds an API key.
//!
//! The requests of LLM validators tell no hooks; what they were asked and used stands in the [`Attempt`](crate::Attempt) they belong
//! to. A call that is dropped tells nothing further, and one that is refused before it begins, for a mode that the provider lacks for
//! example, tells nothing at all.

mod call;
mod event;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::trace;

pub(crate) use call::CallHooks;
use event::Event;
pub use event::{
    ErrorEvent, FinishEvent, ParseErrorEvent, RequestEvent, ResponseEvent, RetryCause, RetryEvent,
    UsageEvent,
};

/// Functions that are told what calls do. See the [module](self).
#[derive(Clone, Default)]
pub struct Hooks {
    hooks: Vec<Arc<Hook>>,
}

struct Hook {
    function: Function,
    has_panicked: AtomicBool,
}

enum Function {
    Request(Box<dyn Fn(&RequestEvent<'_>) + Send + Sync>),
    Response(Box<dyn Fn(&ResponseEvent<'_>) + Send + Sync>),
    Usage(Box<dyn Fn(&UsageEvent<'_>) + Send + Sync>),
    ParseError(Box<dyn Fn(&ParseErrorEvent<'_>) + Send + Sync>),
    Retry(Box<dyn Fn(&RetryEvent<'_>) + Send + Sync>),
    Error(Box<dyn Fn(&ErrorEvent<'_>) + Send + Sync>),
    Finish(Box<dyn Fn(&FinishEvent<'_>) + Send + Sync>),
}

impl Hooks {
    /// No hooks.
    pub const fn new() -> Self {
        Hooks { hooks: Vec::new() }
    }

    /// Before the request of an attempt is sent. Repetitions by the transport tell [`Hooks::on_retry`] instead.
    #[must_use]
    pub fn on_request(self, hook: impl Fn(&RequestEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(Function::Request(Box::new(hook)))
    }

    /// When a response was read. One that is an error of the provider tells [`Hooks::on_error`].
    #[must_use]
    pub fn on_response(self, hook: impl Fn(&ResponseEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(Function::Response(Box::new(hook)))
    }

    /// When a response says how many tokens it used; after [`Hooks::on_response`].
    #[must_use]
    pub fn on_usage(self, hook: impl Fn(&UsageEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(Function::Usage(Box::new(hook)))
    }

    /// When an answer is not valid: no JSON, of other types, or against a rule.
    #[must_use]
    pub fn on_parse_error(
        self,
        hook: impl Fn(&ParseErrorEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.with(Function::ParseError(Box::new(hook)))
    }

    /// Before something is asked for again: because the answer is not valid, or because the transport failed.
    #[must_use]
    pub fn on_retry(self, hook: impl Fn(&RetryEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(Function::Retry(Box::new(hook)))
    }

    /// When a call ends with an error.
    #[must_use]
    pub fn on_error(self, hook: impl Fn(&ErrorEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(Function::Error(Box::new(hook)))
    }

    /// When a call ends, whichever way.
    #[must_use]
    pub fn on_finish(self, hook: impl Fn(&FinishEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(Function::Finish(Box::new(hook)))
    }

    /// These hooks, then `others`.
    #[must_use]
    pub fn and(mut self, others: Hooks) -> Self {
        self.hooks.extend(others.hooks);
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hooks.is_empty()
    }

    fn with(mut self, function: Function) -> Self {
        self.hooks.push(Arc::new(Hook {
            function,
            has_panicked: AtomicBool::new(false),
        }));
        self
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.hooks.iter().map(|hook| hook.function.name());
        f.debug_list().entries(names).finish()
    }
}

impl Function {
    fn name(&self) -> &'static str {
        match self {
            Function::Request(_) => "on_request",
            Function::Response(_) => "on_response",
            Function::Usage(_) => "on_usage",
            Function::ParseError(_) => "on_parse_error",
            Function::Retry(_) => "on_retry",
            Function::Error(_) => "on_error",
            Function::Finish(_) => "on_finish",
        }
    }

    fn call(&self, event: &Event<'_>) {
        match (self, event) {
            (Function::Request(hook), Event::Request(event)) => hook(event),
            (Function::Response(hook), Event::Response(event)) => hook(event),
            (Function::Usage(hook), Event::Usage(event)) => hook(event),
            (Function::ParseError(hook), Event::ParseError(event)) => hook(event),
            (Function::Retry(hook), Event::Retry(event)) => hook(event),
            (Function::Error(hook), Event::Error(event)) => hook(event),
            (Function::Finish(hook), Event::Finish(event)) => hook(event),
            _ => {}
        }
    }
}

impl Hook {
    fn tell(&self, event: &Event<'_>) {
        // An event is only references to what the hook cannot change, so nothing of ours is left half done.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.function.call(event)));
        if outcome.is_err() && !self.has_panicked.swap(true, Ordering::Relaxed) {
            // Not what it panicked with, which may hold anything of the event.
            tracing::warn!(
                target: trace::TARGET,
                hook = self.function.name(),
                "a hook panicked; the call goes on, and further panics of this hook are not reported"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    use super::*;
    use crate::error::Error;

    /// Writes down every event that is logged.
    #[derive(Clone, Default)]
    struct Logged(Arc<Mutex<Vec<String>>>);

    impl<S: tracing::Subscriber> Layer<S> for Logged {
        fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
            let mut text = event.metadata().level().to_string();
            event.record(
                &mut |field: &tracing::field::Field, value: &dyn fmt::Debug| {
                    text.push_str(&format!(" {field}={value:?}"));
                },
            );
            self.0.lock().expect("not poisoned").push(text);
        }
    }

    #[test]
    fn a_panic_is_reported_once_and_without_what_it_says() {
        let logged = Logged::default();
        let hooks = Hooks::new()
            .on_error(|event| panic!("{}", event.error))
            .on_error(|_| panic!("canary"));
        let subscriber = tracing_subscriber::registry().with(logged.clone());
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..3 {
                let error = &Error::Request("canary".to_owned());
                let event = Event::Error(ErrorEvent { error });
                hooks.hooks.iter().for_each(|hook| hook.tell(&event));
            }
        });
        let logged = logged.0.lock().expect("not poisoned");
        assert_eq!(logged.len(), 2, "{logged:?}");
        for line in &*logged {
            assert!(
                line.starts_with("WARN") && line.contains("on_error"),
                "{line}"
            );
            assert!(!line.contains("canary"), "{line}");
        }
    }

    #[test]
    fn hooks_are_shown_by_their_names() {
        let hooks = Hooks::new()
            .on_request(|_| {})
            .and(Hooks::new().on_finish(|_| {}));
        assert_eq!(format!("{hooks:?}"), r#"["on_request", "on_finish"]"#);
        assert!(!hooks.is_empty() && Hooks::default().is_empty());
    }
}
