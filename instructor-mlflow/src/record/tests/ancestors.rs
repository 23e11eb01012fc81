//! The spans around a frame that are still open.

use std::sync::Mutex;

use instructor_core::trace::TARGET;
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::{Sink, TraceScope, layer, start_span, update_current_trace};

#[derive(Debug, Default)]
struct Shelf(Mutex<Vec<Frame>>);

impl Sink for Shelf {
    fn accept(&self, frame: Frame) {
        self.0.lock().expect("not poisoned").push(frame);
    }
}

fn frames(program: impl FnOnce()) -> Vec<Frame> {
    let shelf = Arc::new(Shelf::default());
    let (layer, _guard) = layer().sink(shelf.clone()).build().expect("it is valid");
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), program);
    let mut frames = shelf.0.lock().expect("not poisoned");
    std::mem::take(&mut *frames)
}

fn call() {
    info_span!(target: TARGET, "create").in_scope(|| info_span!(target: TARGET, "chat"));
}

#[test]
fn the_root_of_a_trace_has_none() {
    let frames = frames(call);
    assert_eq!(frames.len(), 1);
    assert!(frames[0].ancestors.is_empty());
}

#[test]
fn a_call_knows_the_spans_around_it_and_what_was_said_of_its_trace() {
    let scope = TraceScope::new().session_id("s-1");
    let frames = frames(|| {
        let serve = scope.in_scope(|| info_span!("serve", secret = "not copied"));
        serve.in_scope(|| {
            let search = start_span("search 7");
            search.in_scope(|| {
                update_current_trace().tag("team", "growth").apply();
                info_span!("inner").in_scope(call);
            });
        });
    });
    let [call, inner, search, serve] = frames.as_slice() else {
        panic!("{frames:?}");
    };
    let ids = |frame: &Frame| -> Vec<_> { frame.ancestors.iter().map(|it| it.id).collect() };
    let own = |frame: &Frame| frame.spans.last().expect("its last span").id;
    assert_eq!(ids(call), [own(inner), own(search), own(serve)]);
    assert_eq!(ids(inner), [own(search), own(serve)]);
    assert_eq!(ids(search), [own(serve)]);
    assert_eq!(ids(serve), []);

    let record = reread(call);
    let names: Vec<&str> = record.ancestors.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["inner", "search 7", "serve"]);
    let parents: Vec<_> = record.ancestors.iter().map(|it| it.parent).collect();
    assert_eq!(parents, [Some(own(search)), Some(own(serve)), None]);
    assert_eq!(
        record.spans.last().expect("the call").parent,
        Some(own(inner))
    );
    for ancestor in &record.ancestors {
        let place = ancestor.place.as_ref().expect("it has one");
        assert_eq!(place.file.as_deref(), Some(file!()));
        assert!(ancestor.started > 0);
    }
    let [.., outermost] = record.ancestors.as_slice() else {
        panic!("it has three");
    };
    let notes = outermost.notes.as_deref().expect("something was said");
    assert_eq!(notes.session.as_deref(), Some("s-1"));
    assert_eq!(notes.tags["team"], "growth");
    assert!(!format!("{record:?}").contains("not copied"));
}

#[test]
fn of_very_many_the_innermost_and_the_outermost_are_told() {
    fn down(depth: usize) {
        let span = info_span!("down", depth);
        span.in_scope(|| match depth {
            0 => call(),
            _ => down(depth - 1),
        });
    }
    let frames = frames(|| info_span!("outermost").in_scope(|| down(200)));
    let ancestors = &frames[0].ancestors;
    assert_eq!(ancestors.len(), 64);
    assert_eq!(
        ancestors[0].id,
        frames[0].spans[1].parent.expect("a parent")
    );
    assert_eq!(ancestors[63].name, "outermost");
    assert_eq!(ancestors[63].parent, None);
    assert!(ancestors[..63].iter().all(|it| it.name == "down"));
}
