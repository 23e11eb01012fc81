//! The body of `StartTraceV3`: what MLflow keeps of a trace besides its spans.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use serde::Serialize;

use crate::api::NewAssessment;
use crate::convert::{Spending, cost, token_usage};
use crate::notes::{TraceNotes, TraceState};
use crate::preview::{METADATA_CHARACTERS, PREVIEW_CHARACTERS, shorten};
use crate::record::Record;
use crate::span::TraceId;
use crate::span_draft::{INPUTS, OUTPUTS};
use crate::span_sizes::SpanSizes;
use crate::wire::{AnyValue, Span, StatusCode};

/// Attributes of a span that say something of its trace.
pub(crate) const SESSION: &str = "session.id";
pub(crate) const USER: &str = "user.id";
pub(crate) const TAG_PREFIX: &str = "mlflow.traceTag.";

/// The longest value of metadata that a database keeps, in characters.
const LONGEST_METADATA: usize = 8000;

/// What the list of traces shows of a trace, where that is not made of the inputs and outputs of its root.
#[derive(Debug, Default)]
pub(crate) struct Previews {
    pub(crate) request: Option<String>,
    pub(crate) response: Option<String>,
    /// The user's program said so.
    pub(crate) request_is_said: bool,
    pub(crate) response_is_said: bool,
}

impl Previews {
    /// What the user's program says of them wins.
    pub(crate) fn say(&mut self, notes: &TraceNotes) {
        if notes.request_preview.is_some() {
            self.request.clone_from(&notes.request_preview);
            self.request_is_said = true;
        }
        if notes.response_preview.is_some() {
            self.response.clone_from(&notes.response_preview);
            self.response_is_said = true;
        }
    }
}

/// The tag that holds the id of a trace where the server has another.
pub(crate) const ID_TAG: &str = "instructor.traceId";

/// The tag that holds the id of the trace that this one goes on with.
const CONTINUES_TAG: &str = "instructor.continues";

/// Says of a span or a trace that what the program said is not in it, and why.
pub(crate) const WITHHELD: &str = "instructor.withheld";

/// Metadata that no program writes.
const OWN_METADATA: [&str; 5] = [
    "mlflow.trace_schema.version",
    "mlflow.source.type",
    TOKEN_USAGE,
    "mlflow.trace.cost",
    "mlflow.trace.sizeBytes",
];

const SHOWN_INPUTS: &str = "mlflow.traceInputs";
const SHOWN_OUTPUTS: &str = "mlflow.traceOutputs";
const TOKEN_USAGE: &str = "mlflow.trace.tokenUsage";

/// State, previews, metadata and tags of a finished trace.
#[derive(Debug, Serialize)]
pub(crate) struct TraceInfo {
    trace_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_request_id: Option<String>,
    trace_location: Location,
    /// RFC 3339, to the millisecond.
    request_time: String,
    /// Seconds with a fraction and an `s`, as protobuf writes durations; not of a trace in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_duration: Option<String>,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_preview: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_preview: Option<String>,
    trace_metadata: BTreeMap<Cow<'static, str>, String>,
    tags: BTreeMap<Cow<'static, str>, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assessments: Vec<NewAssessment>,
    /// When the trace began and ended, in nanoseconds since 1970.
    #[serde(skip)]
    started: u64,
    #[serde(skip)]
    ended: u64,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    Ok,
    Error,
    InProgress,
}

impl TraceInfo {
    /// The tag that holds the name of the trace.
    pub(crate) const NAME_TAG: &'static str = "mlflow.traceName";

    /// The info of the trace whose root, ready to be sent, is `root`, and in `record`.
    ///
    /// All that both say is taken from `root`: span processors may have changed it.
    pub(crate) fn new(record: &Record<'_>, root: &Span, previews: Previews) -> TraceInfo {
        let attribute = |key| attribute(root, key);
        let inputs = attribute(INPUTS);
        let outputs = attribute(OUTPUTS);
        let metadata =
            |value: &AnyValue| shorten(&value.to_json(), METADATA_CHARACTERS).into_owned();
        let preview = |text: String| shorten(&text, PREVIEW_CHARACTERS).into_owned();

        let source = record
            .definitions
            .source
            .as_ref()
            .map(|source| &*source.value);
        let checkout = source.map(|source| &source.checkout);
        // The server answers 500 to metadata that lacks a key which it found in the spans (3.6 to 3.9), so whatever the
        // spans say is said here as well.
        let trace_metadata = [
            ("mlflow.trace_schema.version", Some("3".to_owned())),
            ("mlflow.source.type", Some("LOCAL".to_owned())),
            (
                "mlflow.source.name",
                source.and_then(|it| it.program.clone()),
            ),
            ("mlflow.user", source.and_then(|it| it.user.clone())),
            (
                "mlflow.source.git.commit",
                checkout.and_then(|it| it.commit.clone()),
            ),
            (
                "mlflow.source.git.branch",
                checkout.and_then(|it| it.branch.clone()),
            ),
            (
                "mlflow.source.git.repoURL",
                checkout.and_then(|it| it.repository.clone()),
            ),
            (SHOWN_INPUTS, inputs.map(metadata)),
            (SHOWN_OUTPUTS, outputs.map(metadata)),
            (
                TOKEN_USAGE,
                record
                    .usage
                    .map(|usage| token_usage(&usage.into()).to_json()),
            ),
            (
                "mlflow.trace.session",
                attribute(SESSION).map(AnyValue::to_text),
            ),
            ("mlflow.trace.user", attribute(USER).map(AnyValue::to_text)),
        ];
        let mut trace_metadata: BTreeMap<Cow<'static, str>, String> = trace_metadata
            .into_iter()
            .filter_map(|(key, value)| Some((key.into(), value?)))
            .collect();
        let mut tags: BTreeMap<Cow<'static, str>, String> = root
            .attributes
            .iter()
            .filter_map(|attribute| {
                let key = attribute.key.strip_prefix(TAG_PREFIX)?;
                Some((key.to_owned().into(), attribute.value.as_ref()?.to_text()))
            })
            .collect();
        tags.insert(TraceInfo::NAME_TAG.into(), root.name.clone());
        let notes = record.notes.as_deref();
        for (key, value) in notes.map(|notes| &notes.metadata).into_iter().flatten() {
            let value = shorten(value, LONGEST_METADATA).into_owned();
            trace_metadata.insert(key.clone().into(), value);
        }
        TraceInfo {
            trace_id: record.trace_id.to_string(),
            client_request_id: notes.and_then(|notes| notes.client_request_id.clone()),
            trace_location: Location {
                r#type: "MLFLOW_EXPERIMENT",
                mlflow_experiment: ExperimentLocation {
                    experiment_id: String::new(),
                },
            },
            request_time: humantime::format_rfc3339_millis(
                UNIX_EPOCH + Duration::from_nanos(root.start_time_unix_nano),
            )
            .to_string(),
            execution_duration: {
                let nanoseconds = root
                    .end_time_unix_nano
                    .saturating_sub(root.start_time_unix_nano);
                let duration = Duration::from_nanos(nanoseconds);
                Some(format!(
                    "{}.{:09}s",
                    duration.as_secs(),
                    duration.subsec_nanos()
                ))
            },
            state: match notes.and_then(|notes| notes.state) {
                Some(TraceState::Ok) => State::Ok,
                Some(TraceState::Error) => State::Error,
                None if has_failed(root) => State::Error,
                None => State::Ok,
            },
            request_preview: previews
                .request
                .or_else(|| inputs.map(AnyValue::to_text))
                .map(preview),
            response_preview: previews
                .response
                .or_else(|| outputs.map(AnyValue::to_text))
                .map(preview),
            trace_metadata,
            tags,
            assessments: Vec::new(),
            started: root.start_time_unix_nano,
            ended: root.end_time_unix_nano,
        }
    }

    /// The info of a trace whose root is still open, by the `outermost` span of a record of it.
    pub(crate) fn in_progress(
        record: &Record<'_>,
        outermost: &Span,
        previews: Previews,
    ) -> TraceInfo {
        let mut info = TraceInfo {
            state: State::InProgress,
            execution_duration: None,
            response_preview: None,
            ..TraceInfo::new(record, outermost, previews)
        };
        // The root may have none of these, and what metadata holds once must be there for ever: else the server answers
        // 500 (3.4 to 3.9).
        for key in [SHOWN_INPUTS, SHOWN_OUTPUTS] {
            info.trace_metadata.remove(key);
        }
        info
    }

    /// Whether the root of the trace has closed.
    pub(crate) fn is_finished(&self) -> bool {
        self.state != State::InProgress
    }

    /// Says what all requests of the trace used and cost, where that is known.
    pub(crate) fn set_spending(&mut self, spending: &Spending) {
        let Some(usage) = &spending.usage else {
            self.trace_metadata.remove(TOKEN_USAGE);
            return;
        };
        self.trace_metadata
            .insert(TOKEN_USAGE.into(), token_usage(usage).to_json());
        // What the calls to come cost may be unknown.
        if let Some(known) = spending.cost.as_ref().filter(|_| self.is_finished()) {
            self.trace_metadata
                .insert("mlflow.trace.cost".into(), cost(known).to_json());
        }
    }

    /// Says how large the trace is, whose spans were encoded to these `sizes` in bytes.
    pub(crate) fn set_sizes(&mut self, sizes: &SpanSizes) {
        self.trace_metadata
            .insert("mlflow.trace.sizeBytes".into(), sizes.total().to_string());
        self.trace_metadata
            .insert("mlflow.trace.sizeStats".into(), sizes.to_json());
    }

    /// Says which logged model the trace belongs to, unless the program did.
    pub(crate) fn set_model(&mut self, id: &str) {
        self.trace_metadata
            .entry("mlflow.modelId".into())
            .or_insert_with(|| id.to_owned());
    }

    /// Adds a tag.
    pub(crate) fn set_tag(&mut self, key: &'static str, value: String) {
        self.tags.insert(key.into(), value);
    }

    /// What is said about the trace. Each has an id, by which the server knows it again.
    pub(crate) fn set_assessments(&mut self, assessments: Vec<NewAssessment>) {
        self.assessments = assessments;
    }

    /// Takes out everything that the program said, and says why.
    pub(crate) fn withhold(&mut self, reason: &str) {
        let name = self.tags.remove(TraceInfo::NAME_TAG);
        self.tags.clear();
        self.tags.insert(WITHHELD.into(), reason.to_owned());
        if let Some(name) = name {
            self.tags.insert(TraceInfo::NAME_TAG.into(), name);
        }
        self.client_request_id = None;
        self.request_preview = None;
        self.response_preview = None;
        self.assessments.clear();
        // The keys stay: the server answers 500 to metadata that lacks one which it found in the spans (3.6 to 3.9).
        for (key, value) in &mut self.trace_metadata {
            if !OWN_METADATA.contains(&&**key) {
                "\"withheld\"".clone_into(value);
            }
        }
    }

    /// Gives the trace another id, and remembers the one that its spans have.
    pub(crate) fn continue_as(&mut self, id: TraceId) {
        let of_spans = std::mem::replace(&mut self.trace_id, id.to_string());
        self.tags.insert(CONTINUES_TAG.into(), of_spans);
    }

    /// Takes the name of `other`.
    pub(crate) fn rename_as(&mut self, other: &TraceInfo) {
        if let Some(name) = other.tags.get(TraceInfo::NAME_TAG) {
            self.tags.insert(TraceInfo::NAME_TAG.into(), name.clone());
        }
    }

    pub(crate) fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// Begin and end, in milliseconds since 1970.
    pub(crate) fn milliseconds(&self) -> (u64, u64) {
        (self.started / 1_000_000, self.ended / 1_000_000)
    }

    /// Moves the begin to that of `earlier`, a trace in progress that this one continues.
    pub(crate) fn begin_with(&mut self, earlier: &TraceInfo) {
        if earlier.started < self.started && !self.is_finished() {
            self.started = earlier.started;
            self.request_time.clone_from(&earlier.request_time);
        }
    }

    /// What MLflow 2 calls the status.
    pub(crate) fn status(&self) -> &'static str {
        match self.state {
            State::Ok => "OK",
            State::Error => "ERROR",
            State::InProgress => "IN_PROGRESS",
        }
    }

    pub(crate) fn metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        self.trace_metadata
            .iter()
            .map(|(key, value)| (&**key, value.as_str()))
    }

    pub(crate) fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags
            .iter()
            .map(|(key, value)| (&**key, value.as_str()))
    }

    /// What a list of traces shows of request and response.
    pub(crate) fn previews(&self) -> (Option<&str>, Option<&str>) {
        (
            self.request_preview.as_deref(),
            self.response_preview.as_deref(),
        )
    }

    /// Places the trace in an experiment.
    pub(crate) fn set_experiment(&mut self, id: &str) {
        id.clone_into(&mut self.trace_location.mlflow_experiment.experiment_id);
    }
}

fn attribute<'span>(span: &'span Span, key: &str) -> Option<&'span AnyValue> {
    let attribute = span
        .attributes
        .iter()
        .find(|attribute| attribute.key == key)?;
    attribute.value.as_ref()
}

fn has_failed(span: &Span) -> bool {
    let status = span.status.as_ref();
    status.is_some_and(|status| status.code == i32::from(StatusCode::Error))
}
