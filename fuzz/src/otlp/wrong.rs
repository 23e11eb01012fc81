//! Encoders with a mistake each, which the check must find: they show that it can fail.

use instructor_mlflow::Frame;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use super::{Encode, OWN};

/// The mistakes by name.
pub const WRONG: [(&str, Encode); 6] = [
    ("the end is cut off", |frame, has_content| {
        let mut body = OWN(frame, has_content);
        body.pop();
        body
    }),
    ("what was said is always sent", |frame, _| OWN(frame, true)),
    ("a span is lost", |frame, has_content| {
        changed(frame, has_content, |spans| drop(spans.pop()))
    }),
    ("there are no parents", |frame, has_content| {
        changed(frame, has_content, |spans| {
            spans
                .iter_mut()
                .for_each(|span| span.parent_span_id.clear());
        })
    }),
    ("an attribute comes twice", |frame, has_content| {
        changed(frame, has_content, |spans| {
            for span in spans {
                span.attributes.extend(span.attributes.first().cloned());
            }
        })
    }),
    ("inputs are not sent", |frame, has_content| {
        changed(frame, has_content, |spans| {
            for span in spans {
                span.attributes
                    .retain(|pair| pair.key != "mlflow.spanInputs");
            }
        })
    }),
];

fn changed(frame: &Frame, has_content: bool, change: fn(&mut Vec<Span>)) -> Vec<u8> {
    let body = OWN(frame, has_content);
    let request = ExportTraceServiceRequest::decode(body.as_slice());
    let mut request = request.expect("it is OTLP");
    for resource in &mut request.resource_spans {
        resource
            .scope_spans
            .iter_mut()
            .for_each(|scope| change(&mut scope.spans));
    }
    request.encode_to_vec()
}
