//! When spans travel.

use super::*;
use crate::span::UserSpan;

fn metadata() -> &'static Metadata<'static> {
    crate::filter::probe_metadata()
}

fn root(kind: Kind) -> OpenSpan {
    OpenSpan::root(kind, TraceId::random())
}

fn close(span: OpenSpan, usage: Option<Usage>) -> Closed {
    span.close(metadata(), usage, |_| Content::User(UserSpan::default()))
}

/// Closes `child` into `parent` as the layer does; the frame, if there is one.
fn close_into(child: OpenSpan, usage: Option<Usage>, parent: &mut OpenSpan) -> Option<Frame> {
    match close(child, usage) {
        Closed::HandOver { frame, usage } => {
            parent.note_call(usage);
            Some(frame)
        }
        Closed::Wait { finished, usage } => parent.adopt(finished, usage),
    }
}

#[test]
fn a_call_is_handed_over_whole_when_it_closes() {
    let mut create = root(Kind::Call);
    for _ in 0..2 {
        let chat = create.child(Kind::Call);
        assert!(close_into(chat, Some(Usage::new(10, 2)), &mut create).is_none());
    }
    let Closed::HandOver { frame, .. } = close(create, None) else {
        panic!("a call is complete when it closes");
    };
    assert_eq!(frame.spans.len(), 3);
    assert_eq!(frame.usage, Some(Usage::new(20, 4)));
    let root = frame.root().expect("the call is the root");
    assert!(
        frame
            .spans
            .iter()
            .take(2)
            .all(|chat| chat.parent == Some(root.id))
    );
}

#[test]
fn a_call_under_an_open_span_of_the_users_does_not_wait_for_it() {
    let mut main = root(Kind::User);
    let mut create = main.child(Kind::Call);
    let chat = create.child(Kind::Call);
    close_into(chat, Some(Usage::new(10, 2)), &mut create);
    let call = close_into(create, None, &mut main).expect("handed over at once");
    assert!(call.root().is_none());
    assert_eq!(call.usage, None, "only the root knows what the trace used");

    let Closed::HandOver { frame, .. } = close(main, None) else {
        panic!("the root follows when it closes");
    };
    assert_eq!(frame.trace_id, call.trace_id);
    assert_eq!(frame.spans.len(), 1);
    assert_eq!(frame.usage, Some(Usage::new(10, 2)));
}

#[test]
fn a_trace_without_a_call_is_never_handed_over() {
    let mut main = root(Kind::User);
    let query = main.child(Kind::User);
    assert!(close_into(query, None, &mut main).is_none());
    assert!(matches!(close(main, None), Closed::Wait { .. }));
}

#[test]
fn a_span_between_root_and_call_is_handed_over_with_its_siblings_kept() {
    let mut main = root(Kind::User);
    let query = main.child(Kind::User);
    close_into(query, None, &mut main);
    let mut extract = main.child(Kind::User);
    let create = extract.child(Kind::Call);
    close_into(create, None, &mut extract);
    assert!(close_into(extract, None, &mut main).is_some());
    let Closed::HandOver { frame, .. } = close(main, None) else {
        panic!("a call was made inside");
    };
    assert_eq!(frame.spans.len(), 2, "the query and the root");
}

#[test]
fn an_open_root_keeps_a_bounded_number_of_spans() {
    let mut main = root(Kind::User);
    for _ in 0..MAX_WAITING_SPANS * 4 {
        let query = main.child(Kind::User);
        close_into(query, None, &mut main);
    }
    assert_eq!(main.finished.len(), MAX_WAITING_SPANS);
}
#[test]
fn a_span_that_was_started_is_handed_over_without_a_call_and_takes_those_below_along() {
    let mut main = root(Kind::User);
    let mut search = main.child(Kind::Started);
    for kind in [Kind::Started, Kind::User] {
        assert!(close_into(search.child(kind), None, &mut search).is_none());
    }
    let frame = close_into(search, None, &mut main).expect("it is wanted");
    assert_eq!(frame.spans.len(), 3);
    assert!(
        matches!(close(main, None), Closed::HandOver { .. }),
        "its parent belongs to the trace"
    );
}

#[test]
fn spans_below_one_that_was_started_are_handed_over_in_pieces() {
    let mut batch = root(Kind::Started);
    let mut handed_over = 0;
    for _ in 0..MAX_WAITING_SPANS * 4 {
        let step = batch.child(Kind::Started);
        if let Some(frame) = close_into(step, None, &mut batch) {
            assert!(frame.root().is_none());
            handed_over += frame.spans.len();
        }
        assert!(batch.finished.len() <= MAX_WAITING_SPANS);
    }
    let Closed::HandOver { frame, .. } = close(batch, None) else {
        panic!("it is wanted");
    };
    assert_eq!(handed_over + frame.spans.len(), MAX_WAITING_SPANS * 4 + 1);
}
