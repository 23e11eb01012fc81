//! Whatever is shown of a frame is in its record, and survives being written down.

use super::frame::{frame, recording, usual};
use super::*;
use crate::convert::Converted;
use crate::convert::assessments::assessments;
use crate::notice::{Audience, Notices};
use crate::processor::Processors;

/// All that is sent of a record.
fn shown(record: &Record<'_>, capture_content: bool) -> String {
    let processors = Processors::new(Vec::new(), Notices::new(Audience::Subscriber));
    let mut converted = Converted::from_record(record, &processors, capture_content);
    let info = converted.take_info(record);
    let said = assessments(record, capture_content);
    format!("{converted:#?}\n{info:#?}\n{said:#?}")
}

#[test]
fn a_record_that_was_read_is_the_one_that_was_written() {
    for frame in [frame(), usual()] {
        let destination = destination();
        let written = Record::of(&frame, &destination);
        let read = reread(&frame);
        assert_eq!(read, written);
        let bytes = |record: &Record<'_>| {
            let mut bytes = Vec::new();
            record.encode(&mut bytes);
            bytes
        };
        assert_eq!(bytes(&read), bytes(&written));
        for capture_content in [true, false] {
            assert_eq!(
                shown(&read, capture_content),
                shown(&written, capture_content)
            );
        }
    }
}

#[test]
fn a_new_field_of_a_recording_is_noticed() {
    let text = format!("{:#?}", recording());
    let fields = text.lines().filter_map(|line| {
        let field = line.strip_prefix("    ")?;
        let (name, _) = field.split_once(':')?;
        (!name.starts_with(' ')).then_some(name)
    });
    let fields: Vec<&str> = fields.collect();
    // A new one belongs into `Call`, unless nothing of it is sent.
    assert_eq!(
        fields,
        [
            "request",
            "provider",
            "server",
            "dialect",
            "wire_request",
            "wire_response",
            "response_model",
            "usage",
            "cost",
            "output",
            "payload",
            "errors",
            "failure",
            "attempt",
            "status",
            "request_id",
            "rate_limit",
            "has_own_price",
            "transport_retries",
            "is_cached",
            "is_streamed",
            "time_to_first_token",
            "time_to_first_field",
            "is_stopped",
            "max_retries",
            "validator",
        ]
    );
}

#[test]
fn errors_are_told_as_core_tells_them() {
    let frame = frame();
    let record = reread(&frame);
    let told = record.spans.iter().find_map(|span| {
        let call = span.call(instructor_core::trace::VALIDATE)?;
        call.errors.as_ref()
    });
    let told = told.expect("the answer was wrong");
    assert_eq!(told.to_string(), super::frame::errors().to_string());
    let judged = |position: usize| told.list[position].is_judged();
    assert!(judged(0) && !judged(1));
}

#[test]
fn errors_that_are_only_counted_are_told_as_well() {
    let mut errors = super::frame::errors();
    for _ in 0..1_000 {
        let path = instructor_core::Path::ROOT;
        errors.push(instructor_core::ValidationError::new(
            &path,
            instructor_core::ErrorCode::Type,
            "is wrong",
        ));
    }
    assert_eq!(errors.omitted(), 2);
    let mut frame = usual();
    let validate = frame.spans.get_mut(1).expect("the second of three");
    if let crate::span::Content::Call(recording) = &mut validate.content {
        recording.errors = Some(Arc::new(errors.clone()));
    }
    let record = reread(&frame);
    let call = record.spans[1].call(instructor_core::trace::VALIDATE);
    let told = call.and_then(|call| call.errors.as_ref());
    assert_eq!(
        told.expect("the answer was wrong").to_string(),
        errors.to_string()
    );
}

#[test]
fn a_price_is_dated_by_the_version_that_wrote_the_record() {
    let mut record = reread(&frame());
    let cost = record.spans.iter_mut().find_map(|span| {
        let name = span.name.clone();
        match &mut span.content {
            Content::Call(call) if name == instructor_core::trace::CHAT => call.cost.as_mut(),
            _ => None,
        }
    });
    let cost = cost.expect("the chat cost something");
    assert_eq!(
        cost.price_date.as_deref(),
        Some(instructor_core::cost::TABLE_DATE)
    );
    cost.price_date = Some("1999-12-31".into());
    assert!(shown(&record, true).contains("1999-12-31"));
}

#[test]
fn a_price_of_the_clients_own_has_no_date() {
    let mut recording = recording();
    recording.has_own_price = true;
    let mut definitions = Definitions::default();
    let call = Call::of(instructor_core::trace::CHAT, &recording, &mut definitions);
    let cost = call.cost.expect("it cost something");
    assert_eq!((&*cost.price_source, cost.price_date), ("client", None));
}

#[test]
fn only_the_span_of_the_whole_call_has_the_conversation() {
    let record = reread(&frame());
    for span in &record.spans {
        if let Some(request) = span.request() {
            assert_eq!(request.messages.is_empty(), span.name != CREATE);
        }
    }
}

#[test]
fn the_program_that_wrote_the_record_is_the_one_that_is_named() {
    let frame = usual();
    let mut record = reread(&frame);
    assert!(record.definitions.source.is_some());
    record.definitions.source = Some(Arc::new(Defined::new(crate::source::Source {
        program: Some("another-program".into()),
        ..Default::default()
    })));
    let shown = shown(&record, true);
    assert!(
        shown.contains(r#""mlflow.source.name": "another-program""#),
        "{shown}"
    );
    assert!(!shown.contains("mlflow.user"), "it is not this one's user");
}
