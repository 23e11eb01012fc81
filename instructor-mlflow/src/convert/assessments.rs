//! What the checks of a call found, as assessments of its trace.
//!
//! An assessment says how a rule ended, not what every attempt did: a rule that the second attempt kept is kept, and its
//! metadata names the attempts that broke it. So shares and trends of the values mean something, and a name stands for a rule
//! and not for a place in one answer: `items[].title.length`.

mod checked;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use instructor_core::ErrorCode;
use sha2::{Digest, Sha256};

use super::withheld::Names;
use crate::api::{AssessmentError, AssessmentSource, NewAssessment, NewValue};
use crate::preview::shorten;
use crate::record::Record;
use crate::span::SpanId;
use checked::{Check, Checked, Judgement};

/// The name of the assessment of the whole answer.
const VALID: &str = "valid";

/// How many rules of one call are told of. An answer can break rules at many places that have names of their own.
const MAX_RULES: usize = 50;

/// The longest rationale, in characters.
const RATIONALE_CHARACTERS: usize = 2000;

/// The assessments of the call in the record, if there is one that was checked; with what they quote of the answer, if they
/// are to quote.
pub(crate) fn assessments(record: &Record<'_>, quoting: bool) -> Vec<NewAssessment> {
    let Some(call) = Checked::in_record(record) else {
        return Vec::new();
    };
    let mut outcomes = vec![call.answer()];
    outcomes.extend(call.verdicts().into_iter().take(MAX_RULES));
    outcomes.extend(call.rules().into_iter().take(MAX_RULES));
    let time = humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_nanos(call.ended));
    let time = time.to_string();
    outcomes
        .into_iter()
        .map(|mut outcome| {
            if !quoting {
                outcome.be_silent();
            }
            outcome.into_assessment(record, call.id, &time)
        })
        .collect()
}

/// What came of one rule.
struct Outcome {
    name: String,
    /// Whether it holds, or why nobody knows.
    value: Result<bool, AssessmentError>,
    source: AssessmentSource,
    span: SpanId,
    rationale: Option<String>,
    /// The attempt that decided.
    attempt: u32,
    failed_attempts: BTreeSet<u32>,
    metadata: BTreeMap<String, String>,
}

impl Outcome {
    /// Takes out whatever may quote the answer or the context of the call.
    fn be_silent(&mut self) {
        self.rationale = None;
        self.metadata.remove("statement");
        self.metadata.remove("path");
        if let Err(error) = &mut self.value {
            error.message = None;
        }
    }

    fn into_assessment(mut self, record: &Record<'_>, call: SpanId, time: &str) -> NewAssessment {
        let mut metadata = std::mem::take(&mut self.metadata);
        metadata.insert("attempt".into(), self.attempt.to_string());
        if !self.failed_attempts.is_empty() {
            let failed: Vec<String> = self.failed_attempts.iter().map(u32::to_string).collect();
            metadata.insert("failed_attempts".into(), failed.join(","));
        }
        let (value, error) = match self.value {
            Ok(value) => (value.into(), None),
            Err(error) => (serde_json::Value::Null, Some(error)),
        };
        NewAssessment {
            assessment_id: Some(id(record, call, &self.name)),
            assessment_name: self.name,
            trace_id: record.trace_id.to_string(),
            span_id: Some(format!("{:?}", self.span)),
            source: self.source,
            create_time: time.to_owned(),
            last_update_time: time.to_owned(),
            value: NewValue::Feedback { value, error },
            rationale: self
                .rationale
                .map(|text| shorten(&text, RATIONALE_CHARACTERS).into_owned()),
            metadata,
            overrides: None,
            valid: true,
        }
    }
}

/// The same for the same rule of the same call, whichever version of a program sends it, so that the server knows again what is
/// sent twice.
fn id(record: &Record<'_>, call: SpanId, name: &str) -> String {
    let hash = Sha256::new()
        .chain_update(record.trace_id.to_bytes())
        .chain_update(call.to_bytes())
        .chain_update(name)
        .finalize();
    let mut id = String::from("a-");
    for byte in hash.iter().take(16) {
        let _ = write!(id, "{byte:02x}");
    }
    id
}

impl<'a> Checked<'a> {
    /// The path without the keys of maps, which the model has written.
    fn path(&self, path: &str) -> String {
        let names = self.request.map(|request| {
            let names = || Names::of(self.record, [request]);
            self.names.get_or_init(names)
        });
        names.map_or_else(|| path.to_owned(), |names| names.path(path))
    }

    fn source(&self) -> AssessmentSource {
        AssessmentSource::code(self.request.map_or("", |request| &*request.response_model))
    }

    fn last(&self) -> Option<&Check<'a>> {
        self.checks.last()
    }

    /// Whether the call got an answer that is right.
    fn answer(&self) -> Outcome {
        let failed = self.checks.iter().filter(|check| !check.errors.is_empty());
        let last = self.last();
        let failure = last.and_then(|check| check.failure.clone());
        Outcome {
            name: VALID.to_owned(),
            value: match failure {
                Some(failure) => Err(failure),
                None => Ok(last.is_some_and(|check| check.is_accepted)),
            },
            source: self.source(),
            span: last.map_or(self.id, |check| check.span),
            rationale: failed
                .clone()
                .next_back()
                .and_then(|check| check.text.clone()),
            attempt: last.map_or(0, |check| check.attempt),
            failed_attempts: failed.map(|check| check.attempt).collect(),
            metadata: BTreeMap::new(),
        }
    }

    /// What became of the rules of code that were broken, by their names. Those that were never broken leave no trace.
    fn rules(&self) -> Vec<Outcome> {
        let mut rules: BTreeMap<String, Outcome> = BTreeMap::new();
        for check in &self.checks {
            let mut broken: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for error in &check.errors {
                if !error.is_judged() {
                    let name = rule_name(&self.path(&error.path), &error.code);
                    let told = format!("{}: {}", error.path, error.message);
                    broken.entry(name).or_default().push(told);
                }
            }
            for (name, told) in broken {
                let rule = rules.entry(name.clone()).or_insert_with(|| Outcome {
                    name,
                    value: Ok(false),
                    source: self.source(),
                    span: check.span,
                    rationale: None,
                    attempt: check.attempt,
                    failed_attempts: BTreeSet::new(),
                    metadata: BTreeMap::new(),
                });
                rule.rationale = Some(told.join("\n"));
                rule.span = check.span;
                rule.failed_attempts.insert(check.attempt);
            }
        }
        let last = self.last().map_or(0, |check| check.attempt);
        rules
            .into_values()
            .map(|mut rule| {
                rule.attempt = last;
                rule.value = Ok(!rule.failed_attempts.contains(&last));
                rule
            })
            .collect()
    }

    /// What the judges said in the end, by rules.
    fn verdicts(&self) -> Vec<Outcome> {
        let mut by_rule: BTreeMap<(String, &str), Vec<&Judgement<'a>>> = BTreeMap::new();
        for judgement in &self.judgements {
            let rule = (generalized(&self.path(judgement.path)), judgement.statement);
            by_rule.entry(rule).or_default().push(judgement);
        }
        let mut rules: Vec<(String, Vec<&Judgement<'a>>)> = by_rule
            .into_iter()
            .map(|((path, statement), judgements)| {
                let kind = match statement {
                    "moderation" => ErrorCode::Moderation,
                    _ => ErrorCode::Llm,
                };
                (rule_name(&path, kind.as_str()), judgements)
            })
            .collect();
        // Several rules of one value are told apart by their order.
        rules.sort_by_key(|(_, judgements)| {
            judgements.iter().map(|judgement| judgement.started).min()
        });
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        rules
            .into_iter()
            .filter_map(|(name, judgements)| {
                let count = seen.entry(name.clone()).or_default();
                *count += 1;
                let name = match *count {
                    1 => name,
                    number => format!("{name}.{number}"),
                };
                self.verdict(name, &judgements)
            })
            .collect()
    }

    fn verdict(&self, name: String, judgements: &[&Judgement<'a>]) -> Option<Outcome> {
        let last_check = self.last()?;
        let attempt = judgements.iter().map(|judgement| judgement.attempt).max()?;
        let latest = || judgements.iter().filter(|one| one.attempt == attempt);
        // A verdict that is known already is not asked for again, but its error is there.
        let broken_in_the_end = last_check
            .errors
            .iter()
            .find(|error| error.is_judged() && judgements.iter().any(|one| one.path == error.path));
        let against = latest().find(|one| one.is_against());
        let deciding = against.or_else(|| latest().next_back())?;
        let (value, decided, rationale) = if let Some(error) = broken_in_the_end {
            (
                Ok(false),
                last_check.attempt,
                Some(error.message.to_string()),
            )
        } else if attempt < last_check.attempt && last_check.is_accepted {
            (Ok(true), last_check.attempt, None)
        } else {
            let decided = latest().find_map(|one| one.verdict.as_ref().ok());
            let value = match (against, decided, &deciding.verdict) {
                (Some(_), ..) => Ok(false),
                (None, Some(_), _) | (None, None, Ok(_)) => Ok(true),
                (None, None, Err(error)) => Err(error.clone()),
            };
            (value, attempt, deciding.reason())
        };
        let mut metadata = BTreeMap::from([
            ("statement".to_owned(), deciding.statement.to_owned()),
            ("path".to_owned(), deciding.path.to_owned()),
        ]);
        if value == Ok(false) && decided == last_check.attempt && last_check.is_accepted {
            // The judge's own value was taken.
            metadata.insert("replaced".into(), "true".into());
        }
        Some(Outcome {
            name,
            value,
            source: AssessmentSource::llm_judge(deciding.model),
            span: deciding.span,
            rationale,
            attempt: decided,
            failed_attempts: judgements
                .iter()
                .filter(|one| one.is_against())
                .map(|one| one.attempt)
                .collect(),
            metadata,
        })
    }
}

/// `subject.length`; for the whole answer the kind alone.
fn rule_name(path: &str, kind: &str) -> String {
    match generalized(path).as_str() {
        "$" | "" => kind.to_owned(),
        path => format!("{path}.{kind}"),
    }
}

/// The path without the numbers of items: `items[].title`.
fn generalized(path: &str) -> String {
    let mut pieces = path.split('[');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push('[');
        match piece.split_once(']') {
            Some((number, rest)) if number.bytes().all(|digit| digit.is_ascii_digit()) => {
                text.push(']');
                text.push_str(rest);
            }
            _ => text.push_str(piece),
        }
    }
    text
}

#[cfg(test)]
mod tests;
