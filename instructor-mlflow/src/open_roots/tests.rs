use super::*;
use crate::span::SpanId;

/// A record below a span that is open, whose parent is `around`.
pub(crate) fn record(around: Option<SpanId>) -> Record<'static> {
    let open = Ancestor {
        id: SpanId::random(),
        parent: around,
        started: 1,
        name: "handler".into(),
        place: None,
        notes: None,
    };
    Record {
        trace_id: TraceId::random(),
        spans: Vec::new(),
        usage: None,
        notes: None,
        prompts: Vec::new(),
        ancestors: vec![open],
        destination: None,
        source: None,
        prepared: None,
        definitions: Definitions::default(),
    }
}

#[test]
fn a_trace_that_is_completed_is_open_no_more() {
    // The second is below a span of another program.
    for around in [None, Some(SpanId::random())] {
        let mut roots = OpenRoots::default();
        roots.note(&record(around));
        let written = roots.take_changes().expect("there is one");
        let mut roots = OpenRoots::decode(&written);
        let completed = roots.complete();
        let [completed] = completed.as_slice() else {
            panic!("one trace is open: {completed:?}");
        };
        assert_eq!(completed.spans.len(), 1);
        assert_eq!(completed.spans[0].parent, around);
        roots.note(completed);
        assert!(roots.is_empty(), "{around:?}");
        assert_eq!(roots.take_changes(), Some(Vec::new()));
    }
}

#[test]
fn the_last_closed_roots_are_known() {
    let mut closed = ClosedRoots::default();
    let ids: Vec<_> = (0..=MOST_CLOSED).map(|_| TraceId::random()).collect();
    for id in &ids {
        closed.insert(*id);
        closed.insert(*id);
    }
    assert!(!closed.contains(ids[0]) && ids[1..].iter().all(|id| closed.contains(*id)));
    assert_eq!(
        (closed.known.len(), closed.order.len()),
        (MOST_CLOSED, MOST_CLOSED)
    );
}
