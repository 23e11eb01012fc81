//! What any `tracing` backend sees of a stream.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use instructor::trace::CHAT;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::{Team, answer};
use crate::answers;
use crate::events;
use crate::models::openai;
use crate::server::{Reply, Server};

/// The fields of `chat` spans, and how many events there were.
#[derive(Debug, Default, Clone)]
struct Seen(Arc<Mutex<(BTreeMap<&'static str, String>, usize)>>);

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut seen = self.0.lock().unwrap();
        seen.0.insert(field.name(), format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, _id: &Id, _context: Context<'_, S>) {
        if attributes.metadata().name() == CHAT {
            attributes.record(&mut self.clone());
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if context.span(id).is_some_and(|span| span.name() == CHAT) {
            values.record(&mut self.clone());
        }
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if event.metadata().target() == instructor::trace::TARGET {
            self.0.lock().unwrap().1 += 1;
        }
    }
}

const STREAM: &str = "gen_ai.request.stream";
const FIRST_TOKEN: &str = "gen_ai.response.time_to_first_chunk";
const FIRST_FIELD: &str = "instructor.time_to_first_field";

#[tokio::test]
async fn a_chat_span_says_what_came_when_and_has_no_event_for_a_piece() {
    let seen = Seen::default();
    // While there is but one subscriber, `tracing` asks only the thread that comes to a span first, which may be another test's.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let subscriber = tracing_subscriber::registry().with(seen.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let team = serde_json::from_str(super::TEAM).unwrap();
    let replies = vec![
        Reply::stream(events::openai::call("Team", &answer())),
        answers::openai::call("Team", &team),
    ];
    let server = Server::script("stream spans", replies).await;
    let client = openai(&server, 0);

    let mut stream = client.create::<Team>("Who?").stream();
    stream.finish().await.unwrap();
    let (fields, events) = std::mem::take(&mut *seen.0.lock().unwrap());
    assert_eq!(events, 0);
    assert_eq!(fields[STREAM], "true");
    let seconds = |key| fields[key].parse::<f64>().unwrap();
    assert!(0.0 < seconds(FIRST_TOKEN) && seconds(FIRST_TOKEN) <= seconds(FIRST_FIELD));
    assert!(!fields.contains_key("instructor.is_stopped"));

    client.create::<Team>("Who?").await.unwrap();
    let (fields, _) = std::mem::take(&mut *seen.0.lock().unwrap());
    assert!(fields.contains_key("gen_ai.response.id"));
    for key in [STREAM, FIRST_TOKEN, FIRST_FIELD] {
        assert!(!fields.contains_key(key), "{key}");
    }
}
