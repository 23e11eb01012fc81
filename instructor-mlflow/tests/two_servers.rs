//! One server that is away, and another one. Alone in its process, whose destination it changes.

mod support;

use std::time::Duration;

use instructor_mlflow::{layer, set_tracking_uri};
use support::calls::{self, Dialect, Ending};
use support::scripted_server::{ScriptedServer, TRACES, dead_port, eventually};
use tracing_subscriber::layer::SubscriberExt;

fn one_call() {
    calls::email(Dialect::OpenAi, Ending::Accepted);
}

#[test]
fn a_server_that_is_away_is_in_nobodys_way() {
    let right = ScriptedServer::start();
    let port = dead_port();
    let away = support::scripted_server::uri(port);
    let (layer, guard) = layer().tracking_uri(away).build().expect("it is valid");
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        one_call();
        let wait = guard.flush(Duration::from_secs(20));
        wait.expect_err("nobody listens");
        set_tracking_uri(right.uri()).expect("it is valid");
        one_call();
        eventually("the other server gets its trace", || {
            right.received_at(TRACES).len() == 1
        });
    });
    let error = guard
        .flush(Duration::from_secs(20))
        .expect_err("one still waits");
    let statistics = error.statistics;
    assert_eq!((statistics.sent, statistics.spooled), (1, 1));
    let back = ScriptedServer::start_at(port);
    guard.flush(Duration::from_secs(20)).expect("it is back");
    assert_eq!(back.received_at(TRACES).len(), 1);
    assert_eq!(guard.statistics().sent, 2);
}
