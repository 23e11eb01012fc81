//! Assessments: what somebody says about a trace or one of its spans.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::trace::time;

/// What somebody says about a trace, or about one of its spans.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Assessment {
    /// The id, for example `a-00000000000000000000000000000001`.
    pub id: String,
    /// What it is about, for example `helpful`.
    pub name: String,
    /// The trace.
    pub trace_id: String,
    /// The span, if it is about one; as in [`TraceSpan::id`](crate::TraceSpan::id).
    pub span_id: Option<String>,
    /// Feedback, expectation, or something else.
    pub kind: AssessmentKind,
    /// The value; `null` if there is none. Whole numbers inside of lists and objects come back with a fraction (`1.0`).
    pub value: Value,
    /// Why there is no value.
    pub error: Option<AssessmentError>,
    /// Who says it.
    pub source: AssessmentSource,
    /// Why.
    pub rationale: Option<String>,
    /// What else is known.
    pub metadata: BTreeMap<String, String>,
    /// When it was made.
    pub created: Option<SystemTime>,
    /// When it was changed.
    pub updated: Option<SystemTime>,
    /// The id of the assessment in whose place it stands.
    pub overrides: Option<String>,
    /// Whether it holds: no other one stands in its place.
    pub is_valid: bool,
}

/// What kind of [`Assessment`] it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AssessmentKind {
    /// How good something is.
    Feedback,
    /// What it should have been.
    Expectation,
    /// A kind that this version does not know.
    Other,
}

/// Why an assessment has no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssessmentError {
    /// A stable name, for example `RATE_LIMIT_EXCEEDED`.
    #[serde(rename = "error_code")]
    pub code: String,
    /// What happened.
    #[serde(
        rename = "error_message",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub message: Option<String>,
}

impl AssessmentError {
    /// An error of this name.
    pub(crate) fn new(code: &str, message: &str) -> Self {
        AssessmentError {
            code: code.to_owned(),
            message: Some(message.to_owned()),
        }
    }
}

/// Who says an [`Assessment`].
///
/// ```
/// use instructor_mlflow::{AssessmentSource, SourceKind};
///
/// let ann = AssessmentSource::human("ann@example.com");
/// assert_eq!(ann.kind, SourceKind::Human);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssessmentSource {
    /// A person, a model or a program.
    #[serde(rename = "source_type")]
    pub kind: SourceKind,
    /// Which one.
    #[serde(rename = "source_id", default)]
    pub id: String,
}

/// What kind of source it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum SourceKind {
    /// A person.
    Human,
    /// A language model.
    LlmJudge,
    /// A program.
    Code,
    /// A kind that this version does not know.
    #[serde(other, rename = "SOURCE_TYPE_UNSPECIFIED")]
    Unspecified,
}

impl AssessmentSource {
    /// A person, for example by their address.
    pub fn human(id: impl Into<String>) -> Self {
        Self::new(SourceKind::Human, id)
    }

    /// A language model, by its name.
    pub fn llm_judge(model: impl Into<String>) -> Self {
        Self::new(SourceKind::LlmJudge, model)
    }

    /// A program or a rule, by a name.
    pub fn code(id: impl Into<String>) -> Self {
        Self::new(SourceKind::Code, id)
    }

    /// A source of this kind.
    pub fn new(kind: SourceKind, id: impl Into<String>) -> Self {
        AssessmentSource {
            kind,
            id: id.into(),
        }
    }
}

/// An assessment as it is sent. `null` is left out where MLflow takes it for a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NewAssessment {
    /// Named by us where it may be sent twice: the server knows it again then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assessment_id: Option<String>,
    pub(crate) assessment_name: String,
    pub(crate) trace_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) span_id: Option<String>,
    pub(crate) source: AssessmentSource,
    /// RFC 3339.
    pub(crate) create_time: String,
    pub(crate) last_update_time: String,
    #[serde(flatten)]
    pub(crate) value: NewValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rationale: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overrides: Option<String>,
    pub(crate) valid: bool,
}

/// The value of an assessment, as it is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NewValue {
    Feedback {
        value: Value,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<AssessmentError>,
    },
    Expectation(NewExpectation),
}

/// Only scalars travel as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewExpectation {
    Value(Value),
    SerializedValue {
        serialization_format: Cow<'static, str>,
        value: String,
    },
}

impl NewValue {
    pub(crate) fn expectation(value: Value) -> Self {
        NewValue::Expectation(match value {
            Value::Null | Value::Array(_) | Value::Object(_) => NewExpectation::SerializedValue {
                serialization_format: "JSON_FORMAT".into(),
                value: value.to_string(),
            },
            scalar => NewExpectation::Value(scalar),
        })
    }
}

impl<'de> Deserialize<'de> for Assessment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read {
            assessment_id,
            assessment_name,
            trace_id,
            span_id,
            source,
            create_time,
            last_update_time,
            feedback,
            expectation,
            rationale,
            metadata,
            overrides,
            valid,
        } = Read::deserialize(deserializer)?;
        let (kind, value, error) = match (feedback, expectation) {
            (Some(feedback), _) => (AssessmentKind::Feedback, feedback.value, feedback.error),
            (None, Some(expectation)) => {
                (AssessmentKind::Expectation, expectation.into_value(), None)
            }
            (None, None) => (AssessmentKind::Other, Value::Null, None),
        };
        let present = |text: String| (!text.is_empty()).then_some(text);
        Ok(Assessment {
            id: assessment_id,
            name: assessment_name,
            trace_id,
            span_id: span_id.and_then(present),
            kind,
            value,
            error,
            source: source
                .unwrap_or_else(|| AssessmentSource::new(SourceKind::Unspecified, String::new())),
            rationale: rationale.and_then(present),
            metadata,
            created: time(create_time.as_deref()),
            updated: time(last_update_time.as_deref()),
            overrides: overrides.and_then(present),
            is_valid: valid.unwrap_or(true),
        })
    }
}

/// The same as MLflow writes it.
#[derive(Deserialize)]
struct Read {
    #[serde(default)]
    assessment_id: String,
    #[serde(default)]
    assessment_name: String,
    #[serde(default)]
    trace_id: String,
    span_id: Option<String>,
    source: Option<AssessmentSource>,
    create_time: Option<String>,
    last_update_time: Option<String>,
    feedback: Option<ReadFeedback>,
    expectation: Option<ReadExpectation>,
    rationale: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    overrides: Option<String>,
    valid: Option<bool>,
}

#[derive(Deserialize)]
struct ReadFeedback {
    #[serde(default)]
    value: Value,
    error: Option<AssessmentError>,
}

#[derive(Deserialize)]
struct ReadExpectation {
    #[serde(default)]
    value: Value,
    serialized_value: Option<ReadText>,
}

#[derive(Deserialize)]
struct ReadText {
    #[serde(default)]
    value: String,
}

impl ReadExpectation {
    fn into_value(self) -> Value {
        match self.serialized_value {
            Some(text) => serde_json::from_str(&text.value).unwrap_or(Value::String(text.value)),
            None => self.value,
        }
    }
}
