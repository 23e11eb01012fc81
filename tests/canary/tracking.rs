//! Tracing to MLflow, and asking it: what holds its credentials, shown.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use instructor::mlflow::{
    self, AssessmentSource, Content, Fields, Frame, LogModel, ModelError, PromptTemplate, Sink,
    SpoolStatus, TraceContext, TraceScope, Tracking, TrackingError,
};
use instructor::prelude::*;
use serde_json::json;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::secrets::URL_PASSWORD;
use crate::shown::{show, show_error};

#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code, reason = "they are shown")]
struct Person {
    name: String,
}

/// Keeps what it is handed.
#[derive(Debug, Default)]
struct Kept(Mutex<Vec<Frame>>);

impl Sink for Kept {
    fn accept(&self, frame: Frame) {
        self.0.lock().unwrap().push(frame);
    }
}

/// Settings, and what cannot be one.
pub(crate) fn show_settings() {
    let uri = format!("https://ann:{URL_PASSWORD}@mlflow.example.com");
    show(&mlflow::layer().tracking_uri(&uri));
    show(&mlflow::autolog().tracking_uri(&uri));
    for uri in [
        format!("ann:{URL_PASSWORD}@localhost:5000"),
        format!("mysql://ann:{URL_PASSWORD}@localhost/traces"),
        format!("http://ann:{URL_PASSWORD}@[::/"),
        format!("sqlite:///{URL_PASSWORD}"),
    ] {
        show(&mlflow::layer().tracking_uri(&uri));
        show_error(&Tracking::new(&uri).unwrap_err());
        show_error(&mlflow::autolog().tracking_uri(&uri).init().unwrap_err());
    }
}

/// What a sink of the user's is handed of a call that is refused by a provider which says the key.
pub(crate) async fn show_frames(client: &Client) {
    let kept = Arc::new(Kept::default());
    let (layer, guard) = mlflow::layer().sink(kept.clone()).build().unwrap();
    show(&guard);
    let subscriber = tracing_subscriber::registry().with(layer);
    {
        let _default = tracing::subscriber::set_default(subscriber);
        let span = mlflow::start_span("outer").inputs(&json!({"question": "Who?"}));
        show(&span);
        let call = async {
            let update = mlflow::update_current_trace().tag("key", "value");
            show(&update);
            update.apply();
            let error = client.create::<Person>("Who?").await.unwrap_err();
            mlflow::current_span().record_exception(&error);
            mlflow::current_span().add_event("failed", &error.to_string());
        };
        span.instrument(call).await;
        span.end();
    }
    let frames = kept.0.lock().unwrap();
    assert!(
        frames.len() > 1,
        "the call is in one frame, the span around it in another: {frames:?}"
    );
    for frame in &*frames {
        show(frame);
        frame.notes.as_deref().into_iter().for_each(show);
        for span in &frame.spans {
            show(span);
            show(&span.content);
            match &span.content {
                Content::Call(recording) => {
                    show(&**recording);
                    recording.server.iter().for_each(show);
                    recording.failure.iter().for_each(show);
                    recording.validator.as_deref().into_iter().for_each(show);
                }
                Content::User(user) => {
                    show(user);
                    show::<Fields>(&user.fields);
                    let details = user.details.as_deref();
                    details.into_iter().for_each(|details| {
                        show(details);
                        details.events.iter().for_each(show);
                    });
                }
                _ => {}
            }
        }
    }
}

/// Asks the server of the environment for everything.
pub(crate) async fn ask() {
    let tracking = Tracking::current().unwrap();
    show(&tracking);
    println!("{}", tracking.address());
    let id = "tr-0af7651916cd43dd8448eb211c80319c";
    show(&tracking.search_traces().experiment("canary"));
    answer(
        tracking.search_traces().experiment("canary").await,
        |page| {
            show(&page);
            page.traces.iter().for_each(show);
        },
    );
    answer(tracking.get_trace(id).await, |trace| {
        show(&trace);
        show(&trace.info);
        trace.spans.iter().for_each(show);
    });
    answer(tracking.set_trace_tag(id, "reviewed", "yes").await, |()| {});
    answer(tracking.delete_trace_tag(id, "reviewed").await, |()| {});
    let feedback = || {
        let source = AssessmentSource::human("ann@example.com");
        tracking
            .log_feedback(id, "helpful")
            .value(true)
            .source(source)
    };
    show(&feedback());
    answer(feedback().await, |assessment| show(&assessment));
    show(&tracking.log_expectation(id, "subject", "Q3"));
    answer(
        tracking.log_expectation(id, "subject", "Q3").await,
        |assessment| show(&assessment),
    );
    show(&tracking.update_assessment(id, "a-1"));
    answer(
        tracking.update_assessment(id, "a-1").value(false).await,
        |assessment| show(&assessment),
    );
    answer(tracking.get_assessment(id, "a-1").await, |assessment| {
        show(&assessment);
    });
    answer(tracking.delete_assessment(id, "a-1").await, |()| {});
    let prompt = || tracking.register_prompt("greeting", PromptTemplate::from("Hello {{name}}"));
    show(&prompt());
    answer(prompt().await, |prompt| show(&prompt));
    answer(
        tracking.load_prompt("prompts:/greeting/1").await,
        |prompt| show(&prompt),
    );
    answer(
        tracking.set_prompt_alias("greeting", "best", 1).await,
        |()| {},
    );

    let model: LogModel<Person> = mlflow::log_model("person");
    show(&model);
    match model.await {
        Ok(model) => show(&model),
        Err(error) => {
            show_error::<ModelError>(&error);
        }
    }
    show(&TraceScope::new().session_id("a session"));
    let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    show(&TraceContext::parse(header).unwrap());
}

fn answer<T>(answer: Result<T, TrackingError>, look: impl FnOnce(T)) {
    match answer {
        Ok(answer) => look(answer),
        Err(error) => {
            show_error(&error);
            show_error(&instructor::Error::from(error));
        }
    }
}

/// Delivers what there is, as far as the server takes it.
pub(crate) fn deliver(guard: &mlflow::Guard, timeout: Duration) {
    show(guard);
    if let Err(error) = guard.flush(timeout) {
        show_error(&error);
    }
    show(&guard.statistics());
    // Nobody is there.
    mlflow::set_tracking_uri(format!("http://ann:{URL_PASSWORD}@127.0.0.1:1")).unwrap();
    show(&mlflow::layer());
    mlflow::start_span("never delivered").end();
    show_error(&guard.flush(Duration::ZERO).unwrap_err());
    show_waiting();
}

/// What waits for a server, as people are shown it who ask for all that is in it.
fn show_waiting() {
    let spool = mlflow::spool_directory().unwrap();
    // The span that was never delivered is in memory first where the disk is busy.
    let status = loop {
        let status = SpoolStatus::read(&spool).unwrap();
        if status.directories.iter().any(|one| one.records > 0) {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    show(&status);
    for directory in &status.directories {
        show(directory);
        let shown = directory.for_each_record(|record| {
            show(&record);
            show(record.spans.first().unwrap());
            println!("{}", record.content());
            Ok(())
        });
        shown.unwrap();
    }
    let missing = spool.join("missing");
    show_error(&mlflow::drain(missing, Duration::ZERO).unwrap_err());
}
