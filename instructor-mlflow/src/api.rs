//! What users ask of the tracking server themselves: traces, tags, feedback.
//!
//! Everything is a method of [`Tracking`], which knows a server; the functions of this crate of the same names ask the one
//! that traces go to.

mod assessment;
mod error;
mod feedback;
mod request;
mod search;
mod trace;
mod trace_span;
mod tracking;
mod update;

use std::fmt::Display;

pub use assessment::{Assessment, AssessmentError, AssessmentKind, AssessmentSource, SourceKind};
pub(crate) use assessment::{NewAssessment, NewValue};
pub use error::TrackingError;
pub use feedback::{LogExpectation, LogFeedback};
pub(crate) use request::{Call, segment};
pub use search::{SearchTraces, TracePage};
pub use trace::{Trace, TraceInfo, TraceStatus};
pub use trace_span::{SpanStatus, TraceSpan, TraceSpanEvent};
pub use tracking::Tracking;
pub use update::UpdateAssessment;

/// Sets a tag of a trace; the value it has is replaced. See [`Tracking::set_trace_tag`].
///
/// ```no_run
/// # async fn example(trace_id: &str) -> Result<(), instructor_mlflow::TrackingError> {
/// instructor_mlflow::set_trace_tag(trace_id, "reviewed", "yes").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// See [`TrackingError`].
pub async fn set_trace_tag(
    trace_id: impl Display,
    key: &str,
    value: &str,
) -> Result<(), TrackingError> {
    Tracking::current()?
        .set_trace_tag(trace_id, key, value)
        .await
}

/// Takes a tag off a trace. See [`Tracking::delete_trace_tag`].
///
/// # Errors
///
/// See [`TrackingError`].
pub async fn delete_trace_tag(trace_id: impl Display, key: &str) -> Result<(), TrackingError> {
    Tracking::current()?.delete_trace_tag(trace_id, key).await
}

/// A trace with its spans. See [`Tracking::get_trace`].
///
/// ```no_run
/// # async fn example(trace_id: &str) -> Result<(), instructor_mlflow::TrackingError> {
/// let trace = instructor_mlflow::get_trace(trace_id).await?;
/// for span in &trace.spans {
///     println!("{} {:?}", span.name, span.status);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// See [`TrackingError`].
pub async fn get_trace(trace_id: impl Display) -> Result<Trace, TrackingError> {
    Tracking::current()?.get_trace(trace_id).await
}

/// Looks for traces. See [`Tracking::search_traces`].
///
/// ```no_run
/// # async fn example() -> Result<(), instructor_mlflow::TrackingError> {
/// let failed = instructor_mlflow::search_traces()
///     .experiment("emails")
///     .filter("trace.status = 'ERROR'")
///     .await?;
/// println!("{} of them", failed.traces.len());
/// # Ok(())
/// # }
/// ```
pub fn search_traces() -> SearchTraces {
    SearchTraces::new(None)
}

/// Says how good something in a trace is. See [`Tracking::log_feedback`].
///
/// ```no_run
/// use instructor_mlflow::{AssessmentSource, log_feedback};
///
/// # async fn example(trace_id: &str) -> Result<(), instructor_mlflow::TrackingError> {
/// log_feedback(trace_id, "helpful")
///     .value(true)
///     .source(AssessmentSource::human("ann@example.com"))
///     .rationale("It answers the question.")
///     .await?;
/// # Ok(())
/// # }
/// ```
pub fn log_feedback(trace_id: impl Display, name: impl Into<String>) -> LogFeedback {
    LogFeedback::new(None, trace_id.to_string(), name.into())
}

/// Says what the right answer would have been. See [`Tracking::log_expectation`].
///
/// ```no_run
/// # async fn example(trace_id: &str) -> Result<(), instructor_mlflow::TrackingError> {
/// instructor_mlflow::log_expectation(trace_id, "subject", "Q3 launch approved").await?;
/// # Ok(())
/// # }
/// ```
pub fn log_expectation(
    trace_id: impl Display,
    name: impl Into<String>,
    value: impl serde::Serialize,
) -> LogExpectation {
    LogExpectation::new(None, trace_id.to_string(), name.into(), &value)
}

/// Puts a feedback in the place of another, which is kept as no longer valid. See [`Tracking::override_feedback`].
pub fn override_feedback(trace_id: impl Display, assessment_id: impl Into<String>) -> LogFeedback {
    LogFeedback::replacing(None, trace_id.to_string(), assessment_id.into())
}

/// Changes an assessment. See [`Tracking::update_assessment`].
pub fn update_assessment(
    trace_id: impl Display,
    assessment_id: impl Into<String>,
) -> UpdateAssessment {
    UpdateAssessment::new(None, trace_id.to_string(), assessment_id.into())
}

/// One assessment of a trace. See [`Tracking::get_assessment`].
///
/// # Errors
///
/// See [`TrackingError`].
pub async fn get_assessment(
    trace_id: impl Display,
    assessment_id: &str,
) -> Result<Assessment, TrackingError> {
    Tracking::current()?
        .get_assessment(trace_id, assessment_id)
        .await
}

/// Deletes an assessment. See [`Tracking::delete_assessment`].
///
/// # Errors
///
/// See [`TrackingError`].
pub async fn delete_assessment(
    trace_id: impl Display,
    assessment_id: &str,
) -> Result<(), TrackingError> {
    Tracking::current()?
        .delete_assessment(trace_id, assessment_id)
        .await
}
