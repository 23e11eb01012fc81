//! Against a real MLflow server: set `INSTRUCTOR_TEST_MLFLOW_URI` to its address.

mod support;

use std::time::Duration;

use support::calls::{self, Dialect, Ending};
use tracing_subscriber::layer::SubscriberExt;

#[tracing::instrument(ret, err, fields(session.id = "session-9", user.id = "ann"))]
fn answer_mail(thread: u32) -> Result<String, std::fmt::Error> {
    calls::email(Dialect::OpenAi, Ending::Accepted);
    Ok("sent".to_owned())
}

#[test]
fn traces_arrive_whole() {
    let Ok(uri) = std::env::var("INSTRUCTOR_TEST_MLFLOW_URI") else {
        println!("skipped: INSTRUCTOR_TEST_MLFLOW_URI names no MLflow server");
        return;
    };
    let experiment = std::env::var("INSTRUCTOR_TEST_MLFLOW_EXPERIMENT")
        .unwrap_or_else(|_| "instructor-mlflow tests".to_owned());
    let (layer, guard) = instructor_mlflow::layer()
        .tracking_uri(uri)
        .experiment(experiment)
        .build()
        .expect("the address is valid");
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        calls::email(Dialect::OpenAi, Ending::Accepted);
        calls::email(Dialect::Anthropic, Ending::Accepted);
        calls::email(Dialect::OpenAi, Ending::Exhausted);
        calls::email(Dialect::OpenAi, Ending::Cancelled);
        answer_mail(7).expect("cannot fail");
    });
    guard
        .flush(Duration::from_secs(60))
        .expect("the server takes them");
    let statistics = guard.statistics();
    // Five calls, and the root around the last.
    assert_eq!(
        (statistics.emitted, statistics.sent),
        (6, 6),
        "{statistics:?}"
    );
}
