//! The file, held against what MLflow's own clients have written.

use super::*;
use crate::trace_info::Previews;
use crate::wire::{SpanKind, Status};

fn span() -> Span {
    Span {
        trace_id: vec![0xff; 16],
        span_id: vec![0x0a; 8],
        parent_span_id: Vec::new(),
        name: "chat \"gpt-4o\"".into(),
        kind: SpanKind::Internal.into(),
        start_time_unix_nano: 1_795_379_329_682_784_457,
        end_time_unix_nano: 1_795_379_329_772_784_457,
        attributes: vec![
            KeyValue::new("mlflow.spanType", "CHAIN"),
            KeyValue::new(
                "mlflow.spanInputs",
                AnyValue::from_json(br#"{"a":[1,null]}"#),
            ),
        ],
        events: vec![Event {
            time_unix_nano: 7,
            name: "exception".into(),
            attributes: vec![KeyValue::new("exception.type", "range")],
        }],
        status: Some(Status {
            message: "age: too high".into(),
            code: StatusCode::Error.into(),
        }),
    }
}

/// The span with the end that the file puts there.
fn completed(shape: Shape) -> serde_json::Value {
    let open = encode(&span(), shape);
    serde_json::from_str(&format!("{open}}}}}")).expect("it is JSON")
}

#[test]
fn a_span_of_mlflow_2_has_hexadecimal_ids_and_a_context() {
    let expected = serde_json::json!({
        "name": "chat \"gpt-4o\"",
        "context": {"span_id": "0x0a0a0a0a0a0a0a0a", "trace_id": "0xffffffffffffffffffffffffffffffff"},
        "parent_id": null,
        "start_time": 1_795_379_329_682_784_457_u64,
        "end_time": 1_795_379_329_772_784_457_u64,
        "status_code": "ERROR",
        "status_message": "age: too high",
        "attributes": {"mlflow.spanType": "\"CHAIN\"", "mlflow.spanInputs": "{\"a\":[1,null]}"},
        "events": [{"name": "exception", "timestamp": 7, "attributes": {"exception.type": "range"}}],
    });
    assert_eq!(completed(Shape::V2), expected);
}

#[test]
fn a_span_of_mlflow_3_has_ids_in_base64() {
    let expected = serde_json::json!({
        "trace_id": "/////////////////////w==",
        "span_id": "CgoKCgoKCgo=",
        "parent_span_id": null,
        "name": "chat \"gpt-4o\"",
        "start_time_unix_nano": 1_795_379_329_682_784_457_u64,
        "end_time_unix_nano": 1_795_379_329_772_784_457_u64,
        "events": [{"name": "exception", "time_unix_nano": 7, "attributes": {"exception.type": "range"}}],
        "status": {"code": "STATUS_CODE_ERROR", "message": "age: too high"},
        "attributes": {"mlflow.spanType": "\"CHAIN\"", "mlflow.spanInputs": "{\"a\":[1,null]}"},
        "links": [],
    });
    assert_eq!(completed(Shape::V3), expected);
}

#[test]
fn the_spans_of_an_earlier_file_are_kept_once() {
    for shape in [Shape::V2, Shape::V3] {
        let file = |spans: Vec<String>| TraceFile {
            trace_id: TraceId::random(),
            document: TraceId::random(),
            info: TraceInfo::in_progress(
                &crate::record::tests::first(),
                &span(),
                Previews::default(),
            ),
            shape,
            bytes: 0,
            spans,
            spending: Spending {
                usage: None,
                cost: None,
            },
            request: None,
            response: None,
            frames: 1,
            receipt: None,
            is_unclear: true,
            may_have_earlier: true,
            earlier: Vec::new(),
            is_adopted: true,
            is_started: false,
            is_written: false,
        };
        let named = |id: u8, name: &str| {
            let span = Span {
                span_id: vec![id; 8],
                name: name.to_owned(),
                ..span()
            };
            encode(&span, shape)
        };
        let before = file(vec![named(1, "chat"), named(2, "begun")]);
        let mut after = file(vec![named(2, "ended"), named(3, "root")]);
        for content in [&before.content("tr-1"), "", "[]", "{\"spans\": [1]}"] {
            after.keep_earlier(content);
            let written: serde_json::Value =
                serde_json::from_str(&after.content("tr-1")).expect("JSON");
            let spans = written["spans"].as_array().expect("a list");
            let names: Vec<_> = spans.iter().map(|span| &span["name"]).collect();
            assert_eq!(names[names.len() - 2..], ["ended", "root"]);
            let has_earlier = content.contains("chat");
            assert_eq!(names[0] == "chat", has_earlier, "{content}");
            assert_eq!(names.len(), 2 + usize::from(has_earlier));
            after.earlier.clear();
        }
    }
}
