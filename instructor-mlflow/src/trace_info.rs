//! The body of `StartTraceV3`: what MLflow keeps of a trace besides its spans.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use serde::Serialize;

use crate::convert::{Description, token_usage};
use crate::preview::{METADATA_CHARACTERS, PREVIEW_CHARACTERS, shorten};
use crate::span::{FinishedSpan, Frame};
use crate::span_sizes::SpanSizes;
use crate::wire::AnyValue;

/// State, previews, metadata and tags of a finished trace.
#[derive(Debug, Serialize)]
pub(crate) struct TraceInfo {
    trace_id: String,
    trace_location: Location,
    /// RFC 3339, to the millisecond.
    request_time: String,
    /// Seconds with a fraction and an `s`, as protobuf writes durations.
    execution_duration: String,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_preview: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_preview: Option<String>,
    trace_metadata: BTreeMap<&'static str, String>,
    tags: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct Location {
    r#type: &'static str,
    mlflow_experiment: ExperimentLocation,
}

#[derive(Debug, Serialize)]
struct ExperimentLocation {
    experiment_id: String,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Ok,
    Error,
}

impl TraceInfo {
    /// The tag that holds the name of the trace.
    pub(crate) const NAME_TAG: &'static str = "mlflow.traceName";

    /// The info of the trace whose `root` is in `frame`.
    pub(crate) fn new(frame: &Frame, root: &FinishedSpan, description: &Description) -> TraceInfo {
        let inputs = description.inputs.as_ref().map(AnyValue::to_json);
        let outputs = description.outputs.as_ref().map(AnyValue::to_json);
        let metadata = |text: &String| shorten(text, METADATA_CHARACTERS).into_owned();
        let preview = |text: String| shorten(&text, PREVIEW_CHARACTERS).into_owned();
        let shown_inputs = description.inputs.as_ref().map(AnyValue::to_text);
        let shown_outputs = description.outputs.as_ref().map(AnyValue::to_text);

        let source = source();
        // The server answers 500 to metadata that lacks a key which it found in the spans (3.6 to 3.9), so whatever the
        // spans say is said here as well.
        let trace_metadata = [
            ("mlflow.trace_schema.version", Some("3".to_owned())),
            ("mlflow.source.type", Some("LOCAL".to_owned())),
            ("mlflow.source.name", source.program.clone()),
            ("mlflow.user", source.user.clone()),
            ("mlflow.traceInputs", inputs.as_ref().map(metadata)),
            ("mlflow.traceOutputs", outputs.as_ref().map(metadata)),
            (
                "mlflow.trace.tokenUsage",
                frame
                    .usage
                    .as_ref()
                    .map(|usage| token_usage(usage).to_json()),
            ),
            ("mlflow.trace.session", description.session.clone()),
            ("mlflow.trace.user", description.user.clone()),
        ];
        TraceInfo {
            trace_id: frame.trace_id.to_string(),
            trace_location: Location {
                r#type: "MLFLOW_EXPERIMENT",
                mlflow_experiment: ExperimentLocation {
                    experiment_id: String::new(),
                },
            },
            request_time: humantime::format_rfc3339_millis(
                UNIX_EPOCH + Duration::from_nanos(root.started),
            )
            .to_string(),
            execution_duration: {
                let duration = Duration::from_nanos(root.ended.saturating_sub(root.started));
                format!("{}.{:09}s", duration.as_secs(), duration.subsec_nanos())
            },
            state: match description.failure {
                Some(_) => State::Error,
                None => State::Ok,
            },
            request_preview: description
                .request_preview
                .clone()
                .or(shown_inputs)
                .map(preview),
            response_preview: shown_outputs.map(preview),
            trace_metadata: trace_metadata
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?)))
                .collect(),
            tags: BTreeMap::from([(TraceInfo::NAME_TAG, description.name.clone())]),
        }
    }

    /// Says how large the trace is, whose spans were encoded to these `sizes` in bytes.
    pub(crate) fn set_sizes(&mut self, sizes: &SpanSizes) {
        self.trace_metadata
            .insert("mlflow.trace.sizeBytes", sizes.total().to_string());
        self.trace_metadata
            .insert("mlflow.trace.sizeStats", sizes.to_json());
    }

    /// Places the trace in an experiment.
    pub(crate) fn set_experiment(&mut self, id: &str) {
        id.clone_into(&mut self.trace_location.mlflow_experiment.experiment_id);
    }
}

/// Who runs what.
struct Source {
    program: Option<String>,
    user: Option<String>,
}

fn source() -> &'static Source {
    static SOURCE: OnceLock<Source> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let program = std::env::current_exe().ok();
        let program = program.as_ref().and_then(|path| path.file_name());
        Source {
            program: program.map(|name| name.to_string_lossy().into_owned()),
            user: whoami::username().ok(),
        }
    })
}
