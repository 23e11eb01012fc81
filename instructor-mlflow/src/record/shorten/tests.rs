//! What is cut of a record that is too long.

use super::*;
use crate::config::Destination;
use crate::notice::{Audience, Notices};
use crate::processor::Processors;
use crate::record::tests::{destination, full_frame, written};

const MEBIBYTE: usize = 1024 * 1024;

#[test]
fn the_longest_texts_are_cut_to_the_same_length() {
    assert_eq!(level(vec![5, 100, 80, 10], 75), 30);
    assert_eq!(level(vec![5, 100, 80, 10], 195), usize::MAX);
    assert_eq!(level(vec![7, 7], 0), 0);
    assert_eq!(level(vec![], 0), usize::MAX);
}

/// A record with an answer of 40 MiB; one that is prepared has it in its last span.
fn with_a_long_answer(destination: &Destination, redacts: bool) -> Record<'static> {
    let frame = full_frame();
    let mut record = written(&Record::of(&frame, destination));
    let answer = "ä".repeat(20 * MEBIBYTE);
    let call = record
        .spans
        .iter_mut()
        .find_map(|span| match &mut span.content {
            Content::Call(call) if call.output.is_some() => Some(call),
            _ => None,
        });
    let call = call.expect("a call with an answer");
    call.wire_response = Some(answer.clone().into_bytes().into());
    call.output = Some(answer.into());
    let processors = match redacts {
        true => vec![std::sync::Arc::new(|_: &mut crate::SpanDraft| {}) as _],
        false => vec![],
    };
    let processors = Processors::new(processors, Notices::new(Audience::Subscriber));
    record.prepare(destination, &processors)
}

#[test]
fn an_answer_of_40_mebibytes_fits_and_nothing_else_is_touched() {
    for redacts in [false, true] {
        let whole = with_a_long_answer(&destination(), redacts);
        assert_eq!(whole.prepared.is_some(), redacts);
        let length = whole.encoded().bytes.len();
        assert!(length > 40 * MEBIBYTE);
        let mut record = whole.clone();
        record.shorten(length, 16 * MEBIBYTE);
        let now = record.encoded().bytes.len();
        assert!(now <= 16 * MEBIBYTE && now > 15 * MEBIBYTE, "{now}");
        let marked = |record: &Record<'_>| match &record.prepared {
            None => record
                .spans
                .iter()
                .filter(|it| it.shortened.is_some())
                .count(),
            Some(prepared) => {
                let marked = |it: &&wire::Span| it.attributes.iter().any(|it| it.key == SHORTENED);
                prepared.spans.iter().filter(marked).count()
            }
        };
        assert_eq!(marked(&record), 1);
        assert_eq!(written(&record), record);
        assert_eq!(whole.notes, record.notes);
    }
}
