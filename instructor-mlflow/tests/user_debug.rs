//! The layer runs `Debug` implementations of the user's.

mod support;

use std::fmt;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use instructor_mlflow::layer;
use support::calls::{self, Dialect, Ending};
use support::scripted_server::{ScriptedServer, TRACES};
use support::traced;
use tracing::Span;
use tracing::field::Empty;
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

/// Looks into the extensions of a span when it is shown.
struct Nosy(Span);

impl fmt::Debug for Nosy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.with_subscriber(|(id, dispatch)| {
            let registry = dispatch.downcast_ref::<Registry>();
            if let Some(span) = registry.and_then(|registry| registry.span(id)) {
                span.extensions_mut().replace(7_u8);
            }
        });
        f.write_str("nosy")
    }
}

#[test]
fn a_debug_that_uses_the_extensions_of_the_span_does_not_hang() {
    let server = ScriptedServer::start();
    let builder = layer().tracking_uri(server.uri());
    let (done, waiting) = mpsc::channel();
    thread::spawn(move || {
        let guard = traced(builder, || {
            let span = tracing::info_span!("answer", mail = Empty, tone = "polite");
            span.record("mail", tracing::field::debug(Nosy(span.clone())));
            span.record("tone", "rude");
            span.in_scope(|| {
                calls::email(Dialect::OpenAi, Ending::Accepted);
                tracing::error!(error = ?Nosy(span.clone()));
            });
        });
        guard
            .flush(Duration::from_secs(20))
            .expect("the server is well");
        done.send(()).expect("the test waits");
    });
    waiting
        .recv_timeout(Duration::from_secs(30))
        .expect("nothing hangs");
    let info = &server.received_at(TRACES)[0].json()["trace"]["trace_info"];
    assert_eq!(info["request_preview"], r#"{"tone":"rude","mail":"nosy"}"#);
    assert_eq!(info["state"], "ERROR");
}
