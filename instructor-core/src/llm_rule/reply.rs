//! What came of a question, for each value that it is about.

use std::time::Duration;

use serde_json::Value;

use super::panel::Brief;
use super::question::Verdict;
use crate::attempt::{Attempt, ValidatorCall};
use crate::error::Error;
use crate::inspect::LlmTarget;
use crate::schema::{Criterion, LlmRule, OnError};
use crate::trace::Failure;
use crate::validate::{ErrorCode, ValidationError};

/// What was found about one value.
pub(crate) enum Finding {
    /// The rule holds, or need not.
    Holds,
    /// It does not.
    Broken(ValidationError),
    /// It does not, and there is a value to put in place of the one that was judged.
    Replaceable {
        error: ValidationError,
        /// The place of the value, as a JSON pointer.
        pointer: String,
        replacement: Value,
    },
    /// There is no verdict.
    Failed(Box<Error>),
}

/// What came of a question.
pub(super) struct Reply {
    verdict: Option<Verdict>,
    /// Why there is no verdict. It ends the call, so it is needed once.
    error: Option<Box<Error>>,
    failure: Option<Failure>,
    attempts: Vec<Attempt>,
    latency: Duration,
    /// Nothing was sent for the next value.
    is_known: bool,
}

impl Reply {
    pub(super) fn new(
        outcome: Result<Verdict, Error>,
        attempts: Vec<Attempt>,
        latency: Duration,
    ) -> Self {
        let (verdict, error) = match outcome {
            Ok(verdict) => (Some(verdict), None),
            Err(error) => (None, Some(Box::new(error))),
        };
        Reply {
            verdict,
            failure: error.as_deref().map(Failure::from),
            error,
            attempts,
            latency,
            is_known: false,
        }
    }

    /// The verdict on an equal question.
    pub(super) fn known(verdict: Verdict) -> Self {
        Reply {
            is_known: true,
            ..Reply::new(Ok(verdict), Vec::new(), Duration::ZERO)
        }
    }

    /// The entry of the ledger for `target`. The first one has the attempts: each is paid for once.
    pub(super) fn call(&mut self, target: &LlmTarget, brief: &Brief) -> ValidatorCall {
        let verdict = self.verdict.as_ref();
        ValidatorCall {
            path: target.path.clone(),
            code: code(target.rule),
            statement: brief.statement(),
            model: brief.model(),
            is_valid: verdict.map(|verdict| verdict.is_valid),
            reason: verdict
                .filter(|verdict| !verdict.is_valid)
                .and_then(|verdict| verdict.reason.clone()),
            replaced_by: None,
            is_cached: std::mem::replace(&mut self.is_known, true),
            failure: self.failure.clone(),
            attempts: std::mem::take(&mut self.attempts),
            latency: std::mem::take(&mut self.latency),
        }
    }

    /// What it says about `target`. After the first [`Finding::Failed`] the call is over, whatever the others are.
    pub(super) fn finding(&mut self, target: LlmTarget) -> Finding {
        let verdict = match &self.verdict {
            Some(verdict) if verdict.is_valid => return Finding::Holds,
            Some(verdict) => verdict,
            None if target.rule.on_error == OnError::Accept => return Finding::Holds,
            None => return self.error.take().map_or(Finding::Holds, Finding::Failed),
        };
        let reason = verdict.reason.clone().unwrap_or_default();
        let error =
            ValidationError::at(target.path, code(target.rule), reason).with_input(&target.value);
        let fixed = verdict.fixed_value.clone();
        match fixed.filter(|_| target.rule.allow_override) {
            None => Finding::Broken(error),
            Some(fixed) => Finding::Replaceable {
                error,
                pointer: target.pointer,
                replacement: replacement(fixed, &target.value),
            },
        }
    }
}

fn code(rule: &LlmRule) -> ErrorCode {
    match rule.criterion {
        Criterion::Moderation => ErrorCode::Moderation,
        Criterion::Statement(_) | Criterion::Template(_) => ErrorCode::Llm,
    }
}

/// The suggested text as a value of the same JSON type as the one it replaces.
fn replacement(fixed: String, current: &Value) -> Value {
    if current.is_string() {
        return Value::String(fixed);
    }
    serde_json::from_str(&fixed).unwrap_or(Value::String(fixed))
}
