//! What is said of every trace that begins in a piece of the program.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use crate::notes::TraceNotes;
use crate::trace_context::TraceContext;

/// Says something of every trace that begins inside, without a span around it: the way to put calls that have no
/// function of yours as their root into a session.
///
/// Scopes can be nested: what an inner one says wins. A trace that was begun outside of the scope does not change, since
/// it is one trace: see [`update_current_trace`](crate::update_current_trace). What is spawned inside, a task or a
/// thread, is outside, unless it is given a scope of its own.
///
/// ```
/// use instructor_mlflow::TraceScope;
///
/// # async fn answer(mail: &str) {}
/// # async fn conversation() {
/// let scope = TraceScope::new().session_id("conversation-7").user("ann").tag("channel", "mail");
/// scope.instrument(answer("Where is my parcel?")).await; // two traces,
/// scope.instrument(answer("And when will it come?")).await; // one session
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a scope says nothing before something runs in it"]
pub struct TraceScope(Arc<Said>);

#[derive(Debug, Clone, Default)]
struct Said {
    notes: TraceNotes,
    enabled: Option<bool>,
    remote: Option<TraceContext>,
}

/// What a trace that begins now begins with.
#[derive(Debug, Default)]
pub(crate) struct Beginning {
    pub(crate) notes: Option<Box<TraceNotes>>,
    /// The trace that it is a part of.
    pub(crate) remote: Option<TraceContext>,
}

impl TraceScope {
    /// A scope that says nothing yet.
    pub fn new() -> Self {
        TraceScope::default()
    }

    /// See [`TraceUpdate::session_id`](crate::TraceUpdate::session_id).
    pub fn session_id(mut self, session: impl Into<String>) -> Self {
        self.said().notes.session = Some(session.into());
        self
    }

    /// See [`TraceUpdate::user`](crate::TraceUpdate::user).
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.said().notes.user = Some(user.into());
        self
    }

    /// See [`TraceUpdate::tag`](crate::TraceUpdate::tag).
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.said().notes.tags.insert(key.into(), value.into());
        self
    }

    /// See [`TraceUpdate::metadata`](crate::TraceUpdate::metadata).
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.said().notes.metadata.insert(key.into(), value.into());
        self
    }

    /// See [`TraceUpdate::client_request_id`](crate::TraceUpdate::client_request_id).
    pub fn client_request_id(mut self, id: impl Into<String>) -> Self {
        self.said().notes.client_request_id = Some(id.into());
        self
    }

    /// See [`TraceUpdate::model_id`](crate::TraceUpdate::model_id).
    pub fn model_id(self, id: impl Into<String>) -> Self {
        self.metadata("mlflow.modelId", id)
    }

    /// With `false`, no span that opens inside is recorded. With `true`, they are again, below a scope with `false`; it
    /// does not change what [`disable`](crate::disable) said.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.said().enabled = Some(enabled);
        self
    }

    /// What begins inside is part of the trace that another program began, and below its span.
    pub fn remote(mut self, context: TraceContext) -> Self {
        self.said().remote = Some(context);
        self
    }

    fn said(&mut self) -> &mut Said {
        Arc::make_mut(&mut self.0)
    }

    /// Runs `action` in this scope, on this thread.
    pub fn in_scope<R>(&self, action: impl FnOnce() -> R) -> R {
        let _entered = Entered::new(self.0.clone());
        action()
    }

    /// Runs `future` in this scope, on whatever threads it runs.
    pub fn instrument<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let scope = self.clone();
        async move {
            let mut future = pin!(future);
            poll_fn(|context| scope.in_scope(|| future.as_mut().poll(context))).await
        }
    }
}

thread_local! {
    /// The scopes that this thread is in, innermost last.
    static SCOPES: RefCell<Vec<Arc<Said>>> = const { RefCell::new(Vec::new()) };
}

/// Leaves the scope when it is dropped, also if what ran in it panics.
struct Entered;

impl Entered {
    fn new(said: Arc<Said>) -> Self {
        SCOPES.with_borrow_mut(|scopes| scopes.push(said));
        Entered
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        SCOPES.with_borrow_mut(Vec::pop);
    }
}

/// What the scopes of this thread say; nothing while the thread ends.
fn read<R: Default>(look: impl FnOnce(&[Arc<Said>]) -> R) -> R {
    SCOPES
        .try_with(|scopes| match scopes.try_borrow() {
            Ok(scopes) if !scopes.is_empty() => look(&scopes),
            _ => R::default(),
        })
        .unwrap_or_default()
}

/// Whether the innermost scope that says so says that nothing is recorded.
pub(crate) fn is_off() -> bool {
    read(|scopes| scopes.iter().rev().find_map(|said| said.enabled) == Some(false))
}

/// What a trace that begins now begins with. Allocates only inside of a scope.
pub(crate) fn beginning() -> Beginning {
    read(|scopes| {
        let mut notes = TraceNotes::default();
        for said in scopes {
            notes.update(said.notes.clone());
        }
        Beginning {
            notes: (notes != TraceNotes::default()).then(|| Box::new(notes)),
            remote: scopes.iter().rev().find_map(|said| said.remote),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_scopes_win_and_end() {
        let outer = TraceScope::new().session_id("s-1").tag("a", "outer");
        let inner = TraceScope::new().tag("a", "inner").enabled(false);
        outer.in_scope(|| {
            inner.in_scope(|| {
                let notes = beginning().notes.expect("two scopes");
                assert_eq!(notes.session.as_deref(), Some("s-1"));
                assert_eq!(notes.tags["a"], "inner");
                assert!(is_off());
                TraceScope::new()
                    .enabled(true)
                    .in_scope(|| assert!(!is_off()));
            });
            let notes = beginning().notes.expect("one scope");
            assert_eq!(notes.tags["a"], "outer");
            assert!(!is_off());
        });
        assert!(beginning().notes.is_none());
    }

    #[test]
    fn a_panic_leaves_the_scope() {
        let scope = TraceScope::new().user("ann");
        let outcome = std::panic::catch_unwind(|| scope.in_scope(|| panic!("on purpose")));
        assert!(outcome.is_err());
        assert!(beginning().notes.is_none());
    }

    #[test]
    fn a_future_is_in_its_scope_only_while_it_runs() {
        let scope = TraceScope::new().user("ann");
        let future = scope.instrument(async {
            let user = || beginning().notes.and_then(|notes| notes.user);
            let before = user();
            tokio::task::yield_now().await;
            (before, user())
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime");
        let (seen, outside) =
            runtime.block_on(async { tokio::join!(future, async { beginning().notes.is_some() }) });
        let ann = Some("ann".to_owned());
        assert_eq!(seen, (ann.clone(), ann));
        assert!(!outside);
    }
}
