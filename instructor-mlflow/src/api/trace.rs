//! Traces as they are read back.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer};

use super::assessment::Assessment;
use super::trace_span::TraceSpan;

/// A trace as the server keeps it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Trace {
    /// What is known of the whole.
    #[serde(rename = "trace_info")]
    pub info: TraceInfo,
    /// Its spans, in no promised order.
    #[serde(default)]
    pub spans: Vec<TraceSpan>,
}

impl Trace {
    /// The span without a parent, if it has arrived.
    pub fn root(&self) -> Option<&TraceSpan> {
        self.spans.iter().find(|span| span.parent_id.is_none())
    }
}

/// What is known of a whole trace: what [`search_traces`](crate::search_traces) finds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TraceInfo {
    /// The id: `tr-` and 32 hexadecimal digits.
    pub trace_id: String,
    /// The id that the client gave it.
    pub client_request_id: Option<String>,
    /// The experiment it belongs to.
    pub experiment_id: Option<String>,
    /// How it ended.
    pub state: TraceStatus,
    /// When it began, to the millisecond.
    pub request_time: Option<SystemTime>,
    /// How long it took, to the millisecond; `None` while it runs.
    pub execution_duration: Option<Duration>,
    /// The beginning of what was asked.
    pub request_preview: Option<String>,
    /// The beginning of what was answered.
    pub response_preview: Option<String>,
    /// What does not change.
    pub metadata: BTreeMap<String, String>,
    /// What may change: see [`set_trace_tag`](crate::set_trace_tag).
    pub tags: BTreeMap<String, String>,
    /// What was said about it.
    pub assessments: Vec<Assessment>,
}

impl TraceInfo {
    /// The name of the trace: that of its root.
    pub fn name(&self) -> Option<&str> {
        self.tags.get("mlflow.traceName").map(String::as_str)
    }

    /// The session that it belongs to.
    pub fn session(&self) -> Option<&str> {
        self.metadata
            .get("mlflow.trace.session")
            .map(String::as_str)
    }

    /// The assessments called `name` that hold.
    pub fn assessments_of(&self, name: &str) -> impl Iterator<Item = &Assessment> {
        self.assessments
            .iter()
            .filter(move |assessment| assessment.name == name && assessment.is_valid)
    }
}

/// How a trace ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum TraceStatus {
    /// It did what it should.
    Ok,
    /// It failed.
    Error,
    /// Its root has not arrived.
    InProgress,
    /// Nothing is said.
    #[serde(other, rename = "STATE_UNSPECIFIED")]
    Unspecified,
}

impl<'de> Deserialize<'de> for TraceInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read {
            trace_id,
            client_request_id,
            trace_location,
            state,
            request_time,
            execution_duration,
            request_preview,
            response_preview,
            trace_metadata,
            tags,
            assessments,
        } = Read::deserialize(deserializer)?;
        Ok(TraceInfo {
            trace_id,
            client_request_id,
            experiment_id: trace_location
                .and_then(|location| location.mlflow_experiment)
                .map(|experiment| experiment.experiment_id),
            state: state.unwrap_or(TraceStatus::Unspecified),
            request_time: time(request_time.as_deref()),
            execution_duration: execution_duration.as_deref().and_then(duration),
            request_preview,
            response_preview,
            metadata: trace_metadata,
            tags,
            assessments,
        })
    }
}

/// The same as MLflow writes it.
#[derive(Deserialize)]
struct Read {
    trace_id: String,
    client_request_id: Option<String>,
    trace_location: Option<ReadLocation>,
    state: Option<TraceStatus>,
    request_time: Option<String>,
    execution_duration: Option<String>,
    request_preview: Option<String>,
    response_preview: Option<String>,
    #[serde(default)]
    trace_metadata: BTreeMap<String, String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    assessments: Vec<Assessment>,
}

#[derive(Deserialize)]
struct ReadLocation {
    mlflow_experiment: Option<ReadExperiment>,
}

#[derive(Deserialize)]
struct ReadExperiment {
    experiment_id: String,
}

/// RFC 3339.
pub(super) fn time(text: Option<&str>) -> Option<SystemTime> {
    humantime::parse_rfc3339(text?).ok()
}

/// Seconds with a fraction and an `s`.
fn duration(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    // To the millisecond, which is as much as the server keeps.
    let milliseconds = (seconds * 1000.0).round();
    (0.0..=u64::MAX as f64)
        .contains(&milliseconds)
        .then(|| Duration::from_millis(milliseconds as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_to_the_millisecond() {
        assert_eq!(duration("0.879s"), Some(Duration::from_millis(879)));
        assert_eq!(duration("12s"), Some(Duration::from_secs(12)));
        assert_eq!(duration("-1s"), None);
        assert_eq!(duration("soon"), None);
    }

    #[test]
    fn what_a_later_server_adds_does_not_stop_the_reading() {
        let info: TraceInfo = serde_json::from_str(
            r#"{"trace_id": "tr-1", "state": "PAUSED", "mood": "good", "assessments": [
                {"assessment_name": "a", "guess": {"value": 1}, "source": {"source_type": "ORACLE"}}]}"#,
        )
        .expect("it is read");
        assert_eq!(info.state, TraceStatus::Unspecified);
        let assessment = info.assessments.first().expect("one");
        assert_eq!(assessment.kind, crate::AssessmentKind::Other);
        assert_eq!(assessment.source.kind, crate::SourceKind::Unspecified);
    }
}
