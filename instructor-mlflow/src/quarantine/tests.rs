use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::config::{Experiment, Settings};
use crate::exporter::Exporter;
use crate::notice::{Audience, Notices};
use crate::sink::Sink;
use crate::storage::Storage;
use crate::{SpanType, start_span};

#[allow(dead_code, unreachable_pub)] // Other tests need more of it.
#[path = "../../tests/support/scripted_server.rs"]
mod scripted_server;

use scripted_server::{ScriptedServer, TRACES, spans_in};

#[derive(Debug, Default)]
struct Kept(Mutex<Vec<(Vec<u8>, String)>>);

impl Keep for Kept {
    fn put(&self, content: &[u8], reason: &str) {
        let kept = (content.to_vec(), reason.to_owned());
        self.0.lock().expect("not poisoned").push(kept);
    }
}

#[test]
fn what_a_server_refused_is_kept_as_it_would_have_been_sent() {
    let server = ScriptedServer::start()
        .refuse_containing("unbearable", 422)
        .reply(TRACES, 400, "bad tag");
    let kept = Arc::new(Kept::default());
    let settings = Settings {
        tracking_uri: Some(server.uri().into()),
        experiment: Some(Experiment::Id("7".into())),
        ..Settings::default()
    };
    let exporter = Exporter::start(
        settings,
        Storage::in_memory(),
        Vec::new(),
        Notices::new(Audience::Subscriber),
        Quarantine::at(kept.clone()),
    );
    let exporter = Arc::new(exporter.expect("the settings are valid"));
    let (layer, _guard) = crate::layer()
        .sink(exporter.clone())
        .build()
        .expect("the settings are valid");
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        start_span("root").in_scope(|| {
            for name in ["one", "two", "three", "four", "five"] {
                let text = if name == "four" { "unbearable" } else { "fine" };
                let span = start_span(name).span_type(SpanType::Tool).inputs(&text);
                drop(span);
            }
        });
    });
    exporter
        .flush(Duration::from_secs(20))
        .expect("everything is settled");
    let statistics = exporter.statistics();
    assert_eq!((statistics.sent, statistics.quarantined), (0, 1));

    let taken = server.spans();
    assert_eq!(taken.len(), 6, "a tree without a hole: {taken:#?}");
    let stubs = taken.iter().filter(|span| {
        let reason = span.attribute("instructor.withheld");
        reason.is_some_and(|reason| reason.contains("HTTP 422"))
    });
    let stubs: Vec<_> = stubs.map(|span| span.name.as_str()).collect();
    assert_eq!(stubs, ["four"]);

    let kept = kept.0.lock().expect("not poisoned");
    let [(spans, why), (info, why_not)] = kept.as_slice() else {
        panic!("a span and an info are expected: {kept:?}");
    };
    let spans = spans_in(spans);
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].name, "four");
    assert!(why.starts_with("HTTP 422"), "{why}");
    let info: serde_json::Value = serde_json::from_slice(info).expect("it is JSON");
    assert_eq!(info["tags"]["mlflow.traceName"], "root");
    assert!(why_not.starts_with("HTTP 400"), "{why_not}");
}
