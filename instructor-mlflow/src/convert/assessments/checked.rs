//! What the spans of a call tell about its checks.

use std::cell::OnceCell;

use instructor_core::trace::{CREATE, LLM_VALIDATE, VALIDATE};
use serde::Deserialize;

use crate::api::AssessmentError;
use crate::convert::withheld::Names;
use crate::record::{Call, Failure, Fault, Record, Request, Span};
use crate::span::SpanId;

/// A call that was checked at least once.
pub(super) struct Checked<'a> {
    pub(super) id: SpanId,
    pub(super) ended: u64,
    /// What was asked first.
    pub(super) request: Option<&'a Request<'a>>,
    pub(super) record: &'a Record<'a>,
    /// The names of its response model, read when they are needed.
    pub(super) names: OnceCell<Names>,
    /// By their attempts.
    pub(super) checks: Vec<Check<'a>>,
    pub(super) judgements: Vec<Judgement<'a>>,
}

/// One `validate`.
pub(super) struct Check<'a> {
    pub(super) span: SpanId,
    pub(super) attempt: u32,
    /// Accepted if there are none and nothing else failed.
    pub(super) errors: Vec<&'a Fault<'a>>,
    pub(super) text: Option<String>,
    pub(super) is_accepted: bool,
    /// Why nobody knows whether the answer is right: a judge failed.
    pub(super) failure: Option<AssessmentError>,
}

/// One `llm_validate`.
pub(super) struct Judgement<'a> {
    pub(super) span: SpanId,
    pub(super) started: u64,
    pub(super) attempt: u32,
    pub(super) path: &'a str,
    pub(super) statement: &'a str,
    pub(super) model: &'a str,
    pub(super) verdict: Result<Verdict, AssessmentError>,
}

#[derive(Deserialize)]
pub(super) struct Verdict {
    pub(super) is_valid: bool,
    pub(super) reason: Option<String>,
}

impl<'a> Checked<'a> {
    pub(super) fn in_record(record: &'a Record<'a>) -> Option<Checked<'a>> {
        // Whatever else is in the record of a call is below it.
        let call = record.spans.last()?;
        let create = call.call(CREATE)?;
        let checks: Vec<Check<'a>> = record
            .spans
            .iter()
            .filter(|span| span.parent == Some(call.id))
            .filter_map(|span| Check::of(span, span.call(VALIDATE)?))
            .collect();
        if checks.is_empty() {
            return None;
        }
        let judgements = record
            .spans
            .iter()
            .filter_map(|span| {
                let check = checks
                    .iter()
                    .find(|check| span.parent == Some(check.span))?;
                Judgement::of(span, span.call(LLM_VALIDATE)?, check.attempt)
            })
            .collect();
        Some(Checked {
            id: call.id,
            ended: call.ended,
            request: create.request.as_ref(),
            record,
            names: OnceCell::new(),
            checks,
            judgements,
        })
    }
}

impl<'a> Check<'a> {
    pub(super) fn of(span: &Span<'_>, call: &'a Call<'a>) -> Option<Check<'a>> {
        let errors: Vec<&Fault<'_>> = call.errors.iter().flat_map(|errors| &errors.list).collect();
        let is_accepted = call.output.is_some();
        let failure = call.failure.as_ref();
        // Without any of these, the call was dropped while it was checked.
        if errors.is_empty() && !is_accepted && failure.is_none() {
            return None;
        }
        Some(Check {
            span: span.id,
            attempt: call.attempt.unwrap_or(1),
            text: call.errors.as_ref().map(ToString::to_string),
            errors,
            is_accepted,
            failure: failure.map(error),
        })
    }
}

impl<'a> Judgement<'a> {
    pub(super) fn of(span: &Span<'_>, call: &'a Call<'a>, attempt: u32) -> Option<Judgement<'a>> {
        let validator = call.validator.as_ref()?;
        let verdict = match (&call.output, &call.failure) {
            (Some(output), _) => Ok(serde_json::from_str(output).ok()?),
            (None, Some(failure)) => Err(error(failure)),
            (None, None) => return None,
        };
        let model = call.request.as_ref().map(|request| &*request.model);
        Some(Judgement {
            span: span.id,
            started: span.started,
            attempt,
            path: &validator.path,
            statement: &validator.statement,
            model: model.or(call.answered_by.as_deref()).unwrap_or_default(),
            verdict,
        })
    }

    pub(super) fn is_against(&self) -> bool {
        matches!(&self.verdict, Ok(verdict) if !verdict.is_valid)
    }

    pub(super) fn reason(&self) -> Option<String> {
        self.verdict.as_ref().ok()?.reason.clone()
    }
}

fn error(failure: &Failure<'_>) -> AssessmentError {
    AssessmentError::new(&failure.kind, &failure.message)
}
